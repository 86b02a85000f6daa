from datetime import date
from decimal import Decimal

from ocr.doctypes import load_doctype
from ocr.extract import extract_reading
from ocr.fields.classify import classify
from ocr.fields.hints import PastInvoice, hints
from ocr.fields.label_finder import LabelFinder
from ocr.fields.memory import MemoryStore, RememberingFinder, improved, learn, recognise
from ocr.fields.split import split
from ocr.values import Field, Missing
from tests.ocr.fields.layout import INVOICE, Row, reading_of

INVOICE_TYPE = load_doctype("invoice")


def odd(number: str, amount: str) -> list[Row]:
    """An invoice of a vendor that names its things in words of its own."""
    return [
        [(50, "Zorvex Trading Ltd.")],
        [(50, "12 Harbour Street")],
        [(50, "www.zorvex.com")],
        [],
        [(50, "Our token"), (250, number)],
        [(50, "Written on"), (250, "3 March 2024")],
        [(50, "You owe us"), (250, f"€ {amount}")],
    ]


def test_a_correction_helps_with_the_vendors_next_document() -> None:
    store = MemoryStore()
    first = extract_reading(reading_of(odd("ZX-100", "80.00")), INVOICE_TYPE)
    assert isinstance(first.fields["invoice_number"], Missing)
    answers = {"supplier_name": "Zorvex Trading Ltd.", "invoice_number": "ZX-100", "gross_total": "80.00"}
    knowledge = learn(first, answers, INVOICE_TYPE)
    assert knowledge is not None and knowledge.labels["invoice_number"] == ("Our token",)
    store.put(knowledge)

    finder = RememberingFinder(LabelFinder(), store)
    second = extract_reading(reading_of(odd("ZX-107", "95.50")), INVOICE_TYPE, finder=finder)
    found = {n: f.value for n, f in second.fields.items() if isinstance(f, Field)}
    assert (found["invoice_number"], found["gross_total"]) == ("ZX-107", Decimal("95.50"))
    assert found["supplier_name"] == "Zorvex Trading Ltd."

    store.remove(knowledge.key)
    assert recognise(reading_of(odd("ZX-107", "95.50")), store) is None


def test_memory_never_puts_a_word_on_another_vendors_page() -> None:
    store = MemoryStore()
    first = extract_reading(reading_of(odd("ZX-100", "80.00")), INVOICE_TYPE)
    knowledge = learn(first, {"supplier_name": "Zorvex Trading Ltd.", "iban": "DE88200800000970375700"}, INVOICE_TYPE)
    assert knowledge is not None
    store.put(knowledge)
    finder = RememberingFinder(LabelFinder(), store)
    again = extract_reading(reading_of(odd("ZX-101", "9.00")), INVOICE_TYPE, finder=finder)
    assert isinstance(again.fields["iban"], Missing), "the account is known but not printed"
    other = extract_reading(reading_of(INVOICE), INVOICE_TYPE, finder=finder)
    supplier = other.fields["supplier_name"]
    assert isinstance(supplier, Field) and supplier.value == "Muster Handel GmbH"


def test_corrected_examples_teach_a_doctype_its_words() -> None:
    examples = []
    for index in range(3):
        extraction = extract_reading(reading_of(odd(f"ZX-{index}00", "80.00")), INVOICE_TYPE)
        examples.append((extraction, {"invoice_number": f"ZX-{index}00"}))
    better = improved(INVOICE_TYPE, examples)
    assert "our token" in better.fields["invoice_number"].labels
    found = extract_reading(reading_of(odd("ZX-900", "80.00")), better).fields["invoice_number"]
    assert isinstance(found, Field) and found.value == "ZX-900"


def test_what_kind_of_document_it_is() -> None:
    assert classify(reading_of(INVOICE)).doctype == "invoice"
    korean = reading_of(
        [
            [(220, "전자세금계산서")],
            [(50, "등록번호"), (120, "220-81-62517"), (320, "등록번호")],
            [(50, "공급가액"), (200, "세액")],
        ]
    )
    assert classify(korean).doctype == "tax_invoice_kr"
    order = reading_of(
        [
            [(50, "PURCHASE ORDER")],
            [(50, "PO Number"), (200, "7712")],
            [(50, "Order date"), (200, "3 May 2024")],
            [(50, "Total"), (300, "€ 5.00")],
        ]
    )
    assert classify(order).doctype == "purchase_order"
    assert not classify(reading_of([[(50, "lorem ipsum")]])).known


def test_a_stack_is_parted_where_a_document_begins() -> None:
    second = [[(x, t.replace("R-2024-0815", "R-2024-0816")) for x, t in row] for row in INVOICE]
    stack = reading_of(INVOICE, [[(50, "Seite 2 von 2")]], second)
    parts = split(stack)
    assert [len(part.pages) for part in parts] == [2, 1]
    assert [page.number for page in parts[0].pages] == [1, 2] and parts[1].words[0].box.page == 1


def past(index: int, **changed: object) -> PastInvoice:
    base: dict[str, object] = {
        "id": f"bill-{index}",
        "supplier": "Zorvex Ltd.",
        "number": f"ZX-{index}",
        "issued": date(2024, 1, index),
        "gross": Decimal(100 + index),
        "iban": "DE88200800000970375700",
    }
    return PastInvoice(**{**base, **changed})  # type: ignore[arg-type]


HISTORY = [past(i) for i in range(1, 8)]


def test_hints_name_what_is_odd() -> None:
    def codes(invoice: PastInvoice) -> list[str]:
        return [f.code for f in hints(invoice, HISTORY)]

    assert codes(past(8)) == []
    assert codes(past(3, id="new")) == ["duplicate-invoice"]
    assert codes(past(3, id="new", gross=Decimal("9.00")))[0] == "number-reused"
    assert codes(past(8, iban="GB29NWBK60161331926819")) == ["account-changed"]
    assert codes(past(8, gross=Decimal("5000.00"))) == ["amount-unusual"]
    assert codes(past(11)) == ["number-gap"]
    assert codes(past(8, supplier="Other AG", gross=Decimal("5000"))) == []


def test_pages_of_one_stack_are_parted_by_number_title_and_kind() -> None:
    order = [[(50, "PURCHASE ORDER")], [(50, "PO Number"), (200, "7712")], [(50, "Order date"), (200, "3 May 2024")]]
    parts = split(reading_of(INVOICE, [[(50, "Seite 2 von 2")], [(50, "mehr Posten")]], order))
    assert [len(part.pages) for part in parts] == [2, 1]
    assert parts[1].words[0].text == "PURCHASE" and parts[1].words[0].box.page == 1


def test_memory_finds_a_name_that_runs_over_two_lines() -> None:
    store = MemoryStore()
    page = [[(50, "Lantern House")], [(50, "Kitchen Tools Ltd.")], [(50, "Total"), (200, "5.00")]]
    first = extract_reading(reading_of(page), load_doctype("receipt"))
    knowledge = learn(first, {"company": "Lantern House Kitchen Tools Ltd."}, load_doctype("receipt"))
    assert knowledge is not None
    store.put(knowledge)
    again = extract_reading(reading_of(page), load_doctype("receipt"), finder=RememberingFinder(LabelFinder(), store))
    company = again.fields["company"]
    assert isinstance(company, Field) and company.evidence.how == "memory"
    assert company.value == "Lantern House Kitchen Tools Ltd." and len(company.evidence.boxes) == 2

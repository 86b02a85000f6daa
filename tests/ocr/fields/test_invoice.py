from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ocr.doctypes import load_doctype
from ocr.extract import extract_reading
from ocr.values import Extraction, Field, Missing
from tests.ocr.fields.layout import INVOICE, Row, reading_of


def extracted(*pages: list[Row], doctype: str = "invoice") -> Extraction:
    return extract_reading(reading_of(*pages), load_doctype(doctype))


def values(extraction: Extraction) -> dict[str, Any]:
    return {name: f.value for name, f in extraction.fields.items() if isinstance(f, Field)}


def test_a_plain_invoice_is_read_whole() -> None:
    found = values(extracted(INVOICE))
    assert found["supplier_name"] == "Muster Handel GmbH"
    assert found["supplier_address"] == "Hauptstraße 5 10115 Berlin"
    assert found["supplier_tax_id"] == "DE136695976"
    assert found["buyer_name"] == "Kunde und Partner AG"
    assert found["invoice_number"] == "R-2024-0815"
    assert found["issue_date"] == date(2024, 3, 5)
    assert found["due_date"] == date(2024, 4, 4)
    assert found["currency"] == "EUR"
    assert (found["net_total"], found["tax_total"], found["gross_total"]) == tuple(
        map(Decimal, ("195.00", "37.05", "232.05"))
    )
    assert found["iban"] == "DE88200800000970375700"


def test_a_plain_invoice_passes_and_a_sum_that_does_not_hold_stops_it() -> None:
    assert not extracted(INVOICE).needs_review
    wrong = [[(x, t.replace("232,05", "242,05")) for x, t in row] for row in INVOICE]
    extraction = extracted(wrong)
    assert extraction.needs_review
    assert [f.code for f in extraction.findings] == ["check-failed"]
    assert values(extraction)["gross_total"] == Decimal("242.05"), "a check never rewrites a digit"


def test_line_items_with_a_description_over_two_lines() -> None:
    lines = extracted(INVOICE).lines
    rows = [{n: str(c.value) for n, c in line.items() if isinstance(c, Field)} for line in lines]
    assert rows == [
        {
            "description": "Schraube M8 verzinkt, DIN 933",
            "quantity": "10",
            "unit_price": "1.50",
            "amount": "15.00",
        },
        {"description": "Beratung vor Ort", "quantity": "2", "unit_price": "90.00", "amount": "180.00"},
    ]


def test_a_table_goes_on_over_the_page_without_a_new_header() -> None:
    head, items, foot = INVOICE[:16], INVOICE[13:16], INVOICE[17:]
    extraction = extracted([*head], [*items, *foot])
    assert len(extraction.lines) == 4
    assert all(isinstance(line["amount"], Field) for line in extraction.lines)


def test_other_labels_keep_their_values() -> None:
    rows = [
        row for row in INVOICE if not any("Rechnungsnummer" in t or "Rechnungsdatum" in t for _, t in row)
    ]
    extraction = extracted(rows)
    assert isinstance(extraction.fields["invoice_number"], Missing), "a customer number is no invoice number"
    issued = extraction.fields["issue_date"]
    assert isinstance(issued, Missing) or issued.confidence < 0.9, "a delivery date is no issue date"
    assert extraction.needs_review


def test_what_is_not_printed_is_missing_with_a_reason() -> None:
    missing = extracted(INVOICE).fields["order_reference"]
    assert isinstance(missing, Missing) and missing.reason


def test_every_value_has_words_and_boxes_of_the_page() -> None:
    reading = reading_of(INVOICE)
    known = {id(word) for word in reading.words}
    extraction = extract_reading(reading, load_doctype("invoice"))
    for item in extraction.fields.values():
        if isinstance(item, Field):
            assert item.evidence.words and {id(w) for w in item.evidence.words} <= known
            assert all(0 <= b.x0 < b.x1 <= 1 and 0 <= b.y0 < b.y1 <= 1 for b in item.evidence.boxes)


@pytest.mark.parametrize(
    ("line", "number", "issued"),
    [
        ("Rechnung # RE-20170509/505 von 09.05.2017", "RE-20170509/505", date(2017, 5, 9)),
        ("Facture n°562044387 du 02 Juillet 2015", "562044387", date(2015, 7, 2)),
        ("Handelsrechnung (380) Nr. 471102 vom 15.11.2024", "471102", date(2024, 11, 15)),
        ("Invoice No. A-17 dated 3 March 2024", "A-17", date(2024, 3, 3)),
    ],
)
def test_a_title_line_says_number_and_date(line: str, number: str, issued: date) -> None:
    found = values(
        extracted(
            [
                [(50, "Any Firm Ltd.")],
                [(50, "1 High Street")],
                [],
                [(50, line)],
                [],
                [(50, "Total"), (300, "€ 5,00")],
            ]
        )
    )
    assert (found["invoice_number"], found["issue_date"]) == (number, issued)


def test_the_number_of_an_order_is_not_the_invoices() -> None:
    found = values(
        extracted(
            [
                [(50, "Rechnungsnummer"), (300, "471102")],
                [(50, "Rechnung gemäß Bestellung Nr. 2013-471331 vom 01.03.2013")],
                [(50, "Rechnungsdatum"), (300, "05.03.2013")],
            ]
        )
    )
    assert found["invoice_number"] == "471102"
    assert found["order_reference"] == "2013-471331"
    assert found["issue_date"] == date(2013, 3, 5)


def test_labels_over_their_values_in_a_row() -> None:
    found = values(
        extracted(
            [
                [(50, "Invoice Date:"), (200, "Due Date:"), (350, "Reference:")],
                [(50, "03/20/2023"), (200, "04/04/2023"), (350, "CUSTREF123")],
            ]
        )
    )
    assert (found["issue_date"], found["due_date"]) == (date(2023, 3, 20), date(2023, 4, 4))
    assert found["order_reference"] == "CUSTREF123"


def test_sums_in_columns_and_the_word_that_turns_a_total_into_net() -> None:
    found = values(
        extracted(
            [
                [(200, "Montant HT"), (320, "Montant TVA"), (440, "Montant TTC")],
                [(50, "Abonnements"), (210, "24.99"), (340, "5.00"), (450, "29.99")],
                [(50, "Total facture"), (210, "24.99"), (340, "5.00"), (450, "29.99 €")],
            ]
        )
    )
    assert [str(found[n]) for n in ("net_total", "tax_total", "gross_total")] == ["24.99", "5.00", "29.99"]
    found = values(
        extracted(
            [
                [(50, "Total excl. VAT"), (300, "100.00")],
                [(50, "VAT 20%"), (300, "20.00")],
                [(50, "Total incl. VAT"), (300, "120.00")],
            ]
        )
    )
    assert [str(found[n]) for n in ("net_total", "tax_total", "gross_total")] == ["100.00", "20.00", "120.00"]


def test_taxes_per_rate_explain_the_total_but_their_sum_is_not_invented() -> None:
    extraction = extracted(
        [
            [(50, "Rechnungssumme Netto"), (480, "473,00")],
            [(50, "Steuerbasisbetrag USt. 7%"), (380, "275,00"), (485, "19,25")],
            [(50, "Steuerbasisbetrag USt. 19%"), (380, "198,00"), (485, "37,62")],
            [(50, "Rechnungssumme Brutto"), (480, "529,87")],
        ]
    )
    gross = extraction.fields["gross_total"]
    assert isinstance(gross, Field) and gross.value == Decimal("529.87")
    assert [c.passed for c in gross.checks if c.name == "totals-add-up"] == [True]
    assert isinstance(extraction.fields["tax_total"], Missing)


def test_the_buyers_tax_id_is_the_buyers() -> None:
    rows = [*INVOICE[:10], [(50, "USt-IdNr.: DE811907980")], *INVOICE[10:]]
    found = values(extracted(rows))
    assert found["supplier_tax_id"] == "DE136695976"
    assert found["buyer_tax_id"] == "DE811907980"


def test_an_ambiguous_date_keeps_its_other_reading_and_says_so() -> None:
    extraction = extracted([[(50, "Invoice date"), (300, "05/01/2018")]])
    issued = extraction.fields["issue_date"]
    assert isinstance(issued, Field) and issued.value == date(2018, 1, 5)
    assert [a.value for a in issued.alternatives] == [date(2018, 5, 1)]
    assert [f.code for f in extraction.findings] == ["date-ambiguous"]


def test_a_receipt() -> None:
    extraction = extracted(
        [
            [(180, "BRIGHT STATIONERY SDN BHD")],
            [(200, "(1135772-K)")],
            [(170, "NO. 31G, JALAN SETIA INDAH 5,")],
            [(200, "40170 SHAH ALAM")],
            [(200, "TEL: 03-3362 4137")],
            [(220, "TAX INVOICE")],
            [(150, "INV NO: CS-0125293"), (320, "DATE : 18/11/2017")],
            [(150, "BILL BOOK"), (400, "21.61")],
            [(150, "TOTAL SALES INCLUSIVE GST"), (400, "22.91")],
            [(150, "ROUNDING ADJ"), (400, "-0.01")],
            [(150, "ROUNDED TOTAL RM"), (400, "22.90")],
            [(150, "CASH"), (400, "50.00")],
            [(150, "CHANGE"), (400, "27.10")],
        ],
        doctype="receipt",
    )
    found = values(extraction)
    assert found["company"] == "BRIGHT STATIONERY SDN BHD"
    assert found["address"] == "NO. 31G, JALAN SETIA INDAH 5, 40170 SHAH ALAM"
    assert found["date"] == date(2017, 11, 18)
    assert found["total"] == Decimal("22.90"), "what is paid is the rounded total"


def test_a_korean_tax_invoice_keeps_its_two_parties_apart() -> None:
    extraction = extracted(
        [
            [(220, "전자세금계산서")],
            [(50, "승인번호"), (150, "20260309-41000016-07465200")],
            [(50, "등록번호"), (120, "220-81-62517"), (320, "등록번호"), (390, "124-81-00998")],
            [
                (50, "상호"),
                (120, "한빛상사"),
                (220, "성명"),
                (260, "김하나"),
                (320, "상호"),
                (390, "별빛전자"),
                (480, "성명"),
                (520, "이두리"),
            ],
            [(50, "작성일자"), (200, "공급가액"), (350, "세액"), (480, "비고")],
            [(50, "2026.03.09"), (220, "1,000,000"), (370, "100,000"), (480, "없음")],
            [(50, "합계금액"), (200, "현금")],
            [(50, "1,100,000")],
        ],
        doctype="tax_invoice_kr",
    )
    found = values(extraction)
    assert (found["supplier_business_number"], found["buyer_business_number"]) == (
        "220-81-62517",
        "124-81-00998",
    )
    assert (found["supplier_name"], found["buyer_name"]) == ("한빛상사", "별빛전자")
    assert (found["supply_amount"], found["tax_amount"], found["total_amount"]) == (1000000, 100000, 1100000)
    assert found["issue_date"] == date(2026, 3, 9)

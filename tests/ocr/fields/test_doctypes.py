from pathlib import Path

import pytest

from ocr.doctypes import doctype_names, load_doctype
from ocr.doctypes.loader import parse_doctype
from ocr.errors import DocumentError
from ocr.extract import extract_reading
from ocr.values import Field
from tests.ocr.fields.layout import reading_of


def test_the_six_doctypes_load_and_know_their_required_fields() -> None:
    assert set(doctype_names()) >= {
        "invoice",
        "receipt",
        "tax_invoice_kr",
        "purchase_order",
        "bank_slip",
        "form",
    }
    assert set(load_doctype("invoice").required) == {
        "supplier_name",
        "invoice_number",
        "issue_date",
        "currency",
        "gross_total",
    }
    assert list(load_doctype("receipt").columns) == ["description", "quantity", "unit_price", "amount"]
    assert load_doctype("purchase_order").issuer == "buyer"


@pytest.mark.parametrize("name", doctype_names())
def test_every_labelled_field_has_labels_in_english_or_korean(name: str) -> None:
    for spec in load_doctype(name).fields.values():
        if spec.type not in ("address", "currency"):
            assert spec.labels, f"{name}.{spec.name} has no label"


OWN = """\
doctype: gas_bill
titles: [gas bill]
fields:
  meter_number: {type: identifier, required: true, labels: {en: [meter no]}}
  used: {type: quantity, labels: {en: [consumption]}}
  read_on: {type: date, required: true, labels: {en: [meter read on], de: [abgelesen am]}}
  amount: {type: money, required: true, labels: {en: [to pay]}}
"""


def test_a_doctype_of_ones_own_needs_yaml_alone(tmp_path: Path) -> None:
    file = tmp_path / "gas_bill.yaml"
    file.write_text(OWN, "utf-8")
    reading = reading_of(
        [
            [(50, "Gas bill")],
            [(50, "Meter no: G-77120"), (300, "Meter read on"), (420, "17 March 2024")],
            [(50, "Consumption"), (180, "1234,5 kWh")],
            [(50, "To pay"), (180, "€ 99,90")],
        ]
    )
    extraction = extract_reading(reading, load_doctype(file))
    values = {n: str(f.value) for n, f in extraction.fields.items() if isinstance(f, Field)}
    assert values == {"meter_number": "G-77120", "used": "1234.5", "read_on": "2024-03-17", "amount": "99.90"}


def test_every_problem_of_a_doctype_is_told_with_its_line() -> None:
    broken = "doctype: Bad Name\nfields:\n  total:\n    type: mony\n    lables: [x]\n  when: {type: date, pattern: '('}\nchecks:\n  - {kind: order, parts: [when, gone]}\n"
    with pytest.raises(DocumentError) as caught:
        parse_doctype(broken, "bad.yaml")
    assert caught.value.code == "doctype-invalid"
    places = [line.split(": ")[0] for line in caught.value.message.splitlines()]
    assert places == ["bad.yaml:1", "bad.yaml:4", "bad.yaml:5", "bad.yaml:6", "bad.yaml:8"]


def test_broken_yaml_and_unknown_doctypes_are_named() -> None:
    with pytest.raises(DocumentError, match=r"own\.yaml:2"):
        parse_doctype("doctype: own\nfields: [", "own.yaml")
    with pytest.raises(DocumentError) as caught:
        load_doctype("no_such_type")
    assert caught.value.code == "doctype-unknown" and "invoice" in caught.value.fix

"""What a page leaves out is said to be missing: nobody else's particulars fill it."""

from __future__ import annotations

from typing import Any

from ocr.doctypes import load_doctype
from ocr.extract import extract_reading
from ocr.values import Field
from tests.ocr.fields.layout import Row, reading_of

TABLE: list[Row] = [
    [],
    [(50, "Pos"), (90, "Beschreibung"), (300, "Menge"), (360, "Einzelpreis"), (480, "Gesamtpreis")],
    [(50, "1"), (90, "Schraube M8"), (300, "10"), (370, "1,50"), (490, "15,00 €")],
    [],
    [(360, "Nettobetrag"), (485, "15,00 €")],
    [(360, "zzgl. USt. 19 %"), (490, "2,85 €")],
    [(360, "Rechnungsbetrag"), (485, "17,85 €")],
]
LETTERHEAD: list[Row] = [
    [(50, "Muster Handel GmbH"), (400, "RECHNUNG")],
    [(50, "Hauptstraße 5")],
    [(50, "10115 Berlin")],
    [(50, "USt-IdNr.: DE136695976")],
    [(50, "www.muster-handel.de")],
    [],
]
ROOM: list[Row] = [[] for _ in range(8)]


def fields(rows: list[Row], doctype: str = "invoice") -> dict[str, Any]:
    found = extract_reading(reading_of(rows), load_doctype(doctype)).fields
    return {name: field.value for name, field in found.items() if isinstance(field, Field)}


def test_a_party_alone_in_the_window_is_the_one_addressed() -> None:
    found = fields(
        [
            *ROOM,
            [(50, "Woutfeld Maschinenbau e.K."), (350, "Rechnungsdatum:"), (450, "30.06.2023")],
            [(50, "Gartenring 72b")],
            [(50, "89347 Ulm")],
            [(50, "RECHNUNG")],
            *TABLE,
        ]
    )
    assert found["buyer_name"] == "Woutfeld Maschinenbau e.K."
    assert found["buyer_address"] == "Gartenring 72b 89347 Ulm"
    assert not {"supplier_name", "supplier_address"} & set(found)


def test_the_address_below_the_buyers_name_is_not_the_sellers() -> None:
    head: list[Row] = [[(50, "Muster Handel GmbH"), (400, "RECHNUNG")], [(50, "www.muster-handel.de")], []]
    buyer: list[Row] = [[(50, "Rechnung an:")], [(50, "Kunde AG")], [(50, "Nebenweg 7")], [(50, "80331 München")]]
    found = fields([*head, *buyer, *TABLE])
    assert found["supplier_name"] == "Muster Handel GmbH"
    assert found["buyer_address"] == "Nebenweg 7 80331 München"
    assert "supplier_address" not in found


def test_a_tax_id_in_the_window_is_the_buyers_where_the_seller_prints_one_too() -> None:
    buyer: list[Row] = [
        [(50, "Jeechom GmbH")],
        [(50, "Am Ringberg 28")],
        [(50, "79079 Freiburg")],
        [(50, "USt-IdNr.: DE129273398")],
    ]
    found = fields([*LETTERHEAD, [], *buyer, *TABLE])
    assert (found["buyer_name"], found["buyer_tax_id"]) == ("Jeechom GmbH", "DE129273398")
    assert (found["supplier_name"], found["supplier_tax_id"]) == ("Muster Handel GmbH", "DE136695976")


def test_an_address_whose_name_is_left_out_names_nobody() -> None:
    rows: list[Row] = [[(50, "Rechnung an:")], [(50, "Gartenstr. 58")], [(50, "01521 Dresden")]]
    found = fields([*LETTERHEAD, *rows, *TABLE])
    assert found["buyer_address"] == "Gartenstr. 58 01521 Dresden"
    assert "buyer_name" not in found


def test_a_company_in_the_window_without_its_address() -> None:
    found = fields([*LETTERHEAD, [], [], [(50, "Houley Bau e.K.")], *TABLE])
    assert found["buyer_name"] == "Houley Bau e.K."
    assert "buyer_address" not in found


def test_a_meter_is_no_invoice_and_our_reference_is() -> None:
    rows: list[Row] = [
        [(350, "Our reference:"), (470, "FB-7298-F3")],
        [],
        [(50, "Meter number"), (200, "Last reading")],
        [(50, "38307162"), (200, "11,491")],
        [],
        [(360, "Total"), (485, "$15.00")],
    ]
    found = fields(rows)
    assert found["invoice_number"] == "FB-7298-F3"
    assert "order_reference" not in found


def test_the_head_of_a_table_is_no_value() -> None:
    rows: list[Row] = [[(50, "Rechnung an:")], *TABLE]
    assert "buyer_name" not in fields([*LETTERHEAD, *rows])


def test_where_an_order_goes_is_the_address_below_the_name() -> None:
    rows: list[Row] = [
        [(50, "Besteller GmbH"), (400, "BESTELLUNG")],
        [(50, "Schulweg 20")],
        [(50, "34546 Kassel")],
        [],
        [(300, "Lieferadresse:")],
        [(300, "Lager Nord GmbH")],
        [(300, "Hafenstraße 3")],
        [(300, "20457 Hamburg")],
        *TABLE,
    ]
    assert fields(rows, "purchase_order")["delivery_address"] == "Hafenstraße 3 20457 Hamburg"


def test_an_account_number_that_is_an_iban_is_taken_whole() -> None:
    rows: list[Row] = [[(50, "Transfer slip")], [], [(50, "From account"), (200, "GB29 NWBK 6016 1331 9268 19")]]
    assert fields(rows, "bank_slip")["payer_account"] == "GB29 NWBK 6016 1331 9268 19"


def test_a_cell_of_two_lines_with_its_label_between_them() -> None:
    reading = reading_of(
        [
            [(300, "전문, 과학 및")],
            [(50, "업태")],
            [(300, "기술서비스업")],
        ],
        gap=5.5,
    )
    found = extract_reading(reading, load_doctype("tax_invoice_kr")).fields["supplier_business_type"]
    assert isinstance(found, Field) and found.value == "전문, 과학 및 기술서비스업"

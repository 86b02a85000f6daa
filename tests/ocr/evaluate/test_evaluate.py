import json
from decimal import Decimal
from pathlib import Path

import pytest

from ocr.doctypes import load_doctype
from ocr.errors import DocumentError
from ocr.evaluate import evaluate_folder, render_html, render_text, report_to_json
from ocr.evaluate.compare import right, right_description
from ocr.evaluate.report import calibration, coverage, figures
from ocr.evaluate.score import FieldScore, score_lines
from ocr.evaluate.truth import read_truth
from ocr.extract import extract_reading
from ocr.values import Reading
from tests.ocr.fields.layout import INVOICE, reading_of

TRUTH = {
    "id": "one",
    "doctype": "invoice",
    "file": "one.pdf",
    "complete": True,
    "fields": {
        "supplier_name": "Muster Handel GmbH",
        "invoice_number": "R-2024-0815",
        "issue_date": "2024-03-05",
        "currency": "EUR",
        "gross_total": "232.05",
        "net_total": "200.00",
        "order_reference": "B-1",
        "buyer_tax_id": None,
        "due_date": None,
    },
    "lines": [
        {"description": "Schraube M8", "quantity": "10", "unit_price": "1.50", "amount": "15.00"},
        {"description": "Fracht", "quantity": "1", "unit_price": "9.00", "amount": "9.00"},
        {"description": "Beratung", "quantity": "2", "unit_price": "90.00", "amount": "180.00"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "truth.jsonl").write_text(json.dumps(TRUTH) + "\n", "utf-8")
    return tmp_path


def read(path: Path) -> Reading:
    assert path.name == "one.pdf"
    return reading_of(INVOICE)


def test_right_wrong_missing_and_false_fill_are_told_apart(folder: Path) -> None:
    report = evaluate_folder(folder, read=read)
    verdicts = {s.name: s.verdict for s in report.documents[0].fields}
    assert verdicts == {
        "supplier_name": "right",
        "invoice_number": "right",
        "issue_date": "right",
        "currency": "right",
        "gross_total": "right",
        "net_total": "wrong",
        "order_reference": "missing",
        "buyer_tax_id": "none",
        "due_date": "extra",
    }
    total = figures(report.field_scores(), complete=True)
    assert (total.right, total.wrong, total.missing, total.extra) == (5, 1, 1, 1)
    assert total.precision == pytest.approx(5 / 7) and total.recall == pytest.approx(5 / 7)


def test_line_items_are_assigned_in_order(folder: Path) -> None:
    extraction = extract_reading(reading_of(INVOICE), load_doctype("invoice"))
    scored = score_lines(extraction.lines, read_truth(folder)[0].lines or (), load_doctype("invoice"))
    assert (scored.expected, scored.found, scored.matched) == (3, 2, 2)
    assert scored.cells["amount"] == (2, 3, 2)


def test_the_report_in_text_json_and_html(folder: Path) -> None:
    report = evaluate_folder(folder, read=read)
    text = render_text(report)
    assert "1 documents, our reading (auto), embedded XML barred, finder labels" in text
    data = report_to_json(report)
    assert data["schema"] == 1 and data["fields"]["net_total"]["wrong"] == 1
    assert data["false_fills"] == {"filled": 1, "of": 2, "share": 0.5}
    html = render_html(report)
    assert "net_total" in html and "200.00" in html and "There is no file" in html


def test_a_missing_truth_and_missing_segments_are_clear_errors(tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DocumentError) as caught:
        evaluate_folder(empty)
    assert caught.value.code == "truth-missing"
    report = evaluate_folder(folder, given_text=True)
    assert report.documents == () and "gives no text" in report.unreadable[0][1]


def test_normalised_comparison() -> None:
    assert right("AMAZON Web Services, Inc.", "name", ("Amazon Web Services",))
    assert right("DE 136 695 976", "tax_id", ("DE136695976",))
    assert right(Decimal("9.00"), "money", ("RM 9.00",))
    assert not right(Decimal("9.10"), "money", ("9.00",))
    assert right("Ecke 12 12345 Stadthausen Germany", "address", ("Ecke 12 12345 Stadthausen",))
    assert right_description("Luftballon: Bunt, ca. 500ml", "Luftballon")


def score(confidence: float, ok: bool) -> FieldScore:
    return FieldScore("d", "n", "right" if ok else "wrong", ok, "", "", confidence, None)


def test_calibration_error_is_zero_for_honest_confidence_and_large_for_boasting() -> None:
    honest = [score(0.8, i % 5 != 0) for i in range(100)]
    boasting = [score(0.99, i % 2 == 0) for i in range(100)]
    assert calibration(honest).error < 0.02
    assert calibration(boasting).error == pytest.approx(0.49, abs=0.02)


def test_coverage_stops_before_errors_mount(folder: Path) -> None:
    good = evaluate_folder(folder, read=read).documents[0]
    assert coverage([good]) == 1.0
    bad = evaluate_folder(folder, read=lambda _: reading_of([[(50, "Total"), (300, "5.00")]])).documents[0]
    assert coverage([good, bad]) == 0.5

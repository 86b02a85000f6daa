import json

from ocr.doctypes import load_doctype
from ocr.explain import explain, summary
from ocr.extract import extract_reading, extraction_to_json
from tests.ocr.fields.layout import INVOICE, reading_of


def test_the_json_is_the_stable_one() -> None:
    data = extraction_to_json(extract_reading(reading_of(INVOICE), load_doctype("invoice")))
    assert list(data) == [
        "schema",
        "file",
        "doctype",
        "source",
        "seconds",
        "load_seconds",
        "fields",
        "lines",
        "findings",
        "needs_review",
    ]
    assert data["schema"] == 1
    gross = data["fields"]["gross_total"]
    assert list(gross) == [
        "value",
        "raw",
        "confidence",
        "page",
        "box",
        "boxes",
        "how",
        "checks",
        "alternatives",
    ]
    assert gross["value"] == "232.05" and gross["raw"] == "232,05 €" and gross["page"] == 1
    assert len(gross["box"]) == 4 and gross["boxes"] == [{"page": 1, "box": gross["box"]}]
    assert data["fields"]["issue_date"]["value"] == "2024-03-05"
    assert set(data["fields"]["order_reference"]) == {"value", "reason"}
    assert set(data["fields"]) == set(load_doctype("invoice").fields)
    json.dumps(data)


def test_an_explanation_names_words_scores_and_checks() -> None:
    extraction = extract_reading(reading_of(INVOICE), load_doctype("invoice"))
    text = explain(extraction)
    assert "printed «232,05 €»" in text
    assert "totals-add-up: holds (195.00 + 37.05 = 232.05, printed 232.05)" in text
    assert "order_reference: missing" in text
    assert "invoice from text: passes" in summary(extraction)

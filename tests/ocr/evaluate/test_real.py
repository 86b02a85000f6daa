"""Measurements on real documents: floors that must not fall. The XML rung is barred throughout."""

import os
from pathlib import Path

import pytest

from ocr.evaluate import evaluate_folder
from ocr.evaluate.report import figures, passing

DATA = Path(os.environ.get("RPA_DATA", Path(__file__).parents[4] / "shared" / "data"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"real documents are not at {DATA} (set RPA_DATA)")


def test_real_invoices_of_unseen_suppliers() -> None:
    natural = evaluate_folder(DATA / "facturx")
    others = evaluate_folder(DATA / "invoices")
    scores = [*natural.field_scores(keep=lambda d: d.group == "natural"), *others.field_scores()]
    assert figures(scores, complete=False).f1 >= 0.93
    documents = [d for d in natural.documents if d.group == "natural"] + list(others.documents)
    passed, wrong = passing(documents)
    assert wrong == 0, "no wrong supplier, number, date or total may pass without review"
    assert passed >= 8


def test_receipts_given_their_text() -> None:
    report = evaluate_folder(DATA / "sroie", given_text=True, limit=120)
    assert figures(report.field_scores(), complete=False).f1 >= 0.90

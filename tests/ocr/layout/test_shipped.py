"""The weights in the package: small, fast, and they find fields on pages nobody trained on."""

from __future__ import annotations

import time
from importlib.resources import files
from statistics import median

import pytest

from ocr.doctypes import load_doctype
from ocr.fields.confidence import shipped_calibration
from ocr.fields.label_finder import label_finder
from ocr.layout.best import best_finder
from ocr.layout.finder import LayoutFinder
from ocr.layout.held_out import SEED, reading_of, score
from ocr.layout.rerank import FEATURES, shipped_weights
from ocr.layout.runtime import shipped
from ocr.synthetic import make

WEIGHTS = files("ocr.layout").joinpath("weights")


def test_the_file_is_small_and_has_its_card() -> None:
    assert len(WEIGHTS.joinpath("layout-small.onnx").read_bytes()) < 40e6
    card = WEIGHTS.joinpath("layout-small.md").read_text("utf-8")
    for part in ("## Retrain", "## Measured", "## Limits", "CC BY 4.0"):
        assert part in card
    assert shipped().card["difference"] < 0.05


def test_a_page_takes_less_than_60_ms_of_one_core() -> None:
    finder, doctype, taken = LayoutFinder(), load_doctype("invoice"), []
    for seed in range(5, 14):
        reading = reading_of(make("invoice", seed=seed))
        started = time.process_time()
        finder.candidates(reading, doctype)
        finder.rows(reading, doctype)
        taken.append((time.process_time() - started) / len(reading.pages))
    assert median(taken) < 0.06


@pytest.mark.parametrize(("kind", "least"), (("receipt", 0.85), ("tax_invoice_kr", 0.95)))
def test_fields_of_unseen_made_pages_are_found(kind: str, least: float) -> None:
    assert SEED not in (101, 102, 103, 104, 105, 106, 201, 202, 203, 204)
    assert score(LayoutFinder(), kind, 12, None)["f1"] > least


def test_invoices_are_left_to_the_label_rules_that_were_measured_to_be_better() -> None:
    reading = reading_of(make("invoice", seed=5))
    best, alone, doctype = best_finder(), label_finder(), load_doctype("invoice")
    assert best.candidates(reading, doctype) == alone.candidates(reading, doctype)
    assert best.rows(reading, doctype) == alone.rows(reading, doctype)


def test_weights_were_fitted_for_the_keys_of_real_receipts_and_for_nothing_else() -> None:
    keys = ("company", "date", "address", "total")
    assert set(shipped_weights()) == {f"receipt.{key}" for key in keys}
    known = shipped_calibration().weights
    for key in keys:
        assert set(shipped_weights()[f"receipt.{key}"]) == {"bias", *FEATURES}
        assert f"receipt.{key}+joint" in known

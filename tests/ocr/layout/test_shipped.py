"""The weights in the package: small, fast, and they find fields on pages nobody trained on."""

from __future__ import annotations

import time
from importlib.resources import files
from statistics import median

import pytest

from ocr.doctypes import load_doctype
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


def test_label_rules_and_model_together_are_no_worse_on_invoices() -> None:
    assert score(best_finder(), "invoice", 10, ("en", "de"))["f1"] > 0.88


def test_fitted_weights_name_every_feature() -> None:
    for weights in shipped_weights().values():
        assert set(weights) == {"bias", *FEATURES}

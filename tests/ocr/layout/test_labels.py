"""Which words carry which label: matching keys to words, samples, augmentation."""

from __future__ import annotations

from random import Random

import numpy as np

from ocr.layout.augment import Strength, augment, other_vendor
from ocr.layout.batches import example
from ocr.layout.match import exact_spans, text_spans, total_words
from ocr.layout.samples import IGNORE, Sample, of_row, of_synthetic, words_of_segments
from ocr.layout.tags import INDEX, TAGS
from ocr.synthetic import make

ROW = {
    "id": "r1",
    "doctype": "receipt",
    "segments": [
        {"text": "TAN AH KOW", "box": [50, 10, 250, 30]},
        {"text": "BOOK STORE(DAYA) SDN BHD", "box": [30, 40, 330, 60]},
        {"text": "NO.5, JALAN SAGU 18,", "box": [60, 70, 300, 90]},
        {"text": "81100 JOHOR BAHRU", "box": [60, 100, 280, 120]},
        {"text": "DATE: 25/12/2018", "box": [30, 140, 230, 160]},
        {"text": "SUBTOTAL", "box": [30, 200, 130, 220]},
        {"text": "9.00", "box": [280, 200, 330, 220]},
        {"text": "TOTAL RM", "box": [30, 230, 130, 250]},
        {"text": "9.00", "box": [280, 230, 330, 250]},
        {"text": "CASH", "box": [30, 260, 90, 280]},
        {"text": "9.00", "box": [280, 260, 330, 280]},
    ],
    "fields": {
        "company": "BOOK STORE (DAYA) SDN BHD",
        "address": "NO.5, JALAN SAGU 18, 81100 JOHOR BAHRU",
        "date": "25/12/2018",
        "total": "9.00",
    },
}


def _tagged(sample: Sample, tag: str) -> list[str]:
    return [text for text, t in zip(sample.texts, sample.tags, strict=True) if t == INDEX[tag]]


def _sample() -> Sample:
    made = of_row(ROW)
    assert made is not None
    return made


def test_keys_are_found_over_lines_and_spacing() -> None:
    sample = _sample()
    assert _tagged(sample, "supplier_name") == ["BOOK", "STORE(DAYA)", "SDN", "BHD"]
    assert _tagged(sample, "supplier_address")[-3:] == ["81100", "JOHOR", "BAHRU"]
    assert _tagged(sample, "date") == ["25/12/2018"]
    assert (sample.begins == 1).sum() == 4


def test_only_the_number_beside_the_total_is_the_total() -> None:
    sample = _sample()
    assert _tagged(sample, "gross") == ["9.00"] and (sample.tags == IGNORE).sum() == 2
    page = words_of_segments(ROW["segments"])
    chosen, others = total_words(page, "RM 9.00")
    assert page.boxes[chosen[0]][1] == 230 and len(others) == 2


def test_misread_names_are_found_by_likeness_but_strangers_are_not() -> None:
    page = words_of_segments(ROW["segments"])
    assert exact_spans(page, "BOOK STORE (DAYA) SDN BND") == []
    assert text_spans(page, "BOOK STORE (DAYA) SDN BND") == [(3, 7)]
    assert text_spans(page, "PLEASANT HARDWARE TRADING") == []


def test_unknown_tags_may_hide_behind_an_unlabelled_word() -> None:
    made = example(_sample())
    words = [t.text for t in made.encoded.tokens]
    cash = made.allowed[words.index("CASH")]
    assert cash[0] and cash[INDEX["net"]] and not cash[INDEX["gross"]]
    total = made.allowed[words.index("25/12/2018")]
    assert total.sum() == 1 and total[INDEX["date"]]


def test_synthetic_pages_carry_rows_roles_and_begins() -> None:
    document = make("invoice", lang="en", seed=12)
    samples = list(of_synthetic(document))
    assert len(samples) == len(document.sheet.pages)
    rows = sum(int((s.rows == 1).sum()) for s in samples)
    assert rows == len(document.truth.rows)
    first = samples[0]
    assert ((first.begins == 1) <= (first.tags > 0)).all()
    assert {TAGS[t] for s in samples for t in s.tags} >= {"row_description", "row_amount", "supplier_name"}


def test_augmentation_keeps_labels_with_their_words() -> None:
    strength = Strength(vendor=0, upper=0, noisy=0, lost=0.1, glued=0, crop=0.5)
    for seed in range(30):
        changed = augment(_sample(), Random(seed), strength)
        sizes = {
            len(changed.texts),
            len(changed.boxes),
            len(changed.tags),
            len(changed.begins),
            len(changed.lines),
        }
        assert len(sizes) == 1
        assert set(_tagged(changed, "date")) <= {"25/12/2018"}
        assert set(_tagged(changed, "supplier_name")) <= {"BOOK", "STORE(DAYA)", "SDN", "BHD"}


def test_another_vendor_stands_where_the_first_stood() -> None:
    sample = _sample()
    changed = other_vendor(sample, Random(5))
    assert _tagged(changed, "supplier_name") != _tagged(sample, "supplier_name")
    assert "CASH" in changed.texts and _tagged(changed, "date") == ["25/12/2018"]
    top = changed.boxes[changed.tags == INDEX["supplier_name"]]
    assert np.allclose(top[:, 1], 40) and top[0, 0] == 30

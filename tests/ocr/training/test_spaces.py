"""Training of the network that tells where words part."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.reading.batched.recognise import Glyphs
from ocr.reading.batched.spaces import FEATURES
from ocr.training import spaces


def read_as(text: str) -> tuple[NDArray[np.uint8], Glyphs]:
    """A crop with a bar for each character."""
    crop = np.full((48, 20 * len(text) + 20, 3), 255, np.uint8)
    for i in range(len(text)):
        crop[10:38, 20 * i + 10 : 20 * i + 22] = 0
    columns = tuple((20.0 * i + 10, 20.0 * i + 22) for i in range(len(text)))
    return crop, Glyphs(text, (0.9,) * len(text), columns, (1e-4,) * (len(text) - 1))


def answers(read: str, reference: str) -> list[bool]:
    return [part for _, parts in spaces._told(*read_as(read), reference) for part in parts]


def test_the_reference_tells_where_words_part() -> None:
    assert answers("TAXNO.12", "Tax No. 12") == [False, False, True, False, False, True, False]


def test_boundaries_beside_a_misread_character_tell_nothing() -> None:
    assert answers("TAXN0.12", "Tax No. 12") == [False, False, True, True, False]


def test_a_line_unlike_its_reference_tells_nothing() -> None:
    assert answers("TAXNO", "Total") == []


def test_segments_of_a_line_are_put_side_by_side() -> None:
    quad = np.array([[0, 10], [200, 10], [200, 30], [0, 30]], np.float32)
    below = {"text": "below", "box": [10, 28, 60, 48]}
    segments = [{"text": "b c", "box": [90, 12, 150, 29]}, {"text": "a", "box": [5, 11, 60, 31]}, below]
    assert spaces._printed(quad, segments) == "a b c"


def test_what_can_be_told_apart_is_learned_and_repeats(tmp_path: Path) -> None:
    source = np.random.default_rng(4)
    features = source.normal(size=(1500, FEATURES)).astype(np.float32)
    parts = features[:, 0] > 0.1
    made = spaces.Boundaries(features, parts, np.arange(1500))
    nets = [spaces.fitted(features, parts, seed=3) for _ in range(2)]
    assert [spaces.wrong(net, made) for net in nets] == [pytest.approx(0.0, abs=0.02)] * 2
    for number, net in enumerate(nets):
        spaces.write(net, tmp_path / f"{number}.npz")
    first, again = (np.load(tmp_path / f"{number}.npz") for number in range(2))
    assert all(np.array_equal(first[name], again[name]) for name in ("first", "bias", "second", "last"))


@pytest.mark.heavy
def test_a_folder_becomes_weights_and_a_card(tmp_path: Path) -> None:
    from ocr.synthetic.corpus import CorpusSpec, write_corpus

    pages = tmp_path / "pages"
    write_corpus(pages, CorpusSpec(6, {"receipt": 1.0}, ("en", "ko"), 0.3, False, 150.0), 8)
    assert spaces.main([str(tmp_path / "out"), str(pages), "--target", str(tmp_path / "made.npz")]) == 0
    card = (tmp_path / "made.md").read_text("utf-8")
    assert "pages" in card and "% wrong" in card
    assert len(json.loads((pages / "truth.jsonl").read_text("utf-8").splitlines()[0])["segments"]) > 5

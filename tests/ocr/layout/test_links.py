"""Questions and answers of forms are linked by a trained head on what the network sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocr.doctypes import load_doctype
from ocr.errors import DocumentError
from ocr.extract import extract_reading
from ocr.layout.held_out_forms import measure
from ocr.layout.links import CHANGE, LinkHead, _path
from ocr.layout.pairs import shipped_links
from ocr.values import Field, Missing
from tests.ocr.fields.layout import Row, reading_of

FORM: list[Row] = [
    [(240, "Leave Request")],
    [],
    [(50, "Full name"), (200, "Priya Walker")],
    [],
    [(50, "Staff no."), (200, "47-1182")],
    [],
    [(50, "Start date"), (200, "12 March 2024")],
    [],
    [(50, "Reason:"), (200, "Family visit")],
]


def _pairs(rows: list[Row]) -> dict[str, str | None]:
    lines = extract_reading(reading_of(rows), load_doctype("form")).lines
    found = {}
    for line in lines:
        question, answer = line["question"], line["answer"]
        assert isinstance(question, Field)
        found[str(question.value)] = str(answer.value) if isinstance(answer, Field) else None
    return found


def test_questions_without_a_colon_are_linked_with_their_answers() -> None:
    found = _pairs(FORM)
    assert found["Full name"] == "Priya Walker"
    assert found["Start date"] == "12 March 2024"
    assert found["Reason"] == "Family visit"


def test_answers_say_how_they_were_found_and_where() -> None:
    lines = extract_reading(reading_of(FORM), load_doctype("form")).lines
    answer = next(line["answer"] for line in lines if isinstance(line["answer"], Field))
    assert not isinstance(answer, Missing)
    assert answer.evidence.how in ("model", "pair") and answer.evidence.words and 0 < answer.confidence <= 1


def test_made_forms_are_read_far_better_than_by_colons_alone() -> None:
    found = measure(8, odd=False)
    assert found["both"] >= 0.9 > 0.6 > found["rules"]
    strange = measure(8, odd=True)
    assert strange["both"] >= 0.6 > strange["rules"]


def test_a_stretch_seldom_changes_its_kind() -> None:
    import numpy as np

    label, value, torn = [0.0, 2.0, 0.0], [0.0, 0.0, 3.0 * CHANGE], [0.0, 0.0, 1.0]
    assert _path(np.array([label, torn, label], dtype=np.float32), [False] * 3) == [1, 1, 1]
    assert _path(np.array([label, label, value], dtype=np.float32), [False] * 3) == [1, 1, 2]


def test_shipped_weights_are_small_and_missing_ones_are_named(tmp_path: Path) -> None:
    assert set(shipped_links().weights) >= {"wide", "part", "question", "answer", "inner", "outer", "none"}
    with pytest.raises(DocumentError, match="not at"):
        LinkHead.of_file(tmp_path / "none.npz")


def test_the_head_learns_from_a_few_pages() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")
    from random import Random

    from ocr.layout.link_train import fit, pages_of, right
    from ocr.layout.network import LayoutNet, Size
    from ocr.synthetic import make

    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = LayoutNet(Size(hidden=24, layers=1, heads=2, inner=32))
    pages = list(pages_of(net, [make("form", lang="en", seed=s) for s in range(12)], Random(1)))
    assert right(fit(pages[4:], 24, epochs=12), pages[:4]) > 0.8

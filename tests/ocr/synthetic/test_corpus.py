"""Folders of documents: the form of `truth.jsonl`, and the demo's inbox."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from ocr.synthetic.corpus import CorpusSpec, write_corpus
from ocr.synthetic.demo import write_demo_inbox

pytest.importorskip("reportlab", reason="reportlab is not installed")


def _rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]


def test_corpus_rows_name_files_and_carry_words(tmp_path: Path) -> None:
    assert write_corpus(tmp_path, CorpusSpec(count=12), seed=4) == 12
    rows = _rows(tmp_path)
    assert len({row["id"] for row in rows}) == 12
    for row in rows:
        assert (tmp_path / row["file"]).stat().st_size > 1000
        assert all(0 <= v <= 1.01 for word in row["words"] for v in word["box"])
        assert " ".join(s["text"] for s in row["segments"]) == " ".join(w["text"] for w in row["words"])


def test_corpus_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_corpus(tmp_path / name, CorpusSpec(count=5), seed=9)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_picture_size_agrees_with_the_row(tmp_path: Path) -> None:
    write_corpus(tmp_path, CorpusSpec(count=4, kinds={"receipt": 1.0}, damaged=1.0), seed=2)
    for row in _rows(tmp_path):
        assert Image.open(tmp_path / row["file"]).size == (row["width"], row["height"])


def test_form_pairs_hold_questions_and_answers(tmp_path: Path) -> None:
    write_corpus(tmp_path, CorpusSpec(count=3, kinds={"form": 1.0}, damaged=0), seed=2)
    for row in _rows(tmp_path):
        answered = [pair for pair in row["pairs"] if pair["answer"]]
        assert len(answered) >= 3
        assert all(pair["answer_box"][2] > pair["answer_box"][0] for pair in answered)


def test_demo_inbox_has_one_duplicate_and_one_bill_that_does_not_add_up(tmp_path: Path) -> None:
    files = write_demo_inbox(tmp_path, seed=1)
    rows = {row["id"]: row for row in _rows(tmp_path)}
    assert len(files) == len(rows) == 9
    bills = [row["bill"] for row in rows.values()]
    assert {b["currency"] for b in bills} == {"EUR", "USD", "KRW"}
    assert all(Decimal(b["net"]) + Decimal(b["tax"]) == Decimal(b["total"]) for b in bills)
    assert all(date.fromisoformat(b["date"]).year == 2026 for b in bills)
    assert all(b["rate"] in {"0", "7", "10", "19", "20", "21"} for b in bills)
    copy = next(row for row in rows.values() if row["expect"] == "duplicate")
    first = rows["02-werkzeug"]
    assert {n for n, v in copy["bill"].items() if first["bill"][n] != v} == {"date"}
    assert (tmp_path / copy["file"]).read_bytes() != (tmp_path / first["file"]).read_bytes()
    broken = next(row for row in rows.values() if row["expect"] == "review")["fields"]
    assert Decimal(broken["net_total"]) + Decimal(broken["tax_total"]) != Decimal(broken["gross_total"])


def test_demo_inbox_is_reproducible(tmp_path: Path) -> None:
    first, second = write_demo_inbox(tmp_path / "a", 5), write_demo_inbox(tmp_path / "b", 5)
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]

"""Ten corrected examples teach a doctype the words of pages it has never seen."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from ocr.doctypes import load_doctype
from ocr.errors import DocumentError
from ocr.extract import extract_reading
from ocr.improve import improve
from ocr.values import Field
from tests.ocr.fields.layout import reading_of


def _examples(folder: Path, count: int) -> Path:
    rng, rows = Random(4), []
    for index in range(count):
        number, amount = f"ZX-{rng.randint(1000, 9999)}", f"{rng.randint(20, 900)}.{rng.randint(10, 99)}"
        top = rng.randint(40, 200)
        page = [("Zorvex Trading Ltd.", 50, 0), ("12 Harbour Street", 50, 22), ("Our token", 50, 120)]
        page += [(number, 250, 120), ("Written on", 50, 142), (f"{1 + index:02d}.03.2025", 250, 142)]
        page += [("You owe us", 50, 300), (f"£ {amount}", 250, 300)]
        rows.append(
            {
                "id": f"z{index}", "doctype": "invoice", "file": f"z{index}.png",
                "width": 800, "height": 1100,
                "segments": [
                    {"text": t, "box": [x, top + y, x + 9 * len(t), top + y + 16]} for t, x, y in page
                ],
                "fields": {
                    "supplier_name": "Zorvex Trading Ltd.", "invoice_number": number, "gross_total": amount,
                },
            }
        )  # fmt: skip
    (folder / "truth.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def test_ten_examples_teach_labels_that_hold_on_others(tmp_path: Path) -> None:
    found = improve("invoice", _examples(tmp_path, 10))
    assert found.labels["invoice_number"] == ["our token"] and "supplier_name" not in found.labels
    assert found.before["invoice_number"] == 0 and found.after["invoice_number"] == 1
    assert found.after["all"] > found.before["all"] + 0.3
    own = tmp_path / "own.yaml"
    own.write_text(found.text, "utf-8")
    page = reading_of([[(50, "Zorvex Trading Ltd.")], [(50, "Our token"), (250, "QQ-77123")]])
    read = extract_reading(page, load_doctype(own)).fields["invoice_number"]
    assert isinstance(read, Field) and read.value == "QQ-77123"


def test_too_few_examples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as refused:
        improve("invoice", _examples(tmp_path, 3))
    assert refused.value.code == "examples-too-few"

"""Kept files come out under names that people recognise and programs open."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpa.report.files import write_files
from tests.rpa.report.conftest import Told


def test_kept_files_are_named_by_item_step_and_kind(told: Told, tmp_path: Path) -> None:
    written = write_files(told.ledger, told.run_id, tmp_path / "out")
    kept = told.ledger.artifacts(told.run_id)
    assert [p.name.split("-")[0] for p in written] == [str(n) for n in range(1, len(kept) + 1)]
    assert {p.suffix for p in written} == {".png"} and all("<" not in p.name and "/" not in p.name for p in written)
    assert [p.read_bytes() for p in written] == [told.ledger.artifact_bytes(a.sha256) for a in kept]
    assert any("post-screenshot" in p.name for p in written) and any("item-page" in p.name for p in written)


def test_nothing_is_overwritten(told: Told, tmp_path: Path) -> None:
    write_files(told.ledger, told.run_id, tmp_path)
    with pytest.raises(FileExistsError):
        write_files(told.ledger, told.run_id, tmp_path)

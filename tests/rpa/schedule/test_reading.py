"""Runs of `rpa serve` share one reading process."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from PIL import Image

from bots.document.actions import read as document_read
from ocr.reading import read_one
from rpa.schedule.reading import shared_reading, with_shared_reading
from rpa.settings import Settings


class Here:
    """As much of a step's context as reading a document needs."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.options = folder, settings.run_options()

    def path(self, name: str) -> Path:
        return self.folder / name


def test_actions_of_two_runs_are_read_by_one_child(tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 60, 3), 255, np.uint8)).save(tmp_path / "scan.png")
    own = Settings(project=tmp_path, engine="fake")
    with TemporaryDirectory(prefix="rd") as name:
        service = shared_reading(own, Path(name))
        if service is None:
            pytest.skip("this system has no sockets in folders")
        with service:
            asked = with_shared_reading(own, service)
            assert asked.engine == f"service:{Path(name) / 'reading'}"
            assert service.status()["children"] == 0  # nothing is loaded before the first page
            for _ in range(2):
                made = document_read(Here(tmp_path, asked), file="scan.png")  # type: ignore[arg-type]
                assert (made["engine"], made["source"]) == ("fake", "ocr")
            assert read_one(tmp_path / "scan.png", engine=service.engine).engine == "fake"
            assert (service.status()["children"], service.status()["pages"]) == (1, 3)


def test_without_a_service_runs_keep_their_engine(tmp_path: Path) -> None:
    own = Settings(project=tmp_path, engine="tesseract")
    assert with_shared_reading(own, None) is own

"""`bench/reading_gpu.py`: runs on the processor, says so clearly where there is no GPU."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.ocr.reading.paper import LATIN, draw

torch = pytest.importorskip("torch", reason="torch is not installed")


def test_without_a_gpu_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    from bench.reading_gpu import main

    if torch.cuda.is_available():
        pytest.skip("a GPU is here")
    assert main([]) == 3
    told = capsys.readouterr().err
    assert "no device gpu:0" in told
    assert "--device cpu" in told


@pytest.mark.heavy
def test_it_measures_on_the_processor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    from bench.reading_gpu import main

    folder = tmp_path / "pages"
    folder.mkdir()
    for number in (1, 2):
        paper = draw([(20, 20, f"Invoice number {number}", 26), (20, 70, "Total 1,250.00", 26)], (360, 130), LATIN)
        Image.fromarray(paper.pixels).save(folder / f"{number}.png")
    log = tmp_path / "gpu.log"
    assert main([str(folder), "--device", "cpu", "--batches", "1,2", "--log", str(log)]) == 0
    told = capsys.readouterr().out
    assert log.read_text("utf-8") == told
    networks = re.findall(r"\| (\S+) \| (16|32) \| (\S+) \| (\S+) % \|", told)
    assert {name for name, *_ in networks} == {"PP-OCRv6_small_det", "PP-OCRv6_small_rec", "daeri_hangul_rec"}
    assert all(float(difference) < (1e-3 if bits == "32" else 0.1) for _, bits, difference, _ in networks)
    assert all(float(equal) > 99.9 for _, bits, _, equal in networks if bits == "32")
    assert "| words | 10 of 10 | 100.00 % |" in told
    speeds = re.findall(r"^\| (\d+) \| ([\d.]+) \|.*\| (\w+) \|$", told, re.M)
    assert [batch for batch, *_ in speeds] == ["1", "2"]
    assert all(float(rate) > 0 for _, rate, _ in speeds)
    assert {limit for *_, limit in speeds} <= {"decode", "detection", "recognition", "hangul", "rest"}

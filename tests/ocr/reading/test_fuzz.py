"""Damaged and hostile files: every one is read or refused with a code, in bounded time, and nothing crashes.

The files are read by a child process, so that a crash of a decoder shows as what it is.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.ocr.pages.files import gradient, text_pdf
from tests.ocr.reading.paper import LATIN, draw

SECONDS_A_FILE = 20.0
"""Of processor time for each file; of wall time on the mean, so that a crowded machine fails nothing and a wait does."""

CHILD = """
import json, sys, time
from ocr.pages import Limits
from ocr.reading import FailedReading, read
from ocr.reading.fake import FakeReader
reader = None if sys.argv[1] == "real" else FakeReader()
for line in sys.stdin:
    started = time.process_time()
    (result,) = read([line.strip()], reader=reader, limits=Limits(pixels=20_000_000, pages=50, seconds=15))
    code = result.error.code if isinstance(result, FailedReading) else "read"
    print(json.dumps([line.strip(), code, round(time.process_time() - started, 3)]), flush=True)
"""


def seeds(folder: Path) -> list[bytes]:
    """One small whole file of every kind."""
    paper = draw([(20, 20, "Net total 1,250.00", 24)], (320, 80), LATIN)
    image = Image.fromarray(paper.pixels)
    made = []
    for kind, options in (
        ("PNG", {}),
        ("JPEG", {"quality": 80}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {}),
        ("BMP", {}),
        ("GIF", {}),
    ):
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        made.append(stream.getvalue())
    stream = io.BytesIO()
    image.convert("1").save(
        stream, "TIFF", compression="group4", save_all=True, append_images=[gradient().convert("1")]
    )
    made.append(stream.getvalue())
    image.save(folder / "seed.png")
    made.append(text_pdf(folder / "text.pdf", pages=2).read_bytes())
    made.append(text_pdf(folder / "scan.pdf", picture=folder / "seed.png", lines=[]).read_bytes())
    return made


def mutated(data: bytes, random: np.random.Generator) -> bytes:
    """Bytes changed, cut out, doubled, put in, or the end cut off."""
    made = bytearray(data)
    for _ in range(int(random.integers(1, 12))):
        at = int(random.integers(0, max(1, len(made))))
        match int(random.integers(0, 6)):
            case 0:
                made[at : at + 1] = bytes([int(random.integers(0, 256))])
            case 1:
                del made[at : at + int(random.integers(1, 60))]
            case 2:
                made[at:at] = made[at : at + int(random.integers(1, 200))]
            case 3:
                made[at:at] = random.bytes(int(random.integers(1, 40)))
            case 4:
                made[at : at + 4] = b"\xff\xff\xff\xff"
            case 5:
                del made[max(8, at) :]
    return bytes(made)


def files(folder: Path, count: int, seed: int) -> list[Path]:
    random = np.random.default_rng(seed)
    whole = seeds(folder)
    made = []
    for number in range(count):
        path = folder / f"{number:04}.pdf"
        path.write_bytes(mutated(whole[number % len(whole)], random))
        made.append(path)
    return made


def read_all(paths: list[Path], mode: str) -> list[tuple[str, str, float]]:
    """(file, code or `read`, seconds) of each; a crash of the child fails the test with the file that did
    it."""
    root = Path(__file__).parents[3]
    started = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, mode],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        cwd=root,
        timeout=SECONDS_A_FILE * len(paths),
        check=False,
    )
    results = [tuple(json.loads(line)) for line in child.stdout.splitlines()]
    blamed = paths[len(results)] if len(results) < len(paths) else None
    assert child.returncode == 0, f"{blamed} ended the reader ({child.returncode}): {child.stderr[-1500:]}"
    assert len(results) == len(paths)
    assert time.monotonic() - started < SECONDS_A_FILE * len(paths)
    return results  # type: ignore[return-value]


KNOWN = {
    "read",
    "file-empty",
    "file-unsupported",
    "pdf-broken",
    "pdf-encrypted",
    "image-broken",
    "image-too-large",
    "document-too-long",
    "document-timeout",
}


def check(results: list[tuple[str, str, float]]) -> None:
    assert {code for _, code, _ in results} <= KNOWN
    slow = [result for result in results if result[2] > SECONDS_A_FILE]
    assert slow == []
    assert len({code for _, code, _ in results}) >= 3  # the mutations really reach several paths


def test_two_hundred_damaged_files(tmp_path: Path) -> None:
    check(read_all(files(tmp_path, 200, seed=7), "fake"))


def test_damaged_files_through_the_real_engine(tmp_path: Path) -> None:
    check(read_all(files(tmp_path, 36, seed=8), "real"))


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("piece", range(8))
def test_two_thousand_damaged_files(piece: int, tmp_path: Path) -> None:
    """250 each; `-s` tells how they ended."""
    results = read_all(files(tmp_path, 250, seed=900 + piece), "real")
    print(
        piece, dict(Counter(code for _, code, _ in results)), f"slowest {max(r[2] for r in results):.1f} s", flush=True
    )
    check(results)

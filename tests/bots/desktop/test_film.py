"""The film of a run: it shows what happened, and no secret."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bots.desktop.screen import COVER
from bots.desktop.target import Target
from flows.data import Secret
from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing

SIZE = (800, 600)


def frames(film: bytes, folder: Path) -> NDArray[np.uint8]:
    """(frames, height, width, 3), RGB."""
    (folder / "film.mp4").write_bytes(film)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(folder / "film.mp4"), "-f", "rawvideo"]
    done = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True, timeout=60)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, SIZE[1], SIZE[0], 3)


@needs("mousepad", "ffmpeg")
def test_a_film_covers_what_is_secret(another: Callable[..., Doing], tmp_path: Path) -> None:
    do = another(width=SIZE[0], height=SIZE[1], evidence="full", video=True)
    desktop = do.bot
    field = {"role": "textbox"}
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.type", target=field, text=Secret("pin", "hunter4711"))
    for _ in range(6):
        time.sleep(0.3)
        desktop.settle()
    box = desktop.find.one(do.ctx.begin(), Target(role="textbox")).box
    (film,) = [item for item in desktop.evidence(["hunter4711"]) if item.kind == "video"]
    assert film.masked
    shown = frames(film.data, tmp_path)
    assert len(shown) >= 3
    inner = shown[-1, box.y + 4 : box.bottom - 4, box.x + 4 : box.right - 4].astype(int)
    assert np.abs(inner - np.array(COVER)).max() < 12

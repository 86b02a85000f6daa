"""Pictures of the screen, and covering what may not be seen on them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bots.desktop.geometry import Box
from bots.desktop.settings import adopted
from flows.failures import EngineFailure

Pixels = NDArray[np.uint8]
COVER = (40, 40, 40)


class Screen:
    """Screenshots of one display: (height, width, 3), RGB, 8 bits."""

    def __init__(self, name: str, environment: Mapping[str, str], size: Callable[[], Box]) -> None:
        import mss
        from mss.exception import ScreenShotError

        self._size = size
        self._error = ScreenShotError
        with adopted({k: environment[k] for k in ("XAUTHORITY",) if k in environment}):
            try:
                self._shots: Any = mss.MSS(display=name) if hasattr(mss, "MSS") else mss.mss(display=name)
            except ScreenShotError as error:
                raise EngineFailure(
                    "display-gone", details={"display": name, "reason": str(error)}
                ) from error

    @property
    def size(self) -> Box:
        """The whole screen as it is now."""
        return self._size()

    def grab(self, box: Box | None = None) -> Pixels:
        """The whole screen, or the part of `box` that is on it. Raises `display-gone`."""
        size = self.size
        part = (box or size).common(size)
        if not part.area:
            return np.zeros((0, 0, 3), np.uint8)
        area = {"left": part.x, "top": part.y, "width": part.width, "height": part.height}
        try:
            shot = self._shots.grab(area)
        except self._error as error:
            if self.size != size:  # the resolution changed right now
                return self.grab(box)
            raise EngineFailure("display-gone", details={"display": "", "reason": str(error)}) from error
        raw = np.frombuffer(shot.raw, np.uint8).reshape(part.height, part.width, 4)
        return np.ascontiguousarray(raw[:, :, 2::-1])

    def close(self) -> None:
        self._shots.close()


def fingerprint(pixels: Pixels) -> str:
    """Equal for equal pictures."""
    return hashlib.blake2b(np.ascontiguousarray(pixels).tobytes(), digest_size=16).hexdigest() + str(
        pixels.shape
    )


def framed(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture in a frame of (height, width): cut off, or with black beside and below it."""
    if pixels.shape[:2] == size:
        return pixels
    made = np.zeros((*size, 3), np.uint8)
    part = pixels[: size[0], : size[1]]
    made[: part.shape[0], : part.shape[1]] = part
    return made


def covered(pixels: Pixels, boxes: Iterable[Box]) -> Pixels:
    """A copy with `boxes` painted over."""
    copy = pixels.copy()
    whole = Box(0, 0, copy.shape[1], copy.shape[0])
    for box in boxes:
        part = box.common(whole)
        copy[part.y : part.bottom, part.x : part.right] = COVER
    return copy


def png(pixels: Pixels, dpi: int | None = None, theme: str = "") -> bytes:
    """The picture as a PNG file; with the resolution and theme of the display, when given."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info, stream = PngInfo(), io.BytesIO()
    if theme:
        info.add_text("theme", theme)
    more = {"dpi": (dpi, dpi)} if dpi else {}
    Image.fromarray(pixels).save(stream, "PNG", compress_level=3, pnginfo=info, **more)
    return stream.getvalue()


def from_png(data: bytes) -> Pixels:
    """A picture file as pixels. Raises OSError for what is none."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.uint8)

"""Picture files: PNG, JPEG, TIFF (every page), WebP, BMP, GIF, AVIF, HEIC where pillow-heif is installed; upright,
RGB, 8 bits, on white."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr.errors import DocumentError
from ocr.pages.limits import Limits
from ocr.pages.page import Page, Picture

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "AVIF")
_ORIENTATION = 0x0112
"""The EXIF tag; 1 is upright."""
_SHRUNK_FIRST = ("L", "RGB", "RGBA", "LA", "CMYK")
"""Modes that can be scaled as they are; the others become RGB before."""
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    TypeError,
    KeyError,
    OverflowError,
    MemoryError,
)
"""What Pillow's decoders raise on damaged bytes."""

_MOST_STRETCHED = 4


class ImageDocument:
    """A picture file. Only TIFF counts as many pages; an animation is its first frame."""

    embedded_xml: bytes | None = None

    def __init__(self, image: Image.Image, limits: Limits, name: str) -> None:
        self._image, self._limits, self._name = image, limits, name

    def pages(self) -> Iterator[Page]:
        for index in range(self._count()):
            yield Page(index + 1, "ocr", None, lambda index=index: self._draw(index))  # type: ignore[misc]

    def _count(self) -> int:
        if self._image.format != "TIFF":
            return 1
        with _explained(self._name):
            count = int(getattr(self._image, "n_frames", 1))
        self._limits.check_pages(count)
        return count

    def _draw(self, index: int) -> Picture:
        with _explained(self._name):
            if index:
                self._image.seek(index)
            self._limits.check_pixels(*self._image.size)
            return Picture(index + 1, upright_rgb(self._image, self._limits.working_pixels))


@contextmanager
def open_image(path: Path, limits: Limits) -> Iterator[ImageDocument]:
    """The picture at `path`; its size is checked before a pixel is decoded."""
    with _explained(path.name), warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        image = Image.open(path, formats=_FORMATS + _heif())
    with image:
        limits.check_pixels(*image.size)
        yield ImageDocument(image, limits, path.name)


def upright_rgb(image: Image.Image, working_pixels: int) -> NDArray[np.uint8]:
    """Decoded, scaled down to at most `working_pixels`, turned by its EXIF orientation, as (h, w, 3) RGB."""
    factor = math.sqrt(image.width * image.height / working_pixels)
    if factor >= 2 and image.format == "JPEG":
        image.draft("RGB", (round(image.width / factor), round(image.height / factor)))
    image.load()
    square = _square(image) if image.width * image.height <= working_pixels else image
    upright = square if square.getexif().get(_ORIENTATION, 1) == 1 else ImageOps.exif_transpose(square)
    early = upright.convert("L") if upright.mode == "1" and "transparency" not in upright.info else upright
    if early.mode in _SHRUNK_FIRST:
        early = _shrunk(early, working_pixels)
    return np.asarray(_shrunk(_on_white(early), working_pixels), dtype=np.uint8)


def _shrunk(image: Image.Image, pixels: int) -> Image.Image:
    """At most so many pixels. As early as may be: a fax of 100 million pixels is 400 MB in RGB."""
    factor = math.sqrt(image.width * image.height / pixels)
    if factor <= 1:
        return image
    size = (max(1, int(image.width / factor)), max(1, int(image.height / factor)))
    made = image.resize(size, Image.Resampling.BOX)
    made.info = image.info
    return made


def _heif() -> tuple[str, ...]:
    """The format of HEIC photos, where the library that reads it is installed."""
    if not find_spec("pillow_heif"):
        return ()
    import pillow_heif  # type: ignore[import-not-found]  # not part of the installation

    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _square(image: Image.Image) -> Image.Image:
    """A TIFF whose pixels are not square, stretched by whole pixels: a fax of standard resolution has 204 columns
    an inch and 98 lines. Whole, so that black and white stay what they are. Other formats' figures are seldom
    meant."""
    across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    if image.format != "TIFF" or not (across > 0 and down > 0):
        return image
    wide, high = (min(_MOST_STRETCHED, max(1, round(x))) for x in (down / across, across / down))
    return image if wide == high else image.resize((image.width * wide, image.height * high), Image.Resampling.NEAREST)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        alpha = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", alpha.size, "white"), alpha).convert("RGB")
    return image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """16 and 32 bits a pixel, stretched to 8: Pillow's own conversion would clip them."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    scaled = (values - low) * (255.0 / max(high - low, 1e-6))
    return Image.fromarray(scaled.clip(0, 255).astype(np.uint8)).convert("RGB")


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Pillow's failures as ours."""
    try:
        yield
    except Image.DecompressionBombError as error:
        counted = re.search(r"\((\d+) pixels\)", str(error))
        size, limit = f"{int(counted[1]):,}" if counted else "?", f"{Limits().pixels:,}"
        raise DocumentError(
            "image-too-large",
            f"The page is too large: {size} pixels; at most {limit} pixels are read.",
            "Scan it at a lower resolution (300 dpi is plenty).",
            details={"size": size, "limit": limit},
        ) from error
    except _BROKEN as error:
        raise DocumentError(
            "image-broken",
            f"{name} is a damaged picture: {_reason(error)}.",
            "Ask the sender for the document again, or scan it again.",
            details={"file": name, "reason": _reason(error)},
        ) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):  # its own text names the file once more
        return "no decoder knows it"
    return str(error) or type(error).__name__

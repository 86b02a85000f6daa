"""Small pictures of targets: what a person would look for again, and how alike two of them are."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator

    from bots.browser.bot import Browser

AROUND = 6  # pixels of its surroundings on each side
LARGEST = (480, 160)  # pixels of the page
WIDEST = 160  # pixels kept
QUALITY = 50
LEAST = 4
QUICK: dict[str, Any] = {"timeout": 1500, "animations": "allow", "caret": "initial", "type": "jpeg", "quality": 80}
COMPARED = (32, 16)


def crop(browser: Browser, locator: Locator, limit: float) -> str:
    """A picture of an element with its nearest surroundings, secrets covered: JPEG in base64. Empty where it is not
    in view (it is not scrolled to, as that might change the page) or no picture can be had: no step fails for that."""
    try:
        box = locator.bounding_box(timeout=limit)
        size = browser.page.viewport_size
        clip = _within(box, size["width"], size["height"]) if box is not None and size is not None else None
        if clip is None:
            return ""
        taken = browser.evidence_of.screenshot(browser.page, sorted(browser.hidden()), clip=clip, **QUICK)
    except browser.playwright_error:
        return ""
    return base64.b64encode(_small(taken)).decode()


def _within(box: FloatRect, width: int, height: int) -> FloatRect | None:
    left, top = max(0.0, box["x"] - AROUND), max(0.0, box["y"] - AROUND)
    right = min(width, box["x"] + box["width"] + AROUND, left + LARGEST[0])
    bottom = min(height, box["y"] + box["height"] + AROUND, top + LARGEST[1])
    if right - left < LEAST or bottom - top < LEAST:
        return None
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def _small(picture: bytes) -> bytes:
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((WIDEST, WIDEST))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def as_picture(kept: str) -> bytes:
    """The JPEG of a kept crop."""
    return base64.b64decode(kept)


def alike_crops(one: str, other: str) -> int | None:
    """How alike two crops are, in per cent of brightness over a coarse grid; None where one is missing."""
    if not one or not other:
        return None
    first, second = _coarse(one), _coarse(other)
    apart = sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)
    return round(100 * (1 - apart / 255))


def _coarse(kept: str) -> bytes:
    from PIL import Image

    return Image.open(io.BytesIO(as_picture(kept))).convert("L").resize(COMPARED).tobytes()

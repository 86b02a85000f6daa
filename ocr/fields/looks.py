"""How a page looks, in 256 bits: equal for the same scan, near for the same paper scanned again.

Difference hash (N. Krawetz, "Kind of Like That", 2013): the page in 17 x 16 grey values; each bit says whether a
value is darker than its right neighbour.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ocr.errors import DocumentError

SIDE = 16
NEAR = 12
"""At most so many of the 256 bits differ between two scans of one paper."""


def looks(picture: Image.Image) -> str:
    """64 hexadecimal digits."""
    small = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    grey = np.asarray(small, np.int16)
    bits = np.packbits(grey[:, 1:] < grey[:, :-1] - 1)  # by more than one: even paper is no pattern
    return bits.tobytes().hex()


def looks_of(path: Path) -> str | None:
    """Of the first page of a document; None when it cannot be drawn."""
    from ocr.pages import open_document

    try:
        with open_document(path) as document:
            for page in document.pages():
                return looks(Image.fromarray(page.draw().pixels))
    except DocumentError:
        return None  # hints are no place to fail: whatever reads the document says what is wrong with it
    return None


def near(one: str, other: str) -> bool:
    """Whether two pages look like one paper."""
    return (int(one, 16) ^ int(other, 16)).bit_count() <= NEAR

"""Whether a PDF page's text layer says what the page shows.

A layer is refused whole (`ocr`) when it is empty, mostly without meaning (broken font encodings), printed
nowhere (the text some scanner put under its picture), or reads like a cipher. It is completed by OCR
(`mixed`) when the page shows letter-like ink where the layer has no word: scanned parts,
text drawn as outlines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from ocr.pages.textlayer import Layer
from ocr.values import Box, Rung

_MAX_UNMAPPED = 0.05
_MAX_INVISIBLE = 0.5
_MIN_IMAGE_AREA = 0.02
_MANY_PATHS = 60
_FEW_CHARACTERS = 50
_INK_SCALE = 110 / 72
"""110 dpi: print of 6 points is 9 pixels high, enough to tell letters from dust."""
_LETTERS_UNREAD = 30
"""Letter-like blobs outside the layer that make a page mixed: about one address line."""
_VOWELS = frozenset("aeiouyäöüáàâéèêíìîóòôúùûåæøAEIOUYÄÖÜÁÉÍÓÚ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`covered` are the layer's words on a mixed page, to be painted over before OCR."""

    rung: Rung
    covered: tuple[Box, ...] = ()

    def without_layer(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A copy of the page's picture with the layer's words painted white."""
        if not self.covered:
            return pixels
        made = pixels.copy()
        height, width = made.shape[:2]
        for box in self.covered:
            pad = 0.1 * box.height * height
            made[
                max(0, int(box.y0 * height - pad)) : int(box.y1 * height + pad) + 1,
                max(0, int(box.x0 * width - pad)) : int(box.x1 * width + pad) + 1,
            ] = 255
        return made


def judge(page: pdfium.PdfPage, layer: Layer) -> Verdict:
    """`text`, `ocr` or `mixed` for this page."""
    if not _trusted(layer):
        return Verdict("ocr")
    if not _may_hide_text(page, layer):
        return Verdict("text")
    covered = tuple(word.box for word in layer.text.words)
    if _unread_letters(page, covered) >= _LETTERS_UNREAD:
        return Verdict("mixed", covered)
    return Verdict("text")


def _trusted(layer: Layer) -> bool:
    if layer.characters == 0 or layer.unmapped > _MAX_UNMAPPED * layer.characters:
        return False
    if layer.invisible > _MAX_INVISIBLE * layer.characters:
        return False
    return not is_cipher([word.text for word in layer.text.words])


def is_cipher(words: list[str]) -> bool:
    """Text of a font whose codes were shifted: Latin words without vowels, or signs inside most words.

    A European language has 35 to 50 % vowels among its letters; codes and abbreviations lower that, so only
    texts with 40 letters and more are judged.
    """
    letters = [c for word in words for c in word if c.isalpha() and ord(c) < 0x250]
    if len(letters) < 40:
        return False
    vowels = sum(c in _VOWELS for c in letters) / len(letters)
    odd = sum(bool(re.search(r"[^\W\d_][^\w\s.,'’:/@&+()\-–|*#]+[^\W\d_]", word)) for word in words) / len(
        words
    )
    return vowels < 0.17 or odd > 0.35


def _may_hide_text(page: pdfium.PdfPage, layer: Layer) -> bool:
    """Cheap signs that ink outside the layer may hold letters: pictures of some size, many paths, few
    words."""
    if layer.characters < _FEW_CHARACTERS:
        return True
    width, height = page.get_size()
    paths = 0
    for item in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH), max_depth=4):
        if item.type == raw.FPDF_PAGEOBJ_PATH:
            paths += raw.FPDFPath_CountSegments(item.raw) > 6
            continue
        x0, y0, x1, y1 = item.get_bounds()
        if (x1 - x0) * (y1 - y0) > _MIN_IMAGE_AREA * width * height:
            return True
    return paths > _MANY_PATHS


def _unread_letters(page: pdfium.PdfPage, covered: tuple[Box, ...]) -> int:
    """Blobs of a letter's size and shape that no word of the layer covers."""
    bitmap = page.render(scale=_INK_SCALE, grayscale=True, may_draw_forms=True)
    grey = Verdict("mixed", covered).without_layer(
        np.asarray(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
    )
    ink = (
        cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 25) > 0
    ).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (stats[1:, i] for i in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    letter = (
        (height >= 6)
        & (height <= 40)
        & (width >= 2)
        & (width <= 2 * height)
        & (area >= 8)
        & (area < 0.8 * width * height + 4)
    )
    return int(letter.sum())

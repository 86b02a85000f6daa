"""The fonts of this machine, found by file name in the usual folders.

Only TrueType outlines are used, because the PDF writer embeds nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import ImageFont

from ocr.errors import DocumentError

Kind: TypeAlias = Literal["sans", "serif", "mono", "narrow", "hand"]

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".fonts",
    Path.home() / ".local/share/fonts",
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)

# family, kind, regular file, bold file
LATIN: tuple[tuple[str, Kind, str, str], ...] = (
    ("Liberation Sans", "sans", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Liberation Serif", "serif", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    ("Liberation Mono", "mono", "LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    ("Liberation Sans Narrow", "narrow", "LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    ("DejaVu Sans", "sans", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("DejaVu Sans Condensed", "narrow", "DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    ("DejaVu Serif", "serif", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    ("DejaVu Sans Mono", "mono", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    ("Carlito", "sans", "Carlito-Regular.ttf", "Carlito-Bold.ttf"),
    ("Caladea", "serif", "Caladea-Regular.ttf", "Caladea-Bold.ttf"),
    ("Open Sans", "sans", "OpenSans-Regular.ttf", "OpenSans-Bold.ttf"),
    ("Roboto", "sans", "Roboto-Regular.ttf", "Roboto-Bold.ttf"),
    ("Lato", "sans", "Lato-Regular.ttf", "Lato-Bold.ttf"),
    ("Noto Sans", "sans", "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("Noto Serif", "serif", "NotoSerif-Regular.ttf", "NotoSerif-Bold.ttf"),
)
KOREAN: tuple[tuple[str, Kind, str, str], ...] = (
    ("NanumGothic", "sans", "NanumGothic.ttf", "NanumGothicBold.ttf"),
    ("NanumMyeongjo", "serif", "NanumMyeongjo.ttf", "NanumMyeongjoBold.ttf"),
    ("NanumBarunGothic", "sans", "NanumBarunGothic.ttf", "NanumBarunGothicBold.ttf"),
    ("NanumSquare", "sans", "NanumSquareR.ttf", "NanumSquareB.ttf"),
    ("NanumSquareRound", "sans", "NanumSquareRoundR.ttf", "NanumSquareRoundB.ttf"),
    ("NanumGothicCoding", "mono", "NanumGothicCoding.ttf", "NanumGothicCodingBold.ttf"),
    ("NanumBarunpen", "hand", "NanumBarunpenR.ttf", "NanumBarunpenB.ttf"),
    ("NanumPen", "hand", "NanumPen.ttf", "NanumPen.ttf"),
    ("NanumBrush", "hand", "NanumBrush.ttf", "NanumBrush.ttf"),
    ("Malgun Gothic", "sans", "malgun.ttf", "malgunbd.ttf"),
)
_REFERENCE = 256


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. `cap` and `foot` are the reach above and below the baseline in parts of the size."""

    name: str
    path: str
    cap: float
    foot: float

    def width(self, text: str, size: float) -> float:
        """The advance of `text` in the unit of `size`."""
        return _advance(self.path, text) * size / _REFERENCE


@dataclass(frozen=True, slots=True)
class Family:
    """A regular and a bold face that go together."""

    name: str
    kind: Kind
    korean: bool
    regular: Face
    bold: Face


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(_walk()):
        found.setdefault(path.name, path)
    return found


def _walk() -> Iterator[Path]:
    for folder in FOLDERS:
        if folder.is_dir():
            yield from folder.rglob("*.[tT][tT][fF]")


@lru_cache(maxsize=256)
def pil_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels, without ligatures or reordering."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=200_000)
def _advance(path: str, text: str) -> float:
    return pil_font(path, _REFERENCE).getlength(text)


def _face(file: str, korean: bool) -> Face | None:
    path = _files().get(file)
    return None if path is None else measured_face(path, korean=korean)


def measured_face(path: Path, *, korean: bool) -> Face:
    """The face in a font file, with its reach measured on a capital (and a syllable)."""
    font = pil_font(str(path), _REFERENCE)
    sample = "H가" if korean else "H"
    top = font.getbbox(sample, anchor="ls")[1]
    foot = font.getbbox("g", anchor="ls")[3]
    return Face(path.stem, str(path), -top / _REFERENCE, foot / _REFERENCE)


def _load(table: tuple[tuple[str, Kind, str, str], ...], korean: bool) -> tuple[Family, ...]:
    families = []
    for name, kind, regular_file, bold_file in table:
        regular = _face(regular_file, korean)
        bold = _face(bold_file, korean)
        if regular and bold:
            families.append(Family(name, kind, korean, regular, bold))
    return tuple(families)


@lru_cache(maxsize=2)
def families(korean: bool) -> tuple[Family, ...]:
    """All families that can print Korean (or Latin) text.

    Raises DocumentError `font-missing` where there is none.
    """
    found = _load(KOREAN, True) if korean else _load(LATIN, False)
    if not found:
        what = "Korean" if korean else "Latin"
        package = "fonts-nanum" if korean else "fonts-dejavu or fonts-liberation"
        raise DocumentError(
            "font-missing",
            f"No {what} TrueType font was found on this machine, so no page can be rendered.",
            f"Install one (Debian: apt install {package}).",
            kind="engine",
        )
    return found

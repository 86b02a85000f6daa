"""The Korean fonts of this machine, for training pictures only: nothing of them is shipped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from random import Random

from ocr.errors import DocumentError
from ocr.synthetic.fonts import FOLDERS, Face, measured_face, pil_font

PACKAGES = (
    "fonts-nanum fonts-nanum-extra fonts-noto-cjk fonts-noto-cjk-extra fonts-unfonts-core fonts-unfonts-extra "
    "fonts-baekmuk fonts-alee fonts-lexi-gulim fonts-lexi-saebom fonts-naver-d2coding fonts-woowa-bm"
)
UNSEEN = ("UnDotum", "UnDotumBold", "LexiGulim", "NanumSquare_acR")
"""Kept out of training: only the check on fonts never seen uses them."""
_PRINT = (
    "Nanum{Gothic,GothicBold,GothicLight,GothicExtraBold,GothicEcoR,GothicCoding,GothicCodingBold}",
    "Nanum{Myeongjo,MyeongjoBold,MyeongjoExtraBold,MyeongjoEcoR,BarunGothic,BarunGothicBold,BarunGothicLight}",
    "NanumBarunGothicUltraLight Nanum{SquareR,SquareB,SquareL,SquareEB,SquareRoundR,SquareRoundB,SquareRoundL}",
    "NotoSansCJK-{Regular,Bold,Medium,Light,DemiLight,Black} NotoSerifCJK-{Regular,Bold,Medium,Light,SemiBold}",
    "batang dotum gulim hline Un{Batang,BatangBold,Dotum,DotumBold,Graphic,GraphicBold,Dinaru,DinaruBold}",
    "UnShinmun UnTaza UnVada LexiGulim LexiSaebomR D2Coding-Ver1.3.2-20180524-all NanumSquare_acR",
)
_FANCY = (
    "Nanum{Pen,Brush} Un{Gungseo,Pilgi,PilgiBold,Pen} Bandal Eunjin Bangwool",
    "BM{DOHYEON_ttf,HANNAAir_ttf,HANNAPro,JUA_ttf,KIRANGHAERANG-TTF,YEONSUNG_ttf} NanumBarunpenR NanumBarunpenB",
)
_FANCY_SHARE = 0.08


def _names(lines: tuple[str, ...]) -> list[str]:
    made: list[str] = []
    for word in " ".join(lines).split():
        stem, _, rest = word.partition("{")
        made += [stem + end for end in rest.rstrip("}").split(",")]
    return made


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    return {p.stem: p for folder in FOLDERS if folder.is_dir() for p in sorted(folder.rglob("*.[to]t[fc]"))}


@lru_cache(maxsize=2)
def _faces(fancy: bool) -> tuple[Face, ...]:
    here = [_files()[name] for name in _names(_FANCY if fancy else _PRINT) if name in _files()]
    if len(here) < 8:
        raise DocumentError(
            "font-missing",
            f"Only {len(here)} Korean fonts were found on this machine; training needs many.",
            f"Debian: apt install {PACKAGES}.",
            kind="engine",
        )
    return tuple(measured_face(path, korean=True) for path in here)


def any_face(rng: Random) -> Face:
    """A face to train with: mostly of print."""
    return rng.choice([face for face in _faces(rng.random() < _FANCY_SHARE) if face.name not in UNSEEN])


def unseen_face(rng: Random) -> Face:
    return rng.choice([face for face in _faces(False) if face.name in UNSEEN])


@lru_cache(maxsize=100_000)
def draws(path: str, char: str) -> bool:
    """Whether a font has a picture of its own for a character."""
    font = pil_font(path, 32)
    return bytes(font.getmask(char)) not in (bytes(font.getmask("\uffff")), bytes(font.getmask("\U000e0000")))

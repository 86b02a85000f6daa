"""What the Hangul recogniser can write: all 11,172 syllables, ASCII, and the signs of Korean business papers.

A modern syllable is an initial, a medial and a final (Unicode Standard, section 3.12): its code is
0xAC00 + (initial · 21 + medial) · 28 + final. The network scores the three apart.
"""

from __future__ import annotations

from functools import lru_cache

INITIALS, MEDIALS, FINALS = 19, 21, 28
FIRST = 0xAC00
SYLLABLES = INITIALS * MEDIALS * FINALS
SIGNS = "·₩￦※○●□■△▲▽▼◇◆★☆→←↑↓【】〈〉「」『』《》㈜㎥㎡㎏㎝㎜㎖℃°±×÷～–—‘’“”•…€¥£§©®①②③④⑤⑥⑦⑧⑨⑩"
PLAIN = "".join(map(chr, range(0x21, 0x7F))) + SIGNS
"""Printed characters that are no syllables, in the order of their classes behind the blank."""
BLANK, SPACE = 0, len(PLAIN) + 1
OTHERS = len(PLAIN) + 2
"""Classes that are no syllables: the blank, PLAIN, the space."""


def is_syllable(char: str) -> bool:
    return FIRST <= ord(char) < FIRST + SYLLABLES


def jamo(char: str) -> tuple[int, int, int]:
    """Numbers of the initial, the medial and the final of a syllable."""
    front, final = divmod(ord(char) - FIRST, FINALS)
    return (*divmod(front, MEDIALS), final)


def syllable(initial: int, medial: int, final: int) -> str:
    return chr(FIRST + (initial * MEDIALS + medial) * FINALS + final)


@lru_cache(maxsize=1)
def other_classes() -> dict[str, int]:
    """Class of every character that is no syllable."""
    return {char: index + 1 for index, char in enumerate(PLAIN)} | {" ": SPACE}


def known(char: str) -> bool:
    return is_syllable(char) or char in other_classes()


@lru_cache(maxsize=1)
def everyday() -> str:
    """The 2,350 syllables of KS X 1001, which Korean print hardly ever leaves."""
    return "".join(char for code in range(SYLLABLES) if _in_ksx1001(char := chr(FIRST + code)))


def _in_ksx1001(char: str) -> bool:
    return len(char.encode("euc_kr", "replace")) == 2


def exported() -> list[str]:
    """The dictionary of the exported network: PLAIN, then the syllables; blank before, space behind."""
    return [*PLAIN, *(chr(FIRST + code) for code in range(SYLLABLES))]

"""What every reading engine is: pictures in, page texts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ocr.pages.page import Picture
from ocr.values import PageText


class Reader(Protocol):
    """An engine with its models loaded. `name` says what really runs, `batch` how many pages it likes at
    once."""

    name: str
    batch: int

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        """One page text for each picture, in their order."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How an engine is opened. `models` None: the user's cache folder; `threads` None: what the machine has;
    `hangul` False: never look for Korean; `backend` chooses the batched engine's graph runner; `screen`: the
    pictures are of screens, upright and at the size they were drawn (only the batched engine gains by it);
    `korean` chooses who reads Hangul: auto, own (our recogniser), tesseract, or the name of added weights."""

    device: str = "cpu"
    models: Path | None = None
    threads: int | None = None
    hangul: bool = True
    backend: str = "auto"
    screen: bool = False
    korean: str = "auto"

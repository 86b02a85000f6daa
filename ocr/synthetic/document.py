"""A rendered document with its truth."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from PIL import Image

from ocr.synthetic.degrade import Damage, Warp, damage, warp_box
from ocr.synthetic.pdf import picture_pdf, write_pdf
from ocr.synthetic.raster import rasterise
from ocr.synthetic.scene import Run
from ocr.synthetic.sheet import Sheet


@dataclass(frozen=True, slots=True)
class TruthWord:
    """A printed word. `box` is x0, y0, x1, y1 in fractions of the page; pages count from 1."""

    text: str
    page: int
    box: tuple[float, float, float, float]
    role: str
    field: str | None
    row: int | None
    part: str | None
    link: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What a document says: `fields` and `rows` by the names of the doctype, and every printed word."""

    doctype: str
    kind: str
    language: str
    fields: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]
    words: tuple[TruthWord, ...]
    consistent: bool = True


@dataclass(frozen=True)
class SyntheticDocument:
    """One document: a scene, how it was damaged, and the truth about it. Everything follows from `seed`."""

    name: str
    doctype: str
    kind: str
    language: str
    seed: int
    sheet: Sheet
    dpi: float = 150.0
    harm: str | None = None
    consistent: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def warps(self) -> tuple[Damage, ...]:
        """The damage of each page, drawn from the seed."""
        rng = Random(f"{self.seed}/damage")
        scale = self.dpi / 72.0
        return tuple(
            damage(self.harm, (round(p.width * scale), round(p.height * scale)), rng, self.dpi)
            for p in self.sheet.pages
        )

    def images(self) -> list[Image.Image]:
        """One picture a page, damaged if `harm` is set."""
        clean = rasterise(self.sheet.scene, self.dpi)
        return [spoiled.apply(image) for spoiled, image in zip(self.warps, clean, strict=True)]

    def pdf_bytes(self) -> bytes:
        """A PDF: with a text layer if clean, of pictures if damaged."""
        if self.harm is None:
            return write_pdf(self.sheet.scene, self.name, f"{self.kind} {self.seed}")
        return picture_pdf(self.images(), self.dpi, 75)

    def picture_bytes(self, page: int = 0, *, form: str = "PNG") -> bytes:
        """One page as PNG or JPEG bytes."""
        buffer = io.BytesIO()
        image = self.images()[page]
        if form == "JPEG":
            image.convert("RGB").save(buffer, "JPEG", quality=self.warps[page].jpeg or 88)
        else:
            image.save(buffer, "PNG", compress_level=3)
        return buffer.getvalue()

    @cached_property
    def truth(self) -> Truth:
        """Fields, rows and words; boxes follow the damage."""
        words = tuple(
            word
            for number, page in enumerate(self.sheet.pages, 1)
            for run in page.runs
            if (word := self._word(run, number)) is not None
        )
        rows = tuple(self.sheet.rows[i] for i in sorted(self.sheet.rows))
        return Truth(
            self.doctype, self.kind, self.language, dict(self.sheet.fields), rows, words, self.consistent
        )

    def _word(self, run: Run, number: int) -> TruthWord | None:
        page = self.sheet.pages[number - 1]
        x0, y0, x1, y1 = run.box
        flat = (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)
        warp: Warp = self.warps[number - 1].warp
        mark = run.mark
        return TruthWord(
            run.text,
            number,
            warp_box(warp, flat),
            mark.role,
            mark.field,
            mark.row,
            mark.part,
            mark.link,
            run.line,
        )

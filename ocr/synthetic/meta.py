"""Blocks with the document's number, dates and references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ocr.synthetic.draft import Draft
from ocr.synthetic.parties import GREY
from ocr.synthetic.scene import Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """`label` is the key of a wording; `field` the field of the value, if it is one."""

    label: str
    text: str
    field: str | None = None
    value: str | None = None


Block = Callable[[Draft, list[Entry], float, float, float], float]


def label_left(draft: Draft, entries: list[Entry], x: float, y: float, width: float) -> float:
    """Labels in one column, values in the next."""
    widest = max(
        draft.sheet.measure(draft.name_of(e.label), bold=True, size=draft.look.size) for e in entries
    )
    column = x + min(widest + draft.look.size, width * 0.62)
    for entry in entries:
        y = draft.pair(
            draft.name_of(entry.label),
            entry.text,
            x,
            y,
            role="meta",
            field_name=entry.field,
            value=entry.value,
            value_x=column,
        )
    return y


def value_right(draft: Draft, entries: list[Entry], x: float, y: float, width: float) -> float:
    """Values flush right."""
    for entry in entries:
        y = draft.pair(
            draft.name_of(entry.label),
            entry.text,
            x,
            y,
            role="meta",
            field_name=entry.field,
            value=entry.value,
            value_x=x + width,
            align="r",
        )
    return y


def running(draft: Draft, entries: list[Entry], x: float, y: float, _width: float) -> float:
    """`Label: value` wherever the label ends."""
    for entry in entries:
        y = draft.pair(
            draft.name_of(entry.label),
            entry.text,
            x,
            y,
            role="meta",
            field_name=entry.field,
            value=entry.value,
        )
    return y


def stacked(draft: Draft, entries: list[Entry], x: float, y: float, _width: float) -> float:
    """Small labels, each above its value."""
    for entry in entries:
        link = draft.sheet.new_link()
        draft.sheet.say(
            draft.label(entry.label),
            x,
            y,
            size=draft.look.size * 0.85,
            colour=GREY,
            mark=Mark("meta", None, None, "label", link),
        )
        y += draft.look.size * 1.1
        draft.sheet.say(
            entry.text,
            x,
            y,
            size=draft.look.size,
            mark=draft.mark("meta", entry.field, link=link),
            value=entry.value,
        )
        y += draft.step * 1.2
    return y


def strip(draft: Draft, entries: list[Entry], x: float, y: float, width: float) -> float:
    """A row of boxes: labels above, values below, across the page."""
    sheet, look = draft.sheet, draft.look
    entries = entries[:6]
    cell = width / len(entries)
    boxed, fill = draft.rng.random() < 0.6, draft.rng.random() < 0.5
    top, middle, low = y, y + look.size * 1.6, y + look.size * 3.4
    if fill:
        sheet.box(x, top, x + width, middle, stroke=None, fill=look.tint)
    for i, entry in enumerate(entries):
        at, link = x + i * cell + 3, sheet.new_link()
        title = draft.label(entry.label)
        sheet.say(
            title,
            at,
            top + 2,
            size=sheet.fit(title, cell - 6, look.size * 0.9, True),
            bold=True,
            mark=Mark("meta", None, None, "label", link),
            colour=look.accent,
        )
        sheet.say(
            entry.text,
            at,
            middle + 3,
            size=sheet.fit(entry.text, cell - 6, look.size),
            mark=draft.mark("meta", entry.field, link=link),
            value=entry.value,
        )
        if boxed:
            sheet.box(x + i * cell, top, x + (i + 1) * cell, low, width=0.5, stroke=look.accent)
    if boxed:
        sheet.rule(x, middle, x + width, middle, width=0.5, colour=look.accent)
    return low + look.size * 0.5


def boxed_grid(draft: Draft, entries: list[Entry], x: float, y: float, width: float) -> float:
    """Label cells and value cells with rules around them."""
    sheet, look = draft.sheet, draft.look
    height = look.size * 1.75
    split = x + width * draft.rng.uniform(0.4, 0.5)
    for entry in entries:
        link, title = sheet.new_link(), draft.label(entry.label)
        sheet.box(x, y, split, y + height, width=0.5, fill=look.tint, stroke=look.accent)
        sheet.box(split, y, x + width, y + height, width=0.5, stroke=look.accent)
        sheet.say(
            title,
            x + 3,
            y + look.size * 0.35,
            size=sheet.fit(title, split - x - 6, look.size),
            mark=Mark("meta", None, None, "label", link),
        )
        sheet.say(
            entry.text,
            split + 4,
            y + look.size * 0.35,
            size=sheet.fit(entry.text, x + width - split - 8, look.size),
            mark=draft.mark("meta", entry.field, link=link),
            value=entry.value,
        )
        y += height
    return y


COLUMN_BLOCKS: tuple[Block, ...] = (label_left, value_right, running, stacked, boxed_grid, label_left)

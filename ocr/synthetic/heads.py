"""The upper part of a trade document: each head prints title, parties and meta, and returns the y below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ocr.synthetic import meta, parties
from ocr.synthetic.draft import Draft
from ocr.synthetic.meta import Entry
from ocr.synthetic.scene import Mark
from ocr.synthetic.sheet import Align


def _title(draft: Draft, x: float, y: float, align: Align, kind: str) -> float:
    size = draft.look.size * draft.rng.uniform(1.7, 2.6)
    bold = draft.rng.random() < 0.8
    draft.sheet.say(
        draft.label(kind),
        x,
        y,
        size=size,
        bold=bold,
        align=align,
        mark=Mark("title"),
        colour=draft.look.accent,
    )
    return y + size * 1.4


def head_classic(draft: Draft, entries: list[Entry], kind: str) -> float:
    """Supplier left, title and meta right, buyer below."""
    middle = draft.left + (draft.right - draft.left) * 0.56
    x, y = draft.left, draft.look.margin
    if draft.rng.random() < 0.4:
        parties.logo_at(draft, x, y, 30)
        y += 36
    low = parties.supplier_block(draft, x, y, align="l", big=draft.rng.random() < 0.7, width=middle - x - 14)
    y = _title(draft, draft.right, draft.look.margin, "r", kind)
    meta_low = draft.rng.choice(meta.COLUMN_BLOCKS)(draft, entries, middle, y + 6, draft.right - middle)
    y = max(low, meta_low) + draft.step
    return _buyers(draft, y)


def head_title_left(draft: Draft, entries: list[Entry], kind: str) -> float:
    """Big title left, supplier right, buyer and meta side by side."""
    y = draft.look.margin
    title_low = _title(draft, draft.left, y, "l", kind)
    low = parties.supplier_block(draft, draft.right, y, align="r", big=draft.rng.random() < 0.5, width=260)
    y = max(title_low, low) + draft.step
    return _buyer_beside_meta(draft, entries, y)


def head_centred(draft: Draft, entries: list[Entry], kind: str) -> float:
    """Letterhead in the middle, title under a rule."""
    middle = (draft.left + draft.right) / 2
    inline = draft.rng.random() < 0.6
    y = parties.supplier_block(
        draft, middle, draft.look.margin, align="c", big=True, width=draft.right - draft.left, inline=inline
    )
    draft.sheet.rule(draft.left, y + 3, draft.right, y + 3, width=1.0, colour=draft.look.accent)
    y = _title(draft, middle, y + 12, "c", kind)
    return _buyer_beside_meta(draft, entries, y + 4)


def head_band(draft: Draft, entries: list[Entry], kind: str) -> float:
    """A coloured band with title and supplier's name, details below."""
    sheet, chosen = draft.sheet, draft.look
    sheet.box(0, 0, sheet.width, 62, stroke=None, fill=chosen.accent)
    size = sheet.fit(draft.deal.supplier.name, sheet.width * 0.55, chosen.size * 1.9, True)
    if "supplier_name" in draft.shows:
        sheet.say(
            draft.deal.supplier.name,
            draft.left,
            24,
            size=size,
            bold=True,
            colour=(255, 255, 255),
            mark=Mark("supplier", "supplier_name"),
            value=draft.deal.supplier.name,
        )
    sheet.say(
        draft.label(kind),
        draft.right,
        22,
        size=chosen.size * 2.1,
        align="r",
        colour=(255, 255, 255),
        mark=Mark("title"),
    )
    return _three_columns(draft, entries, 62 + draft.step * 1.5)


def head_letter(draft: Draft, entries: list[Entry], kind: str) -> float:
    """A letter with an address window: sender's line, buyer, meta at the right, title before the table."""
    sheet, party = draft.sheet, draft.deal.supplier
    low = draft.look.margin
    if draft.rng.random() < 0.75:
        low = parties.supplier_block(draft, draft.right, low, align="r", big=True, width=280)
    y = max(118.0, low + 8)
    if "supplier_address" in draft.shows and "supplier_name" in draft.shows:
        sender = " · ".join((party.name, *party.address))
        sheet.say(sender, draft.left, y, size=sheet.fit(sender, 270, 6.5), mark=Mark("supplier"))
    buyer_low = parties.buyer_block(draft, draft.left, y + 16, label=False, width=240)
    x = draft.left + (draft.right - draft.left) * 0.6
    meta_low = draft.rng.choice(meta.COLUMN_BLOCKS)(draft, entries, x, y + 16, draft.right - x)
    if "supplier_name" in draft.shows:
        sheet.fields.setdefault("supplier_name", party.name)
        _mark_sender(draft)
    return _title(draft, draft.left, max(buyer_low, meta_low, y + 80) + draft.step, "l", kind)


def _mark_sender(draft: Draft) -> None:
    """Where only the sender's line names the supplier, its words carry the fields."""
    runs = draft.sheet.page.runs
    if any(run.mark.field == "supplier_name" for run in runs):
        return
    sender = [i for i, run in enumerate(runs) if run.mark.role == "supplier" and run.size <= 6.5]
    for k, i in enumerate(sender):
        named = k < len(draft.deal.supplier.name.split())
        if named:
            runs[i] = replace(runs[i], mark=Mark("supplier", "supplier_name"))
        elif runs[i].text != "·":
            runs[i] = replace(runs[i], mark=Mark("supplier", "supplier_address"))
    if not sender:
        draft.sheet.fields.pop("supplier_name", None)
    elif "supplier_address" in draft.shows:
        draft.sheet.fields.setdefault(
            "supplier_address", " ".join(" ".join(draft.deal.supplier.address).split())
        )


def head_boxes(draft: Draft, entries: list[Entry], kind: str) -> float:
    """Both parties in ruled boxes under the title, meta in a strip."""
    y = _title(draft, (draft.left + draft.right) / 2, draft.look.margin, "c", kind) + 6
    half = (draft.right - draft.left) / 2
    first = _labelled_supplier(draft, draft.left + 6, y + 5, half - 14)
    second = parties.buyer_block(draft, draft.left + half + 8, y + 5, label=True, width=half - 16)
    low = max(first, second) + 4
    draft.sheet.box(draft.left, y, draft.left + half - 2, low, width=0.7, stroke=draft.look.accent)
    draft.sheet.box(draft.left + half + 2, y, draft.right, low, width=0.7, stroke=draft.look.accent)
    return meta.strip(draft, entries, draft.left, low + 10, draft.right - draft.left)


def _labelled_supplier(draft: Draft, x: float, y: float, width: float) -> float:
    draft.sheet.say(
        draft.name_of("supplier"),
        x,
        y,
        size=draft.look.size * 0.95,
        bold=True,
        mark=Mark("supplier", None, None, "label"),
        colour=draft.look.accent,
    )
    return parties.supplier_block(draft, x, y + draft.step * 1.05, align="l", big=False, width=width)


def _buyers(draft: Draft, y: float) -> float:
    half = (draft.right - draft.left) / 2
    low = parties.buyer_block(draft, draft.left, y, label=draft.rng.random() < 0.85, width=half - 14)
    if draft.rng.random() < 0.25:
        field_name = "delivery_address" if "ship_field" in draft.names else None
        low = max(low, parties.ship_block(draft, draft.left + half, y, half - 10, field_name))
    return low


def _buyer_beside_meta(draft: Draft, entries: list[Entry], y: float) -> float:
    if draft.rng.random() < 0.25:
        low = _buyers(draft, y)
        return meta.strip(draft, entries, draft.left, low + draft.step, draft.right - draft.left)
    x = draft.left + (draft.right - draft.left) * draft.rng.uniform(0.54, 0.62)
    low = parties.buyer_block(
        draft, draft.left, y, label=draft.rng.random() < 0.85, width=x - draft.left - 14
    )
    block = draft.rng.choice(meta.COLUMN_BLOCKS)
    return max(low, block(draft, entries, x, y, draft.right - x))


def _three_columns(draft: Draft, entries: list[Entry], y: float) -> float:
    third = (draft.right - draft.left) / 3
    first = _labelled_supplier(draft, draft.left, y, third - 12)
    second = parties.buyer_block(draft, draft.left + third, y, label=True, width=third - 12)
    block = draft.rng.choice((meta.stacked, meta.running, meta.label_left))
    return max(first, second, block(draft, entries, draft.left + 2 * third, y, third))


HEADS: tuple[Callable[[Draft, list[Entry], str], float], ...] = (
    head_classic,
    head_title_left,
    head_centred,
    head_band,
    head_letter,
    head_boxes,
    head_classic,
    head_title_left,
)

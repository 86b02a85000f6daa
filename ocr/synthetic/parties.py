"""Blocks that say who sells and who buys."""

from __future__ import annotations

from ocr.synthetic.draft import Draft
from ocr.synthetic.flourish import logo
from ocr.synthetic.scene import BLACK, Colour, Mark, Role
from ocr.synthetic.sheet import Align

GREY: Colour = (95, 95, 95)


def address_lines(
    draft: Draft,
    lines: tuple[str, ...],
    x: float,
    y: float,
    *,
    role: Role,
    field_name: str | None,
    size: float,
    align: Align = "l",
    width: float = 220,
    colour: Colour = BLACK,
) -> float:
    """The address, one line below the other. Returns the next y."""
    value = " ".join(" ".join(lines).split())
    for line in lines:
        for part in draft.sheet.wrap(line, width, size=size):
            draft.sheet.say(
                part, x, y, size=size, align=align, mark=Mark(role, field_name), value=value, colour=colour
            )
            y += size * draft.look.leading
    return y


def supplier_block(
    draft: Draft, x: float, y: float, *, align: Align, big: bool, width: float, inline: bool = False
) -> float:
    """Name, address and contacts of the supplier."""
    party, look, sheet = draft.deal.supplier, draft.look, draft.sheet
    size = look.size * (draft.rng.uniform(1.3, 2.0) if big else 1.0)
    size = sheet.fit(party.name, width, size, True)
    if "supplier_name" in draft.shows:
        colour = look.accent if big else BLACK
        sheet.say(
            party.name,
            x,
            y,
            size=size,
            bold=big or draft.rng.random() < 0.6,
            align=align,
            mark=Mark("supplier", "supplier_name"),
            value=party.name,
            colour=colour,
        )
    y += size * 1.3
    small = look.size * draft.rng.choice((0.85, 0.95, 1.0))
    lines = (", ".join(part.rstrip(",") for part in party.address),) if inline else party.address
    if "supplier_address" in draft.shows:
        y = address_lines(
            draft,
            lines,
            x,
            y,
            role="supplier",
            field_name="supplier_address",
            size=small,
            align=align,
            width=width,
        )
    return _contacts(draft, x, y, align, small)


def _contacts(draft: Draft, x: float, y: float, align: Align, size: float) -> float:
    party = draft.deal.supplier
    if "supplier_tax_id" in draft.shows and "tax_id_below" not in draft.shows:
        y = labelled(
            draft,
            draft.name_of("tax_id"),
            party.tax_id,
            x,
            y,
            role="supplier",
            field_name="supplier_tax_id",
            size=size,
            align=align,
        )
    entries = ((draft.name_of("phone"), party.phone), ("", party.email), ("", party.web))
    for text, value in entries:
        if draft.rng.random() < 0.5:
            y = labelled(draft, text, value, x, y, role="supplier", field_name=None, size=size, align=align)
    return y


def labelled(
    draft: Draft,
    label: str,
    value: str,
    x: float,
    y: float,
    *,
    role: Role,
    field_name: str | None,
    size: float,
    align: Align,
) -> float:
    """`label value` as one line at any alignment."""
    sheet = draft.sheet
    gap = size * 0.35 if label else 0.0
    total = sheet.measure(label, size) + gap + sheet.measure(value, size)
    start = x - total if align == "r" else x - total / 2 if align == "c" else x
    link = sheet.new_link() if label else None
    if label:
        end = sheet.say(label, start, y, size=size, mark=Mark(role, None, None, "label", link))
        start = end + gap
    sheet.say(value, start, y, size=size, mark=draft.mark(role, field_name, link=link), value=value)
    return y + size * draft.look.leading


def buyer_block(draft: Draft, x: float, y: float, *, label: bool, width: float) -> float:
    """The buyer's window: label, name, address, tax id."""
    party, look, sheet = draft.deal.buyer, draft.look, draft.sheet
    if label:
        sheet.say(
            draft.name_of("buyer"),
            x,
            y,
            size=look.size * 0.95,
            bold=draft.rng.random() < 0.7,
            mark=Mark("buyer", None, None, "label"),
            colour=draft.rng.choice((look.accent, GREY)),
        )
        y += draft.step * 1.05
    if "buyer_name" in draft.shows:
        size = sheet.fit(party.name, width, look.size * draft.rng.choice((1.0, 1.0, 1.15)))
        sheet.say(
            party.name,
            x,
            y,
            size=size,
            bold=draft.rng.random() < 0.4,
            mark=Mark("buyer", "buyer_name"),
            value=party.name,
        )
        y += draft.step
    # alone in the window, the contact person would be the name that the page gives
    if draft.rng.random() < 0.3 and "buyer_name" in draft.shows:
        sheet.say(party.person, x, y, mark=Mark("buyer"), size=look.size)
        y += draft.step
    if "buyer_address" in draft.shows:
        y = address_lines(
            draft, party.address, x, y, role="buyer", field_name="buyer_address", size=look.size, width=width
        )
    if "buyer_tax_id" in draft.shows:
        y = labelled(
            draft,
            draft.name_of("tax_id"),
            party.tax_id,
            x,
            y,
            role="buyer",
            field_name="buyer_tax_id",
            size=look.size,
            align="l",
        )
    return y


def ship_block(draft: Draft, x: float, y: float, width: float, field_name: str | None = None) -> float:
    """Where the goods go."""
    sheet, look = draft.sheet, draft.look
    sheet.say(
        draft.name_of("ship_to"),
        x,
        y,
        size=look.size * 0.95,
        bold=draft.rng.random() < 0.7,
        colour=draft.rng.choice((look.accent, GREY)),
        mark=Mark("buyer", None, None, "label"),
    )
    y += draft.step * 1.05
    party = draft.deal.buyer if field_name is None else draft.deal.supplier
    if draft.rng.random() < 0.6:
        sheet.say(party.name, x, y, size=sheet.fit(party.name, width, look.size), mark=Mark("buyer"))
        y += draft.step
    return address_lines(
        draft, party.address, x, y, role="buyer", field_name=field_name, size=look.size, width=width
    )


def logo_at(draft: Draft, x: float, y: float, size: float) -> float:
    return logo(
        draft.sheet, x, y, size, draft.look.accent if draft.look.accent != BLACK else (60, 90, 140), draft.rng
    )

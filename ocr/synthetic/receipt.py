"""Till receipts: one narrow column, as long as needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from ocr.synthetic import names
from ocr.synthetic.deal import ZERO, Deal, plain
from ocr.synthetic.draft import Draft, look
from ocr.synthetic.flourish import barcode, matrix_code
from ocr.synthetic.formats import choose
from ocr.synthetic.receipt_items import print_items
from ocr.synthetic.roll import Roll, bill
from ocr.synthetic.scene import Mark
from ocr.synthetic.sheet import Align, Sheet


def receipt(deal: Deal, style: Random) -> Sheet:
    """The whole receipt, the paper cut below the last line."""
    korean = deal.region.language == "ko"
    width = style.choice((164.0, 200.0, 210.0, 226.0, 260.0))
    chosen = look(korean, style, size=(width / 30, width / 24))
    chosen = replace(
        chosen, margin=width * style.uniform(0.03, 0.07), rules="none", colon="", upper_labels=False
    )
    sheet = Sheet(width, 4000, chosen.family, chosen.size)
    fmt = choose(deal.region.habits, deal.region.language, deal.currency, style)
    draft = Draft(sheet, deal, fmt, chosen, style, _shows(style))
    roll = Roll(draft, bill(deal, style))
    for part in _order(style):
        part(roll)
    sheet.height = sheet.page.height = roll.y + chosen.margin
    return sheet


def _shows(rng: Random) -> frozenset[str]:
    chances = {
        "company": 0.99,
        "address": 0.9,
        "tax_id": 0.6,
        "date": 0.97,
        "time": 0.7,
        "receipt_number": 0.8,
        "net": 0.5,
        "tax": 0.55,
        "head": 0.6,
    }
    return frozenset(name for name, chance in chances.items() if rng.random() < chance)


def _order(rng: Random) -> list[Callable[[Roll], None]]:
    parts: list[Callable[[Roll], None]] = [
        print_head,
        print_meta,
        print_items,
        print_sums,
        print_payment,
        print_tax,
        print_foot,
    ]
    if rng.random() < 0.06:
        parts[5], parts[4] = parts[4], parts[5]
    if rng.random() < 0.18:
        parts.remove(print_meta)
        parts.insert(rng.choice((0, 5, 6, 5)), print_meta)
    return parts


# ---- parts -----------------------------------------------------------------------------------------------


def print_head(roll: Roll) -> None:
    """Shop, address, numbers, title."""
    rng, party, shows = roll.rng, roll.draft.deal.supplier, roll.draft.shows
    align: Align = "c" if rng.random() < 0.75 else "l"
    if rng.random() < 0.12:
        roll.line(names.person(roll.draft.deal.region, rng).upper(), align=align, scale=1.3)
        roll.gap(1)
    if rng.random() < 0.12:
        roll.line(roll.word("title"), align=align, role="title", bold=True)
    if "company" in shows:
        roll.line(
            party.name,
            align=align,
            role="supplier",
            field="company",
            value=party.name,
            scale=rng.choice((1.0, 1.0, 1.25, 1.5)),
            bold=rng.random() < 0.5,
        )
    _registration(roll, align)
    if "address" in shows:
        _address(roll, align)
    _contacts(roll, align)
    if rng.random() < 0.7:
        roll.gap(0.5)
        roll.line(
            roll.word("title"),
            align="c" if rng.random() < 0.8 else "l",
            role="title",
            scale=rng.choice((1.0, 1.2)),
            bold=rng.random() < 0.6,
        )
    roll.gap(0.5)


def _registration(roll: Roll, align: Align) -> None:
    if roll.draft.deal.region.code in ("MY", "SG") and roll.rng.random() < 0.7:
        number = names.fill(
            roll.rng.choice(
                (
                    "######-@",
                    "(######-@)",
                    "Co. Reg No: ######-@",
                    "(CO.REG : ######-@)",
                    "Company No: ######@",
                    "REG NO: 00#######-@",
                )
            ),
            roll.rng,
        )
        run = roll.sheet.page.runs[-1] if roll.sheet.page.runs else None
        beside = run is not None and run.mark.field == "company" and roll.rng.random() < 0.15
        if (
            beside
            and run is not None
            and run.x + run.width + roll.sheet.measure(number, run.size * 0.7) < roll.x1 - 4
        ):
            roll.sheet.say(
                number,
                run.x + run.width + 4,
                run.y - run.size * 0.7,
                size=run.size * 0.7,
                mark=Mark("supplier"),
            )
        else:
            roll.line(number, align=align, role="supplier")
    if roll.draft.language == "ko" and roll.rng.random() < 0.7:
        roll.line(
            f"{roll.rng.choice(('대표자', '대표', '대표자명'))}: {roll.draft.deal.supplier.person}",
            align=align,
            role="supplier",
        )


def _address(roll: Roll, align: Align) -> None:
    lines = roll.draft.deal.supplier.address
    value = " ".join(" ".join(lines).split())
    if roll.draft.language == "ko" and roll.rng.random() < 0.4:
        roll.pair(
            roll.word("address") + ":", value, role="supplier", field="address", value=value, style="run"
        )
        return
    for text in lines if roll.rng.random() < 0.8 else [value]:
        roll.line(text, align=align, role="supplier", field="address", value=value)


def _contacts(roll: Roll, align: Align) -> None:
    rng, party = roll.rng, roll.draft.deal.supplier
    if rng.random() < 0.6:
        fax = (
            f" {roll.word('fax')}: {names.fill(rng.choice(roll.draft.deal.region.phone), rng)}"
            if rng.random() < 0.3
            else ""
        )
        roll.line(
            f"{roll.word('phone')}{rng.choice((': ', ' : ', ' '))}{party.phone}{fax}",
            align=align,
            role="supplier",
        )
    if "tax_id" in roll.draft.shows:
        _tax_id(roll, align, party.tax_id)
    if rng.random() < 0.15:
        roll.line(rng.choice((party.web, party.email)), align=align, role="supplier")


def _tax_id(roll: Roll, align: Align, number: str) -> None:
    sheet, size = roll.sheet, roll.size
    label = roll.word("tax_id") + roll.rng.choice((": ", " : ", " "))
    total = sheet.measure(label.strip(), size) + size * 0.4 + sheet.measure(number, size)
    size *= min(1.0, (roll.x1 - roll.x0) / total)
    x = roll.x0 if align == "l" else max(roll.x0, (roll.x0 + roll.x1 - total) / 2)
    roll.draft.pair(
        label.strip(), number, x, roll.y, role="supplier", field_name="tax_id", value=number, size=size
    )
    roll.y += size * roll.draft.look.leading


def print_meta(roll: Roll) -> None:
    """Number, date, time, cashier, in some order."""
    deal, shows, rng = roll.draft.deal, roll.draft.shows, roll.rng
    style = rng.choice(("run", "column", "run", "right", "column"))
    entries: list[tuple[str, str, str | None, str | None]] = []
    if "receipt_number" in shows:
        entries.append((roll.word("receipt_number"), deal.number, "receipt_number", deal.number))
    for key in ("cashier", "table", "member", "terminal"):
        if rng.random() < 0.3:
            text = deal.buyer.person if key in ("cashier", "member") else str(rng.randint(1, 999))
            entries.append((roll.word(key), text, None, None))
    rng.shuffle(entries)
    colon = rng.choice((":", " :", ":", ""))
    where = rng.randint(0, len(entries))
    for index in range(len(entries) + 1):
        if index == where and ("date" in shows or "time" in shows):
            _moment(roll, colon, style)
        if index < len(entries):
            label, text, field, value = entries[index]
            roll.pair(label + colon, text, role="meta", field=field, value=value, style=style)
    if roll.draft.rng.random() < 0.6:
        roll.rule()


def _moment(roll: Roll, colon: str, style: str) -> None:
    """Date and time: one line or two, with labels or without."""
    deal, shows, rng = roll.draft.deal, roll.draft.shows, roll.rng
    sheet, fmt = roll.sheet, roll.fmt
    day, clock = fmt.day(deal.issued), fmt.moment(deal.at)
    both = "date" in shows and "time" in shows
    if not both or rng.random() < 0.4:
        if "date" in shows:
            roll.pair(
                roll.word("date") + colon,
                day,
                role="meta",
                field="date",
                value=deal.issued.isoformat(),
                style=style,
            )
        if "time" in shows:
            roll.pair(
                roll.word("time") + colon,
                clock,
                role="meta",
                field="time",
                value=f"{deal.at:%H:%M:%S}" if "%S" in fmt.clock else f"{deal.at:%H:%M}",
                style=style,
            )
        return
    x, link = roll.x0, None
    if rng.random() < 0.6:
        link = sheet.new_link()
        end = sheet.say(
            roll.word("date") + colon, x, roll.y, size=roll.size, mark=Mark("meta", None, None, "label", link)
        )
        x = end + roll.size * 0.5
    end = sheet.say(
        day,
        x,
        roll.y,
        size=roll.size,
        mark=roll.draft.mark("meta", "date", link=link),
        value=deal.issued.isoformat(),
    )
    value = f"{deal.at:%H:%M:%S}" if "%S" in fmt.clock else f"{deal.at:%H:%M}"
    at = roll.x1 - sheet.measure(clock, roll.size) if rng.random() < 0.3 else end + roll.size * 0.6
    sheet.say(
        clock,
        max(at, end + roll.size * 0.4),
        roll.y,
        size=roll.size,
        mark=roll.draft.mark("meta", "time", link=link),
        value=value,
    )
    roll.y += roll.draft.step


def _money(roll: Roll, amount: Decimal) -> str:
    text = roll.fmt.money(amount)
    if roll.fmt.symbol and roll.fmt.symbol in text:
        roll.sheet.fields.setdefault("currency", roll.draft.deal.currency)
    return text


def print_sums(roll: Roll) -> None:
    """Subtotal, discount, tax, rounding, total."""
    marks, rng, shows = roll.bill, roll.rng, roll.draft.shows
    places, colon = roll.fmt.places, rng.choice(("", ":", " :"))
    style = "right" if rng.random() < 0.9 else "column"

    def put(
        key: str,
        amount: Decimal,
        field: str | None = None,
        *,
        bold: bool = False,
        scale: float = 1.0,
        tail: str = "",
    ) -> None:
        value = plain(amount, places) if field else None
        roll.pair(
            roll.word(key) + tail + colon,
            _money(roll, amount),
            role="totals",
            field=field,
            value=value,
            bold=bold,
            style=style,
            scale=scale,
        )

    if rng.random() < 0.25:
        count = sum((i.quantity for i in roll.draft.deal.items), ZERO)
        roll.pair(roll.word("count") + colon, f"{count.normalize():f}", role="totals", style=style)
    if marks.discount:
        put("lines", roll.draft.deal.lines_total)
        put("discount", -marks.discount)
    if not marks.inclusive or "net" in shows:
        put("net", marks.net, "net_total")
    if not marks.inclusive or "tax" in shows:
        put("tax", marks.tax, "tax_total", tail=f" {roll.fmt.rate(marks.rate)}" if rng.random() < 0.5 else "")
    if marks.rounding or rng.random() < 0.1:
        if rng.random() < 0.6:
            put("before", marks.before)
        put("rounding", marks.rounding)
    put("total", marks.total, "total", bold=rng.random() < 0.6, scale=rng.choice((1.0, 1.0, 1.2, 1.4)))


def print_payment(roll: Roll) -> None:
    """Cash and change, or a card."""
    marks, rng = roll.bill, roll.rng
    if rng.random() < 0.15:
        return
    if marks.paid == marks.total:
        roll.pair(roll.word("card"), _money(roll, marks.total), role="payment")
        if rng.random() < 0.5:
            roll.line(f"{roll.word('card_no')}: {names.fill('####-****-****-####', rng)}", role="payment")
    else:
        sign = -1 if rng.random() < 0.12 else 1
        roll.pair(roll.word("cash"), _money(roll, sign * marks.paid), role="payment")
        roll.pair(roll.word("change"), _money(roll, marks.paid - marks.total), role="payment")
    for key in ("saved", "points", "count"):
        if rng.random() < 0.1:
            shown = (
                str(rng.randint(0, 40))
                if key != "saved"
                else roll.fmt.number(Decimal(rng.randint(0, 900)) / 100)
            )
            roll.pair(roll.word(key), shown, role="payment")
    roll.gap(0.5)


Cell = tuple[str, str | None, str | None]
"""What is printed, the field it is the value of, its plain value."""


def print_tax(roll: Roll) -> None:
    """A summary of taxes by rate."""
    if roll.rng.random() < 0.6 or not roll.bill.tax:
        return
    marks, fmt = roll.bill, roll.fmt
    stops = (roll.x0 + (roll.x1 - roll.x0) * 0.65, roll.x1)
    places = fmt.places
    rows: tuple[tuple[str, Cell, Cell], ...] = (
        (roll.word("summary"), (roll.word("net"), None, None), (roll.word("tax"), None, None)),
        (
            roll.rng.choice(("SR", "A", "")) + fmt.rate(marks.rate),
            (fmt.number(marks.net), "net_total", plain(marks.net, places)),
            (fmt.number(marks.tax), "tax_total", plain(marks.tax, places)),
        ),
    )
    known = set(roll.sheet.fields)
    roll.rule()
    for first, second, third in rows:
        room = (roll.x1 - roll.x0) * 0.33
        roll.sheet.say(
            first, roll.x0, roll.y, size=roll.sheet.fit(first, room, roll.size), mark=Mark("totals")
        )
        for (text, name, value), at in zip((second, third), stops, strict=True):
            told = name if name not in known else None  # what stands above is the truth already
            roll.sheet.say(
                text,
                at,
                roll.y,
                size=roll.sheet.fit(text, room * 0.93, roll.size),
                align="r",
                mark=Mark("totals", told) if told else Mark("totals"),
                value=value if told else None,
            )
        roll.y += roll.draft.step


def print_foot(roll: Roll) -> None:
    """Thanks and rules of return."""
    rng = roll.rng
    roll.gap(0.6)
    for text in rng.sample(roll.words["foot"], min(len(roll.words["foot"]), rng.randint(0, 3))):
        roll.line(text, align="c", role="footer")
    if rng.random() < 0.2:
        barcode(roll.sheet, roll.x0 + 20, roll.y + 4, roll.x1 - roll.x0 - 40, 22, rng)
        roll.y += 34
    elif rng.random() < 0.08:
        matrix_code(roll.sheet, (roll.x0 + roll.x1) / 2 - 28, roll.y + 4, 56, rng)
        roll.y += 66

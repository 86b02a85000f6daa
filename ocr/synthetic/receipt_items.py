"""The goods on a receipt, in one of four shapes."""

from __future__ import annotations

from ocr.synthetic.deal import Item, plain
from ocr.synthetic.roll import Roll
from ocr.synthetic.scene import Mark
from ocr.synthetic.sheet import Align


def print_items(roll: Roll) -> None:
    """The goods, in one of four shapes."""
    rng = roll.rng
    shape = rng.choice((_two_lines, _one_line, _columns, _columns, _price_line))
    if "head" in roll.draft.shows and shape is not _columns:
        ends = (roll.word("item"), roll.word("amount"))
        roll.sheet.say(ends[0], roll.x0, roll.y, size=roll.size, mark=Mark("item_header"))
        roll.sheet.say(ends[1], roll.x1, roll.y, size=roll.size, align="r", mark=Mark("item_header"))
        roll.y += roll.draft.step
        roll.rule()
    if shape is _columns:
        _column_heads(roll)
    for index, item in enumerate(roll.draft.deal.items):
        shape(roll, index, item)
    roll.rule()


def _say_item(
    roll: Roll, text: str, x: float, index: int, field: str | None, value: str | None, align: Align = "l"
) -> float:
    return roll.sheet.say(
        text, x, roll.y, size=roll.size, align=align, mark=Mark("item", field, index), value=value
    )


def _close(roll: Roll, index: int, item: Item) -> None:
    """The amount at the right edge, on some rolls with a tax code behind it."""
    names = roll.draft.names
    code = names.setdefault("tax_code", roll.rng.choice(("", "", "", "", "T", "SR", "A", "*", "Z")))
    at = roll.x1 - (roll.sheet.measure(code, roll.size) + 3 if code else 0)
    _say_item(roll, _amount(roll, item), at, index, "amount", plain(item.amount, roll.fmt.places), "r")
    if code:
        _say_item(roll, code, roll.x1, index, None, None, "r")


def _amount(roll: Roll, item: Item, name: str = "amount") -> str:
    value = item.amount if name == "amount" else item.unit_price
    return roll.fmt.money(
        value, bare=roll.draft.names.setdefault("bare", roll.rng.choice(("1", "1", "1", ""))) == "1"
    )


def _quantity(roll: Roll, item: Item) -> tuple[str, str]:
    return roll.fmt.quantity(item.quantity), f"{item.quantity.normalize():f}"


def _description(roll: Roll, index: int, item: Item, width: float, x: float | None = None) -> None:
    """The description; all but its last line move the paper on."""
    parts = roll.sheet.wrap(item.description, width, size=roll.size)
    for k, part in enumerate(parts):
        if k:
            roll.y += roll.draft.step
        _say_item(roll, part, roll.x0 if x is None else x, index, "description", item.description)


def _two_lines(roll: Roll, index: int, item: Item) -> None:
    _description(roll, index, item, roll.x1 - roll.x0)
    roll.y += roll.draft.step
    at = roll.x0 + roll.size * 1.5
    if roll.draft.names.setdefault("codes", roll.rng.choice(("", "1"))):
        at = _say_item(roll, item.code, at, index, None, None) + roll.size
    text, value = _quantity(roll, item)
    at = _say_item(roll, text, at, index, "quantity", value) + roll.size * 0.5
    at = _say_item(roll, roll.word("times"), at, index, None, None) + roll.size * 0.5
    places = roll.fmt.places
    _say_item(
        roll,
        _amount(roll, item, "unit_price"),
        at,
        index,
        "unit_price",
        plain(item.unit_price, places),
    )
    _close(roll, index, item)
    roll.y += roll.draft.step


def _one_line(roll: Roll, index: int, item: Item) -> None:
    text, value = _quantity(roll, item)
    end = _say_item(roll, text, roll.x0, index, "quantity", value) + roll.size * 0.6
    room = roll.x1 - end - roll.sheet.measure(_amount(roll, item), roll.size) - 2.5 * roll.size
    _description(roll, index, item, room, end)
    _close(roll, index, item)
    roll.y += roll.draft.step


def _price_line(roll: Roll, index: int, item: Item) -> None:
    """Description and amount only, as groceries print a single piece."""
    room = roll.x1 - roll.x0 - roll.sheet.measure(_amount(roll, item), roll.size) - 2.5 * roll.size
    _description(roll, index, item, room)
    _close(roll, index, item)
    roll.y += roll.draft.step


def _stops(roll: Roll) -> tuple[float, float, float]:
    room = roll.x1 - roll.x0
    return roll.x0 + room * 0.52, roll.x0 + room * 0.76, roll.x1


def _column_heads(roll: Roll) -> None:
    size = roll.size * 0.95
    roll.sheet.say(roll.word("item"), roll.x0, roll.y, size=size, mark=Mark("item_header"))
    for key, at in zip(("quantity", "price", "amount"), _stops(roll), strict=True):
        text = roll.word(key)
        roll.sheet.say(
            text,
            at,
            roll.y,
            size=roll.sheet.fit(text, (roll.x1 - roll.x0) * 0.21, size),
            align="r",
            mark=Mark("item_header"),
        )
    roll.y += roll.draft.step
    roll.rule()


def _columns(roll: Roll, index: int, item: Item) -> None:
    quantity, price, amount = _stops(roll)
    own_line = roll.draft.names.setdefault("own_line", roll.rng.choice(("", "1"))) == "1"
    _description(roll, index, item, roll.x1 - roll.x0 if own_line else (quantity - roll.x0) * 0.82)
    if own_line:
        roll.y += roll.draft.step
    text, value = _quantity(roll, item)
    _say_item(roll, text, quantity, index, "quantity", value, "r")
    _say_item(
        roll,
        _amount(roll, item, "unit_price"),
        price,
        index,
        "unit_price",
        plain(item.unit_price, roll.fmt.places),
        "r",
    )
    _say_item(roll, _amount(roll, item), amount, index, "amount", plain(item.amount, roll.fmt.places), "r")
    roll.y += roll.draft.step

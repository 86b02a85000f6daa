"""Looking: reading values, tables and parts of the screen, waiting, finding out whether something is
there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bots.base import Context
from bots.browser.values import As, Duration, typed
from bots.desktop.accessible import TreeSearch, column_number
from bots.desktop.acting import unfit
from bots.desktop.bot import Desktop
from bots.desktop.conditions import sees, wait_until
from bots.desktop.driver import FIELDS
from bots.desktop.failures_of import FOUND, THERE
from bots.desktop.find import Place
from bots.desktop.target import Target
from flows.action import action
from flows.failures import ApplicationFailure, BusinessFailure

MOST_ROWS = 5000


def _type_of(parameters: Mapping[str, Any]) -> Any:
    """The type that `as` gives to what was read."""
    from datetime import date, time
    from decimal import Decimal

    numbers = {"integer": int, "number": Decimal, "money": Decimal, "percent": Decimal}
    others = {"date": date, "time": time, "boolean": bool}
    return {**numbers, **others}.get(str(parameters.get("as", "text")), str)


@action(
    "desktop.read",
    main="target",
    acts="nothing",
    outputs_of=_type_of,
    fails={**FOUND, "not-ready": "application", "value-unreadable": "application"},
    examples=(
        "desktop.read: {target: {label: Total}, as: money}",
        "desktop.read: {target: {cell: B7}}",
        "desktop.read: {target: {screen_text: Total, right_of: Sum}}",
    ),
)
def read(desktop: Desktop, ctx: Context, *, target: Target, as_: As = "text") -> Any:
    """Reads what stands there: the text of a field, the name of a label or cell, the words on the screen.

    `as` turns it into a number, an amount, a date, …; `value-unreadable` when it is none.
    """

    def look(place: Place) -> tuple[str, bool]:
        return text_of(desktop, place), place.node is not None and place.node.role in FIELDS

    text, entered = desktop.act.perform(ctx, target, "read", look, by_hand=False)
    if as_ == "text" and (entered or "\n" in text):  # what was typed keeps every blank
        return text.removesuffix("\n")
    return typed(text, as_, str(target))


def text_of(desktop: Desktop, place: Place) -> str:
    """The words of a place: by accessibility where it can, else as they read on the screen."""
    driver, node = desktop.driver, place.node
    if node is None or driver is None:
        return desktop.entry.read(place, "screen") or ""
    if node.role in ("checkbox", "radio", "switch"):
        return "true" if "checked" in driver.look(node).states else "false"
    text = driver.text(node)
    if not text and node.role == "combobox" and place.tree is not None:
        inner = (n for n in place.tree.under(node) if n.role == "textbox" and "text" in n.can)
        return next((driver.text(n) for n in inner), "")
    if text or "value" not in node.can:
        return text
    value = driver.value(node)
    return node.name if value is None else f"{value:g}"


@action(
    "desktop.table",
    main="target",
    acts="nothing",
    timeout="120s",
    fails={
        **FOUND,
        "target-unfit": "flow",
        "column-missing": "application",
        "value-unreadable": "application",
    },
    examples=(
        "desktop.table: {target: {role: table, name: Open bills}, columns: {Number: text, Total: money}}",
    ),
)
def table(
    desktop: Desktop,
    ctx: Context,
    *,
    target: Target | None = None,
    columns: dict[str, As] | None = None,
    rows: int = 1000,
    first_row: int = 1,
) -> list[dict[str, Any]]:
    """Reads a table as a list of rows, each a mapping by column heading (by number where there is none).

    `columns` takes only these and types them; in a spreadsheet they are letters, and `rows` says how many
    to read.
    """
    wanted = target or Target(role="table")

    def look(place: Place) -> list[dict[str, Any]]:
        return _rows(desktop, wanted, place, columns, min(rows, MOST_ROWS), first_row - 1)

    return desktop.act.perform(ctx, wanted, "read", look, by_hand=False)


def _rows(
    desktop: Desktop, target: Target, place: Place, columns: dict[str, As] | None, most: int, first: int
) -> list[dict[str, Any]]:
    driver = desktop.driver
    shape = driver.shape(place.node) if driver is not None and place.node is not None else None
    if driver is None or place.node is None or place.tree is None or shape is None:
        raise unfit(target, "it is no table")
    names = list(columns) if columns is not None else _headings(shape.headings, min(shape.columns, 100))
    numbers = [column_number(shape, name) for name in names]
    for name, number in zip(names, numbers, strict=True):
        if number is None:
            details = {"target": str(target), "column": name, "columns": ", ".join(shape.headings) or "-"}
            raise ApplicationFailure("column-missing", details=details)
    places = [(r, int(n or 0)) for r in range(first, min(shape.rows, first + most)) for n in numbers]
    texts = TreeSearch(driver, place.tree).cell_texts(place.node, places)
    kinds: list[As] = [(columns or {}).get(name, "text") for name in names]
    width = len(names)
    return [
        {n: typed(t, k, str(target)) for n, t, k in zip(names, texts[i : i + width], kinds, strict=True)}
        for i in range(0, len(texts), width)
    ]


def _headings(headings: tuple[str, ...], columns: int) -> list[str]:
    return [(headings[i] if i < len(headings) else "") or str(i + 1) for i in range(columns)]


@action(
    "desktop.expect",
    main="that",
    acts="nothing",
    fails={**FOUND, "not-as-expected": "application", "condition-invalid": "flow"},
    examples=(
        "desktop.expect: Ready",
        "desktop.expect: {that: {window: 'Invoice 4711*'}}",
        "desktop.expect: {that: {text: Saved}, unless: {contains: already exists}, code: duplicate-bill}",
    ),
)
def expect(
    desktop: Desktop,
    ctx: Context,
    *,
    that: Target | dict[str, Any],
    unless: dict[str, Any] | str | None = None,
    code: str = "not-as-expected",
) -> None:
    """Waits until something shows, or a condition holds (`absent`, `dialog`, `ended`, `all`, `any`, `not`).

    `not-as-expected` when the step's time is over. When `unless` shows first the step ends as a business
    failure with the given `code`.
    """
    desktop.ctx = ctx

    def ended() -> bool:
        if unless is not None and sees(desktop, unless):
            details = {"expected": str(that), "instead": str(unless), "url": desktop.window_title()}
            raise BusinessFailure(code, details=details)
        return sees(desktop, that)

    if not wait_until(desktop, ctx, ended, living=False):
        details = {"expected": str(that), "url": desktop.window_title()}
        raise ApplicationFailure("not-as-expected", details=details)


@action(
    "desktop.wait",
    main="target",
    acts="nothing",
    fails=FOUND,
    examples=("desktop.wait: {target: {role: dialog, name: Preferences}}",),
)
def wait(desktop: Desktop, ctx: Context, *, target: Target) -> None:
    """Waits until something shows."""
    desktop.use(ctx)
    desktop.find.one(ctx, target, "read")


@action(
    "desktop.exists",
    main="target",
    acts="nothing",
    probes=True,
    fails={**FOUND, "undecided": "application"},
    examples=("desktop.exists: {target: {row: {Number: '4711'}}, absent: {text: No bills found}}",),
)
def exists(
    desktop: Desktop,
    ctx: Context,
    *,
    target: Target,
    absent: Target | None = None,
    within: Duration | None = None,
) -> bool:
    """Whether something shows.

    With `absent` (what shows when there is nothing) it waits for either and is `undecided` when neither
    shows in time: never a guess. Without, it looks for `within` (2 seconds) and then says no.
    """
    desktop.use(ctx)
    seen: list[bool] = []

    def decided() -> bool:
        if desktop.find.count(target, "read"):
            seen.append(True)
        elif absent is not None and desktop.find.count(absent, "read"):
            seen.append(False)
        return bool(seen)

    seconds = within.total_seconds() if within is not None else None if absent is not None else 2.0
    if wait_until(desktop, ctx, decided, seconds):
        return seen[0]
    if absent is not None:
        details = {"target": str(target), "absent": str(absent), "url": desktop.window_title()}
        raise ApplicationFailure("undecided", details=details)
    return False


@action(
    "desktop.ocr",
    main="target",
    acts="nothing",
    fails=FOUND,
    examples=("desktop.ocr: {target: {role: panel, name: Preview}}", "desktop.ocr:"),
)
def ocr(desktop: Desktop, ctx: Context, *, target: Target | None = None) -> str:
    """The text that can be read on a part of the screen (without `target`: the current window), line by
    line."""
    desktop.use(ctx)
    box = desktop.find.one(ctx, target).box if target is not None else _front_box(desktop)
    seen = desktop.screen_text.look(desktop.screen.grab(box))
    return "\n".join(" ".join(s.text for s in line) for line in _lines(seen))


def _lines(seen: list[Any]) -> list[list[Any]]:
    lines: list[list[Any]] = []
    for one in sorted(seen, key=lambda s: (s.box.center[1], s.box.x)):
        if lines and abs(lines[-1][0].box.center[1] - one.box.center[1]) < one.box.height / 2:
            lines[-1].append(one)
        else:
            lines.append([one])
    return [sorted(line, key=lambda s: s.box.x) for line in lines]


def _front_box(desktop: Desktop) -> Any:
    found = desktop.windows()
    return next((w.box for w in found if w.active), found[-1].box) if found else None


@action("desktop.screenshot", main="name", acts="nothing", fails=THERE)
def screenshot(
    desktop: Desktop, ctx: Context, *, name: str = "desktop.png", of: Literal["screen", "window"] = "screen"
) -> dict[str, Any]:
    """Keeps a picture of the screen or of the current window, with fields that hold secrets covered."""
    from bots.desktop.screen import covered, png

    desktop.ctx = ctx
    pixels = covered(desktop.screen.grab(), desktop.evidence_of.boxes())
    box = _front_box(desktop) if of == "window" else None
    if box is not None:
        part = box.common(desktop.screen.size)
        pixels = pixels[part.y : part.bottom, part.x : part.right]
    kept = ctx.save("screenshot", name, png(pixels), "image/png")
    return {"path": kept.path, "name": kept.name, "sha256": kept.sha256}

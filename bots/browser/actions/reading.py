"""Looking: reading values and tables, waiting for what shall show, finding out whether something is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bots.base import Context
from bots.browser import conditions
from bots.browser.bot import Browser
from bots.browser.failures_of import FOUND
from bots.browser.find import element_call
from bots.browser.launch import ENGINE
from bots.browser.tables import TableReading
from bots.browser.target import Target
from bots.browser.values import As, Duration, typed
from bots.browser.waiting import wait_until
from flows.action import action
from flows.failures import ApplicationFailure, BusinessFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Locator

# What a person would copy: a field's value as it stands, a cell's text, otherwise the text.
_VALUE = """(rpa, el) => {
  if (el.matches('input,textarea') && !/^(checkbox|radio)$/.test(el.type)) return [el.value, true];
  return [el.matches('td,th,[role=cell],[role=gridcell]') ?
      rpa.cellText(el) : String(rpa.valueOf(el) ?? ''), false];
}"""
_CELL = """(rpa, el, column) => {
  const table = rpa.closest(el, rpa.isGrid);
  const { columns, rows } = rpa.grid(table);
  const row = rows.find((r) => r.el === el);
  const at = columns.findIndex((names) => rpa.loose(names.join(' ')) === rpa.loose(column) ||
      names.some((n) => rpa.loose(n) === rpa.loose(column)));
  const i = at >= 0 ? at : /^\\d+$/.test(column) ? Number(column) - 1 : -1;
  return row && row.cells[i] ? rpa.cellText(row.cells[i]) : null;
}"""


# What a person reads at each: a field's value, the words, else the name (of a tick box, of an icon).
_TEXTS = f"""(els) => {{
  const rpa = {ENGINE};
  const field = (e) => e.matches('input,textarea,select') && !/^(checkbox|radio)$/.test(e.type);
  return els.map((e) => (field(e) ? String(rpa.valueOf(e)) : rpa.textOf(e) || rpa.name(e)));
}}"""
_COLOUR = """(rpa, el) => {
  const [r, g, b] = rpa.looks.paint(el) || [255, 255, 255];
  return '#' + [r, g, b].map((n) => Math.round(n).toString(16).padStart(2, '0')).join('');
}"""

_PICTURE = "(rpa, el) => rpa.looks.pictures(el).pop() || ''"
_LOOKS = {"color": _COLOUR, "picture": _PICTURE}


def _type_of(parameters: Mapping[str, Any]) -> Any:
    """The type that `as` gives to what was read."""
    from datetime import date, time
    from decimal import Decimal

    return {
        "integer": int,
        "number": Decimal,
        "money": Decimal,
        "percent": Decimal,
        "date": date,
        "time": time,
        "boolean": bool,
    }.get(str(parameters.get("as", "text")), str)


@action(
    "browser.read",
    main="target",
    acts="nothing",
    outputs_of=_type_of,
    fails={
        **FOUND,
        "value-unreadable": "application",
        "attribute-missing": "application",
        "column-missing": "application",
    },
    examples=(
        "browser.read: Invoice total",
        "browser.read: {target: {label: Total}, as: money}",
        "browser.read: {target: {row: {Number: '4711'}}, column: State}",
    ),
)
def read(
    browser: Browser,
    ctx: Context,
    *,
    target: Target,
    as_: As | Literal["color", "picture"] = "text",
    column: str | None = None,
    attribute: str | None = None,
) -> Any:
    """Reads the value of a field, otherwise the text; a `column` of a table row; an `attribute`.

    `as` turns it into a number, an amount, a date, …; `value-unreadable` when it is none. An empty field
    read as anything but text is null. `color` is the colour it is painted with, as #rrggbb, `picture` the name
    of the picture it shows, as targets take it.
    """

    def look(locator: Locator, limit: float) -> tuple[str | None, bool]:
        if as_ in _LOOKS:
            return str(element_call(locator, _LOOKS[as_], timeout=limit)), True
        if attribute is not None:
            return locator.get_attribute(attribute, timeout=limit), True
        if column is not None:
            return element_call(locator, _CELL, column, timeout=limit), False
        text, exact = element_call(locator, _VALUE, timeout=limit)
        return str(text), bool(exact)

    text, exact = browser.find.perform(ctx, target, "read", look)
    if text is None:
        code, name = ("attribute-missing", attribute) if attribute is not None else ("column-missing", column)
        raise ApplicationFailure(code, details={"target": str(target), "name": name, "column": name, "columns": "-"})
    if (as_ == "text" or as_ in _LOOKS) and exact:
        return text
    if as_ == "text" and "\n" in text:
        return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    return typed(text, as_, str(target))  # type: ignore[arg-type]  # a colour was returned above


@action("browser.count", main="target", acts="nothing", fails=FOUND)
def count(browser: Browser, ctx: Context, *, target: Target) -> int:
    """How many things fit the target right now. Does not wait."""
    browser.use(ctx)
    return browser.find.count(target)


@action(
    "browser.texts",
    main="target",
    acts="nothing",
    fails=FOUND,
    examples=("browser.texts: {role: listitem, in: Open invoices}",),
)
def texts(browser: Browser, ctx: Context, *, target: Target, within: Duration | None = None) -> list[str]:
    """The texts of everything that fits, in the order of the page.

    An empty list when nothing shows `within` 2 seconds.
    """
    browser.use(ctx)
    seconds = within.total_seconds() if within is not None else 2.0
    if not wait_until(browser, ctx, lambda: browser.find.count(target) > 0, seconds):
        return []
    return [
        str(text)
        for scope in browser.find.scopes(target)
        for text in scope.locator(target.selector("any")).evaluate_all(_TEXTS)
    ]


@action(
    "browser.table",
    main="target",
    acts="nothing",
    timeout="120s",
    fails={
        **FOUND,
        "target-unfit": "flow",
        "column-missing": "application",
        "value-unreadable": "application",
        "too-many-pages": "application",
    },
    examples=(
        "browser.table: {target: {role: table, name: Open bills}, columns: {Number: text, Total: money}}",
        "browser.table: {target: {css: table}, next: Next page}",
    ),
)
def table(
    browser: Browser,
    ctx: Context,
    *,
    target: Target | None = None,
    columns: dict[str, As] | None = None,
    next_: Target | None = None,
    pages: int = 100,
) -> list[dict[str, Any]]:
    """Reads a table as a list of rows, each a mapping by column heading (columns without one by number).

    `columns` takes only these and types them. `next` is clicked for the following pages, until it is gone or
    disabled; more than `pages` of them is `too-many-pages`. Without `target`: the page's only table.
    """
    reading = TableReading(browser, ctx, target or Target(role="table"), columns)
    return reading.rows() if next_ is None else reading.all_pages(next_, pages)


@action(
    "browser.expect",
    main="that",
    acts="nothing",
    fails={**FOUND, "not-as-expected": "application", "condition-invalid": "flow"},
    examples=(
        "browser.expect: Dashboard",
        "browser.expect: {that: {url: '*/bills/*'}}",
        "browser.expect: {that: {absent: {text: Loading}}}",
        "browser.expect: {that: {text: Saved}, unless: {contains: already exists}, code: duplicate-bill}",
    ),
)
def expect(
    browser: Browser,
    ctx: Context,
    *,
    that: Target | dict[str, Any],
    unless: dict[str, Any] | str | None = None,
    code: str = "not-as-expected",
) -> None:
    """Waits until something shows, or a condition holds.

    Conditions are `url`, `title`, `absent`, `response`, `download`, `dialog`, `all`, `any`, `not`;
    `not-as-expected` when the step's time is over. When `unless` shows first the step ends as a business
    failure with the given `code`.
    """
    browser.use(ctx)
    condition = that.parts() if isinstance(that, Target) else that

    def ended() -> bool:
        if unless is not None and conditions.sees(browser, unless):
            raise BusinessFailure(
                code,
                details={"expected": _words(that), "instead": _words(unless), "url": browser.shown_url()},
            )
        return conditions.sees(browser, condition)

    if not wait_until(browser, ctx, ended):
        raise ApplicationFailure("not-as-expected", details={"expected": _words(that), "url": browser.shown_url()})


def _words(condition: Any) -> str:
    if isinstance(condition, dict):
        return ", ".join(f"{k}: {_words(v)}" for k, v in condition.items())
    return str(condition)


@action(
    "browser.exists",
    main="target",
    acts="nothing",
    probes=True,
    fails={**FOUND, "undecided": "application"},
    examples=("browser.exists: {target: {row: {Number: '4711'}}, absent: {text: No bills found}}",),
)
def exists(
    browser: Browser,
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
    browser.use(ctx)
    seen: list[bool] = []

    def decided() -> bool:
        if browser.find.count(target):
            seen.append(True)
        elif absent is not None and browser.find.count(absent):
            seen.append(False)
        return bool(seen)

    seconds = within.total_seconds() if within is not None else None if absent is not None else 2.0
    if wait_until(browser, ctx, decided, seconds):
        return seen[0]
    if absent is not None:
        raise ApplicationFailure(
            "undecided", details={"target": str(target), "absent": str(absent), "url": browser.shown_url()}
        )
    return False


@action("browser.focused", acts="nothing", fails=FOUND)
def focused(browser: Browser, ctx: Context) -> str:
    """The name of what has the keyboard now."""

    def look(locator: Locator, limit: float) -> str:
        return str(element_call(locator, "(rpa, el) => rpa.name(el)", timeout=limit))

    return browser.find.perform(ctx, Target(focused=True), "any", look)

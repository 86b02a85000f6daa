"""Reading tables: rows as mappings by column heading, typed, over several pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bots.base import Context
from bots.browser.find import element_call, milliseconds
from bots.browser.target import Target
from bots.browser.values import As, typed
from bots.browser.waiting import wait_until
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

_READ = """(rpa, el) => {
  const table = rpa.isGrid(el) ? el : rpa.select(el, rpa.GRID).find(rpa.shown) || rpa.closest(el, rpa.isGrid);
  if (!table) return null;
  const { columns, rows } = rpa.grid(table);
  const lines = rows.filter((r) => rpa.shown(r.el)).map((r) => r.cells.map((c) => (c ?
      rpa.cellText(c) : '')));
  return { columns: columns.map((names) => names.join(' ')), lines };
}"""

_ENABLED = """(el) => {
  const off = (e) => e && (e.disabled || e.getAttribute('aria-disabled') === 'true');
  return !(off(el) || off(el.closest('li')) || el.closest('.disabled'));
}"""


class TableReading:
    """Reads one table."""

    def __init__(self, browser: Browser, ctx: Context, target: Target, columns: Mapping[str, As] | None) -> None:
        self.browser, self.ctx, self.target, self.columns = browser, ctx, target, columns

    def rows(self) -> list[dict[str, Any]]:
        """The rows that show now. Raises `column-missing`, `value-unreadable`, `target-unfit`."""
        names, lines = self._raw()
        wanted = self._wanted(names)
        return [{name: self._cell(line, at, kind, name) for name, at, kind in wanted} for line in lines]

    def _raw(self) -> tuple[list[str], list[list[str]]]:
        def read(locator: Locator, limit: float) -> Any:
            return element_call(locator, _READ, timeout=limit)

        found = self.browser.find.perform(self.ctx, self.target, "any", read)
        if found is None:
            raise FlowFailure("target-unfit", details={"target": str(self.target), "reason": "it is no table"})
        lines = [[cell or "" for cell in line] for line in found["lines"]]
        width = max([len(found["columns"]), *map(len, lines)])
        names = [(found["columns"][i] if i < len(found["columns"]) else "") or str(i + 1) for i in range(width)]
        return _distinct(names), lines

    def _wanted(self, names: list[str]) -> list[tuple[str, int, As]]:
        if self.columns is None:
            return [(name, at, "text") for at, name in enumerate(names)]
        loose = {name.casefold().rstrip(": "): at for at, name in reversed(list(enumerate(names)))}
        out: list[tuple[str, int, As]] = []
        for name, kind in self.columns.items():
            at = loose.get(name.casefold().rstrip(": "))
            if at is None:
                raise ApplicationFailure(
                    "column-missing",
                    details={"column": name, "target": str(self.target), "columns": ", ".join(names)},
                )
            out.append((name, at, kind))
        return out

    def _cell(self, line: list[str], at: int, kind: As, name: str) -> Any:
        return typed(line[at] if at < len(line) else "", kind, f"{self.target}, column {name}")

    def all_pages(self, following: Target, at_most: int) -> list[dict[str, Any]]:
        """The rows of this and the following pages, until `following` is gone, disabled or brings nothing
        new.

        Raises `too-many-pages` rather than stopping quietly.
        """
        rows = self.rows()
        for _ in range(at_most - 1):
            before = self._raw()
            if not self._can_go_on(following):
                return rows
            self.browser.find.perform(self.ctx, following, "press", lambda locator, limit: locator.click(timeout=limit))
            if not wait_until(self.browser, self.ctx, lambda seen=before: self._raw() != seen, 10):  # type: ignore[misc]
                return rows
            rows += self.rows()
        if self._can_go_on(following):
            raise ApplicationFailure("too-many-pages", details={"target": str(self.target), "pages": at_most})
        return rows

    def _can_go_on(self, following: Target) -> bool:
        if not self.browser.find.count(following, "press"):
            return False
        locator = self.browser.find.locator(self.ctx, following, "press")
        return bool(locator.first.evaluate(_ENABLED, timeout=milliseconds(self.ctx)))


def _distinct(names: list[str]) -> list[str]:
    """A heading that stands twice gets a number behind it."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out

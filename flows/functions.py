"""The functions and filters of expressions: the one list of what can be called, with examples that are
tested.

`${total | money}` calls a filter, `${count(lines)}` a function; most are both.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from flows.helpers import dates, korean, lists, numbers, texts

Use: TypeAlias = Literal["both", "filter", "function"]


@dataclass(frozen=True)
class Helper:
    """One function or filter. `examples` are (expression, its value as text). `gives` is the static type of
    its value where that is more than the annotation says: `same` as what is given, or an `element` of
    it."""

    name: str
    function: Callable[..., Any]
    examples: tuple[tuple[str, str], ...]
    use: Use = "both"
    scoped: bool = False
    gives: Literal["", "same", "element"] = ""

    @cached_property
    def signature(self) -> inspect.Signature:
        """What an author may give; the scope is not theirs."""
        found = inspect.signature(self.function)
        parameters = list(found.parameters.values())[1 if self.scoped else 0 :]
        return found.replace(parameters=parameters)

    @property
    def summary(self) -> str:
        return re.sub(r"\s+", " ", inspect.getdoc(self.function) or "")

    def misfit(self, count: int, names: tuple[str, ...]) -> str:
        """Why `count` values and these names cannot be given; empty when they can."""
        try:
            self.signature.bind(*[None] * count, **dict.fromkeys(names))
        except TypeError as error:
            return str(error)
        return ""

    def call(self, scope: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Calls it. Raises BadValue or Missing for data, TypeError or ValueError for what the author
        wrote."""
        return self.function(scope, *args, **kwargs) if self.scoped else self.function(*args, **kwargs)


def _h(name: str, function: Callable[..., Any], *examples: tuple[str, str], **more: Any) -> Helper:
    return Helper(name, function, examples, **more)


_ROWS = "[{'n': 'A', 'v': 2}, {'n': 'B', 'v': 3}, {'n': 'A', 'v': 5}]"

HELPERS: tuple[Helper, ...] = (
    # numbers and money
    _h("decimal", numbers.decimal, ("'1.234,50' | decimal", "1234.50"), ("'₩12,000' | decimal", "12000")),
    _h("money", numbers.money, ("2.345 | money", "2.35"), ("1999.5 | money(0)", "2000")),
    _h("round", numbers.money, ("2.345 | round(1)", "2.3")),
    _h("int", numbers.whole, ("'12,000' | int", "12000")),
    _h("number", numbers.number, ("1234.5 | number('de')", "1.234,5"),
       ("1234.5 | number('en', 2)", "1,234.50"), use="filter"),
    _h("abs", numbers.absolute, ("abs(3 - 5)", "2")),
    _h("percent_of", numbers.percent_of, ("100 | percent_of(19)", "19.00")),
    _h("net_of", numbers.net_of, ("119 | net_of(19)", "100.00")),
    # Korean forms
    _h("hangul_amount", korean.hangul_amount, ("1200000 | hangul_amount", "금 일백이십만원정")),
    _h("korean_amount", korean.korean_amount, ("123456789 | korean_amount", "1억 2,345만 6,789원")),
    _h("business_number", korean.business_number, ("'1234567890' | business_number", "123-45-67890")),
    _h("josa", korean.josa, ("'송장' | josa('을/를')", "송장을"),
       ("'영수증 A4' | josa('으로/로')", "영수증 A4로"), use="filter"),
    # dates
    _h("date", dates.to_date, ("date('21.11.2026', '%d.%m.%Y')", "2026-11-21"),
       ("date('2026년 3월 1일')", "2026-03-01"), use="function"),
    _h("date", dates.date_text, ("date('2026-11-21') | date('%d.%m.%Y')", "21.11.2026"),
       ("'2026-11-21' | date('ko')", "2026년 11월 21일"), use="filter"),
    _h("to_date", dates.to_date, ("'2026. 11. 21.' | to_date", "2026-11-21"), use="filter"),
    _h("days", dates.days, ("date('2026-11-21') + days(30)", "2026-12-21"), use="function"),
    _h("days_between", dates.days_between, ("days_between('2026-11-01', '2026-11-21')", "20"),
       use="function"),
    _h("now", dates.now, ("now().hour", "9"), use="function", scoped=True),
    _h("today", dates.today, ("today()", "2026-11-20"), use="function", scoped=True),
    _h("working_days", dates.working_days, ("working_days('2026-11-20', 2, 'KR')", "2026-11-24"),
       scoped=True),
    _h("is_working_day", dates.is_working_day, ("is_working_day('2026-12-25', 'KR')", "false"), scoped=True),
    _h("month_end", dates.month_end, ("month_end('2026-02-10')", "2026-02-28")),
    _h("add_months", dates.add_months, ("add_months('2026-01-31', 1)", "2026-02-28")),
    # text
    _h("text", texts.text, ("1234.50 | text", "1234.50")),
    _h("upper", texts.upper, ("'abc' | upper", "ABC"), use="filter"),
    _h("lower", texts.lower, ("'ABC' | lower", "abc"), use="filter"),
    _h("trim", texts.trim, ("'  a ' | trim", "a"), use="filter"),
    _h("clean", texts.clean, ("'  a\t b ' | clean", "a b"), use="filter"),
    _h("plain_letters", texts.plain_letters, ("'Café' | plain_letters", "Cafe"), use="filter"),
    _h("digits", texts.digits, ("'INV-2026/007' | digits", "2026007")),
    _h("replace", texts.replace, ("'a-b' | replace('-', '/')", "a/b"), use="filter"),
    _h("split", texts.split, ("'a; b' | split(';')", '["a", "b"]')),
    _h("join", lists.join, ("['a', 'b'] | join(' + ')", "a + b")),
    _h("pad", texts.pad, ("42 | pad(5)", "00042"), use="filter"),
    _h("shorten", texts.shorten, ("'A long title' | shorten(7)", "A long…"), use="filter"),
    _h("contains", texts.contains, ("'Bill saved' | contains('saved')", "true"), use="filter"),
    _h("starts_with", texts.starts_with, ("'INV-1' | starts_with('INV')", "true"), use="filter"),
    _h("ends_with", texts.ends_with, ("'a.pdf' | ends_with('.pdf')", "true"), use="filter"),
    _h("urlencode", texts.urlencode, ("'A&B/7' | urlencode", "A%26B%2F7"), use="filter"),
    _h("json", texts.as_json, ("[1, 'a'] | json", '[1, "a"]'), use="filter"),
    _h("find", texts.find, ("find('Order 4711, 2 pcs', 'Order (\\d+)')", "4711")),
    _h("find_all", texts.find_all, ("find_all('a1 b22', '\\d+')", '["1", "22"]')),
    _h("matches", texts.matches, ("matches('INV-7', '[A-Z]+-\\d+')", "true")),
    _h("regex_replace", texts.regex_replace, ("'a1b2' | regex_replace('\\d', '#')", "a#b#"), use="filter"),
    # lists and tables
    _h("count", lists.count, ("count([4, 5])", "2")),
    _h("length", lists.count, ("'abc' | length", "3"), use="filter"),
    _h("sum", lists.total, (f"sum({_ROWS}, 'v')", "10")),
    _h("min", lists.lowest, ("min(3, 1, 2)", "1")),
    _h("max", lists.highest, ("[3, 1, 2] | max", "3")),
    _h("first", lists.first, ("['a', 'b'] | first", "a"), gives="element"),
    _h("last", lists.last, ("['a', 'b'] | last", "b"), gives="element"),
    _h("sorted", lists.ordered, ("[3, 1, 2] | sorted", "[1, 2, 3]"), gives="same"),
    _h("unique", lists.unique, ("[1, 1, 2] | unique", "[1, 2]"), gives="same"),
    _h("compact", lists.compact, ("[1, null, 2] | compact", "[1, 2]"), gives="same"),
    _h("where", lists.where, (f"count(where({_ROWS}, 'n', 'A'))", "2"), gives="same"),
    _h("where_not", lists.where_not, (f"count({_ROWS} | where_not('n', 'A'))", "1"), gives="same"),
    _h("pick", lists.pick, (f"{_ROWS} | pick('v') | join", "2, 3, 5")),
    _h("reverse", lists.reverse, ("[1, 2] | reverse", "[2, 1]"), use="filter", gives="same"),
    _h("numbers", lists.numbers, ("numbers(1, 3)", "[1, 2, 3]"), use="function"),
    _h("default", lists.default, ("null | default('none')", "none"), use="filter", gives="same"),
)  # fmt: skip

FUNCTIONS: Mapping[str, Helper] = {h.name: h for h in HELPERS if h.use != "filter"}
FILTERS: Mapping[str, Helper] = {h.name: h for h in HELPERS if h.use != "function"}

"""`${ … }`: Jinja2's grammar, our own walk over an allow-list of node types.

Jinja2 only parses. What is evaluated is listed here: names, attributes of mappings, items, arithmetic on numbers,
comparisons, logic, conditions, lists, mappings, the functions and filters of `flows.functions`. No methods, no
`**`, no multiplied text or lists, no names with `_` in front; at most 10,000 nodes, depth 50, 1 MB a value.
Numbers with a point are Decimal. A text that is one whole expression keeps its value's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DivisionByZero
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError

from flows.data import Secret
from flows.failures import FlowFailure
from flows.model import NOWHERE, Mark, Template

MAX_NODES = 10_000
MAX_DEPTH = 50
MAX_CHARS = 1_000_000
MAX_INT = 10**100
_ESCAPE = "\ue0ff"


class ExpressionError(ValueError):
    """A text whose `${…}` does not parse. `offset` counts characters of the text from 0."""

    def __init__(self, code: str, reason: str, offset: int, length: int = 1, **details: Any) -> None:
        super().__init__(reason)
        self.code, self.reason, self.offset, self.length = code, reason, offset, length
        self.details = {"reason": reason, **details}


@cache
def _environment() -> Environment:
    return Environment(
        block_start_string="\ue000%", block_end_string="%\ue001", comment_start_string="\ue002#",
        comment_end_string="#\ue003", variable_start_string="${", variable_end_string="}", autoescape=False,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[Any, ...]:
    """Literal texts and expression nodes in turn. Raises ExpressionError."""
    environment = _environment()
    from flows.functions import FILTERS

    for name in set(re.findall(r"\|\s*([A-Za-z_]\w*)", text)):
        environment.filters.setdefault(name, FILTERS.get(name, _unknown))
    try:
        body = environment.parse(text.replace("$${", _ESCAPE)).body
    except TemplateSyntaxError as error:
        offset = max(0, text.find("${"))
        raise ExpressionError("expression-syntax", error.message or "syntax", offset, len(text) - offset) from None
    except RecursionError:
        raise ExpressionError("expression-too-large", "nested too deeply", 0, len(text)) from None
    parts: list[Any] = []
    for output in body:
        for node in getattr(output, "nodes", ()):
            parts.append(node.data.replace(_ESCAPE, "${") if isinstance(node, nodes.TemplateData) else node)
    return tuple(parts)


def _unknown(*_: Any) -> Any:
    raise FlowFailure("filter-unknown")


def compile_template(text: str, mark: Mark = NOWHERE) -> str | Template:
    """`text` itself when it has no expression, else a Template. Raises ExpressionError."""
    if "${" not in text:
        return text
    parts = _parsed(text)
    expressions = [p for p in parts if not isinstance(p, str)]
    if not expressions:
        return "".join(parts)
    for expression in expressions:
        _allowed(expression, text)
    return Template(text, parts, whole=len(parts) == 1, mark=mark)


# ── static: what is allowed, which names are used ──
_ALLOWED = (
    nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Call,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div,
    nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat, nodes.CondExpr, nodes.List, nodes.Tuple,
    nodes.Dict, nodes.Pair, nodes.Keyword, nodes.TemplateData,
)
TESTS: Mapping[str, Callable[[Any], bool]] = {
    "none": lambda v: v is None, "null": lambda v: v is None, "defined": lambda v: v is not None,
    "number": lambda v: isinstance(v, int | Decimal) and not isinstance(v, bool), "text": lambda v: isinstance(v, str),
    "list": lambda v: isinstance(v, list), "empty": lambda v: v is None or v == "" or v == [] or v == {},
}


def _find(text: str, word: str) -> tuple[int, int]:
    found = re.search(rf"(?<![\w.]){re.escape(word)}", text)
    return (found.start(), len(word)) if found else (max(0, text.find("${")), len(word))


def _allowed(node: nodes.Node, text: str) -> None:
    count = 0
    stack = [(node, 1)]
    from flows.functions import FILTERS, FUNCTIONS

    while stack:
        one, depth = stack.pop()
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise ExpressionError("expression-too-large", "too large or nested too deeply", 0, len(text))
        _allow_one(one, text, FILTERS, FUNCTIONS)
        stack += [(child, depth + 1) for child in one.iter_child_nodes()]


def _allow_one(node: nodes.Node, text: str, filters: Mapping[str, Any], functions: Mapping[str, Any]) -> None:
    if not isinstance(node, _ALLOWED):
        word = {"Pow": "**"}.get(type(node).__name__, type(node).__name__.lower())
        offset, length = _find(text, word) if word == "**" else (max(0, text.find("${")), 2)
        raise ExpressionError("expression-not-allowed", f"{word} is not allowed", offset, length, what=word)
    if isinstance(node, nodes.Getattr | nodes.Name):
        name = node.attr if isinstance(node, nodes.Getattr) else node.name
        if name.startswith("_"):
            raise ExpressionError("expression-not-allowed", f"{name} begins with _", *_find(text, name), what=name)
    if isinstance(node, nodes.Filter) and node.name not in filters:
        raise ExpressionError("filter-unknown", f"no filter {node.name}", *_find(text, node.name), name=node.name, known=sorted(filters))
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise ExpressionError("expression-not-allowed", f"no test {node.name}", *_find(text, node.name), what=f"is {node.name}")
    if isinstance(node, nodes.Call):
        if not isinstance(node.node, nodes.Name):
            raise ExpressionError("method-not-allowed", "values have no methods", max(0, text.find("${")), 2)
        if node.node.name not in functions:
            name = node.node.name
            raise ExpressionError("function-unknown", f"no function {name}", *_find(text, name), name=name, known=sorted(functions))


@dataclass(frozen=True)
class UsedName:
    """A dotted name as written, e.g. ("bill", "fields", "total"); `mark` is its place in the flow."""

    parts: tuple[str, ...]
    mark: Mark


def names(tree: Any) -> Iterator[UsedName]:
    """Every name that the templates in a parameter tree use."""
    if isinstance(tree, Template):
        for part in tree.parts:
            if not isinstance(part, str):
                yield from _names(part, tree)
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from names(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from names(value)


def _names(node: nodes.Node, template: Template) -> Iterator[UsedName]:
    chain = _chain(node)
    if chain is not None:
        yield UsedName(chain, _place(template, chain))
        return
    if isinstance(node, nodes.Call):
        children: list[nodes.Node] = [*node.args, *node.kwargs]
    else:
        children = list(node.iter_child_nodes())
    for child in children:
        yield from _names(child, template)


def _chain(node: nodes.Node) -> tuple[str, ...] | None:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _chain(node.node)
        return (*before, node.attr) if before else None
    return None


def _place(template: Template, chain: tuple[str, ...]) -> Mark:
    """Where the name stands; exact on one line (the usual case), the template's place otherwise."""
    from dataclasses import replace

    mark = template.mark
    pattern = r"(?<![\w.])" + r"\s*\.\s*".join(re.escape(p) for p in chain)
    found = re.search(pattern, template.source)
    if not found or "\n" in template.source or not mark.line:
        return mark
    shift = 1 if mark.length >= len(template.source) + 2 else 0
    return replace(mark, column=mark.column + shift + found.start(), length=found.end() - found.start())


# ── dynamic ──
def evaluate(tree: Any, scope: Mapping[str, Any]) -> Any:
    """`tree` with every template replaced by its value. Raises FlowFailure with the expression's source."""
    if isinstance(tree, Template):
        return _template(tree, scope)
    if isinstance(tree, Mapping):
        return {k: evaluate(v, scope) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return [evaluate(v, scope) for v in tree]
    return tree


def _template(template: Template, scope: Mapping[str, Any]) -> Any:
    walk = _Walk(scope, template.source)
    try:
        if template.whole:
            return walk.value(template.parts[0], 0)
        texts = [p if isinstance(p, str) else to_text(walk.value(p, 0)) for p in template.parts]
    except FlowFailure as failure:
        failure.details.setdefault("expression", template.source[:200])
        raise
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        reason = {DivisionByZero: "division by zero"}.get(type(error), str(error) or type(error).__name__)
        raise FlowFailure("expression-failed", reason, details={"reason": reason, "expression": template.source[:200]}) from error
    return _bounded("".join(texts))


def to_text(value: Any) -> str:
    """How a value stands within a text: null is empty, decimals are plain, dates ISO."""
    if isinstance(value, Secret):
        raise FlowFailure("secret-in-text", details={"name": value.name})
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | Mapping):
        import json

        from flows.data import simple

        return json.dumps(simple(value), ensure_ascii=False)
    return str(value)


def _bounded(value: Any) -> Any:
    if isinstance(value, str | list | dict) and len(value) > MAX_CHARS:
        raise FlowFailure("value-too-large", details={"limit": "1 MB"})
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INT:
        raise FlowFailure("value-too-large", details={"limit": "100 digits"})
    return value


def _number(value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{_kind(value)} is not a number")
    return value


def _kind(value: Any) -> str:
    names_ = {type(None): "null", bool: "true/false", str: "text", list: "a list", dict: "a mapping", date: "a date",
              datetime: "a date with time", Secret: "a secret"}
    return names_.get(type(value), type(value).__name__)


_DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")


class _Walk:
    def __init__(self, scope: Mapping[str, Any], source: str) -> None:
        self.scope, self.source, self.count = scope, source, 0

    def value(self, node: Any, depth: int) -> Any:
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            raise FlowFailure("expression-too-large")
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise FlowFailure("expression-not-allowed", details={"what": type(node).__name__})
        return _bounded(method(node, depth + 1))

    def _const(self, node: nodes.Const, _: int) -> Any:
        return Decimal(repr(node.value)) if isinstance(node.value, float) else node.value

    def _templatedata(self, node: nodes.TemplateData, _: int) -> str:
        return node.data

    def _name(self, node: nodes.Name, _: int) -> Any:
        aliases = {"true": True, "false": False, "null": None, "none": None}
        if node.name in self.scope:
            return self.scope[node.name]
        if node.name in aliases:
            return aliases[node.name]
        raise FlowFailure("name-unknown", details={"name": node.name, "known": ", ".join(map(str, self.scope))})

    def _getattr(self, node: nodes.Getattr, depth: int) -> Any:
        return self._part(self.value(node.node, depth), node.attr)

    def _part(self, base: Any, name: str) -> Any:
        if base is None:
            return None
        if isinstance(base, Mapping):
            if name in base:
                return base[name]
            raise FlowFailure("name-unknown", details={"name": name, "known": ", ".join(map(str, base))})
        if isinstance(base, date | datetime) and name in _DATE_PARTS and hasattr(base, name):
            return getattr(base, name)
        raise TypeError(f"{_kind(base)} has no part {name}")

    def _getitem(self, node: nodes.Getitem, depth: int) -> Any:
        base = self.value(node.node, depth)
        if isinstance(node.arg, nodes.Slice):
            return self._slice(base, node.arg, depth)
        key = self.value(node.arg, depth)
        if base is None:
            return None
        if isinstance(base, Mapping):
            return self._part(base, str(key))
        if isinstance(base, list | str) and isinstance(key, int):
            if -len(base) <= key < len(base):
                return base[key]
            raise IndexError_(f"there is no number {key}: it has {len(base)}")
        raise TypeError(f"{_kind(base)} cannot be asked for [{key}]")

    def _slice(self, base: Any, node: nodes.Slice, depth: int) -> Any:
        if not isinstance(base, list | str):
            raise TypeError(f"{_kind(base)} has no parts")
        start, stop, step = (self.value(n, depth) if n is not None else None for n in (node.start, node.stop, node.step))
        return base[start:stop:step]

    def _filter(self, node: nodes.Filter, depth: int) -> Any:
        from flows.functions import FILTERS, call

        value = self.value(node.node, depth)
        args, kwargs = self._arguments(node, depth)
        if isinstance(value, Secret):
            raise FlowFailure("secret-in-text", details={"name": value.name})
        return call(FILTERS[node.name], self.scope, node.name, value, *args, **kwargs)

    def _call(self, node: nodes.Call, depth: int) -> Any:
        from flows.functions import FUNCTIONS, call

        args, kwargs = self._arguments(node, depth)
        assert isinstance(node.node, nodes.Name)
        return call(FUNCTIONS[node.node.name], self.scope, node.node.name, *args, **kwargs)

    def _arguments(self, node: Any, depth: int) -> tuple[list[Any], dict[str, Any]]:
        args = [self.value(a, depth) for a in node.args or ()]
        kwargs = {k.key: self.value(k.value, depth) for k in node.kwargs or ()}
        for value in (*args, *kwargs.values()):
            if isinstance(value, Secret):
                raise FlowFailure("secret-in-text", details={"name": value.name})
        return args, kwargs

    def _test(self, node: nodes.Test, depth: int) -> bool:
        return TESTS[node.name](self.value(node.node, depth))

    # ── logic ──
    def _and(self, node: nodes.And, depth: int) -> Any:
        return self.value(node.left, depth) and self.value(node.right, depth)

    def _or(self, node: nodes.Or, depth: int) -> Any:
        return self.value(node.left, depth) or self.value(node.right, depth)

    def _not(self, node: nodes.Not, depth: int) -> bool:
        return not self.value(node.node, depth)

    def _condexpr(self, node: nodes.CondExpr, depth: int) -> Any:
        if self.value(node.test, depth):
            return self.value(node.expr1, depth)
        return self.value(node.expr2, depth) if node.expr2 is not None else None

    def _compare(self, node: nodes.Compare, depth: int) -> bool:
        left = self.value(node.expr, depth)
        for operand in node.ops:
            right = self.value(operand.expr, depth)
            if not _COMPARE[operand.op](left, right):
                return False
            left = right
        return True

    # ── arithmetic ──
    def _add(self, node: nodes.Add, depth: int) -> Any:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        if isinstance(left, str) and isinstance(right, str) or isinstance(left, list) and isinstance(right, list):
            return left + right  # type: ignore[operator]
        if isinstance(left, date | datetime) and isinstance(right, timedelta):
            return left + right
        return _number(left) + _number(right)

    def _sub(self, node: nodes.Sub, depth: int) -> Any:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        if isinstance(left, date) and isinstance(right, timedelta):
            return left - right
        if isinstance(left, date) and isinstance(right, date):
            return (left - right).days
        return _number(left) - _number(right)

    def _mul(self, node: nodes.Mul, depth: int) -> Any:
        return _number(self.value(node.left, depth)) * _number(self.value(node.right, depth))

    def _div(self, node: nodes.Div, depth: int) -> Any:
        return Decimal(_number(self.value(node.left, depth))) / _number(self.value(node.right, depth))

    def _floordiv(self, node: nodes.FloorDiv, depth: int) -> Any:
        return _number(self.value(node.left, depth)) // _number(self.value(node.right, depth))

    def _mod(self, node: nodes.Mod, depth: int) -> Any:
        return _number(self.value(node.left, depth)) % _number(self.value(node.right, depth))

    def _neg(self, node: nodes.Neg, depth: int) -> Any:
        return -_number(self.value(node.node, depth))

    def _pos(self, node: nodes.Pos, depth: int) -> Any:
        return _number(self.value(node.node, depth))

    def _concat(self, node: nodes.Concat, depth: int) -> str:
        return "".join(to_text(self.value(n, depth)) for n in node.nodes)

    # ── collections ──
    def _list(self, node: nodes.List, depth: int) -> list[Any]:
        return [self.value(n, depth) for n in node.items]

    def _tuple(self, node: nodes.Tuple, depth: int) -> list[Any]:
        return [self.value(n, depth) for n in node.items]

    def _dict(self, node: nodes.Dict, depth: int) -> dict[str, Any]:
        return {str(self.value(p.key, depth)): self.value(p.value, depth) for p in node.items}


class IndexError_(ValueError):
    """A place that a list or text does not have."""


def _ordered(left: Any, right: Any) -> None:
    """Only numbers with numbers, texts with texts, dates with dates."""
    groups: tuple[Any, ...] = ((int, Decimal), (str,), (datetime,), (date,), (time,), (timedelta,))
    if not any(isinstance(left, g) and isinstance(right, g) for g in groups) or isinstance(left, bool):
        raise TypeError(f"{_kind(left)} and {_kind(right)} have no order")


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def checked(left: Any, right: Any) -> bool:
        _ordered(left, right)
        return compare(left, right)

    return checked


def _in(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        return isinstance(left, str) and left in right
    return left in right if isinstance(right, list | Mapping) else False


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "in": _in, "notin": lambda a, b: not _in(a, b),
    "lt": _ordering(lambda a, b: a < b), "lteq": _ordering(lambda a, b: a <= b),
    "gt": _ordering(lambda a, b: a > b), "gteq": _ordering(lambda a, b: a >= b),
}

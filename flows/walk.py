"""Evaluates the nodes that Jinja2's parser made: an allow-list, one method each. Nothing else is ever
looked at.

No methods, no attributes of objects, no `**`, no multiplied text or lists; at most 10,000 nodes, depth 50,
1 MB a value. Keys of mappings are all there is to a dot, except the parts of dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from jinja2 import nodes

from flows.data import Secret
from flows.failures import FlowFailure
from flows.functions import FILTERS, FUNCTIONS
from flows.values import BadValue, Missing, kind_of, number_of, refuse_secrets, to_text

MAX_NODES = 10_000
MAX_DEPTH = 50
MAX_SIZE = 1_000_000
MAX_INT = 10**100
MAX_EXPONENT = 100
DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")
LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "none": None}
TESTS: Mapping[str, Callable[[Any], bool]] = {
    "none": lambda v: v is None,
    "null": lambda v: v is None,
    "defined": lambda v: v is not None,
    "empty": lambda v: v is None or v == "" or v == [] or v == {},
    "number": lambda v: isinstance(v, int | Decimal) and not isinstance(v, bool),
    "text": lambda v: isinstance(v, str),
    "list": lambda v: isinstance(v, list),
    "date": lambda v: isinstance(v, date),
}
LENIENT_TESTS = ("none", "null", "defined", "empty")


class Walk:
    """One evaluation of one expression in a scope."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.scope = scope
        self._count = 0
        self._lenient = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        self._count += 1
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            raise FlowFailure("expression-too-large")
        method = _METHODS.get(type(node))
        if method is None:
            raise FlowFailure("expression-not-allowed", details={"what": type(node).__name__.lower()})
        return _bounded(method(self, node, depth + 1))

    def _const(self, node: nodes.Const, _: int) -> Any:
        return node.value

    def _name(self, node: nodes.Name, _: int) -> Any:
        if node.name in self.scope:
            return self.scope[node.name]
        if node.name in LITERALS:
            return LITERALS[node.name]
        raise FlowFailure(
            "name-unknown", details={"name": node.name, "known": ", ".join(map(str, self.scope))}
        )

    # ── parts ──
    def _getattr(self, node: nodes.Getattr, depth: int) -> Any:
        return self._part(self.value(node.node, depth), node.attr)

    def _part(self, base: Any, name: str) -> Any:
        if base is None:
            return None
        if isinstance(base, Mapping):
            if name in base:
                return base[name]
            if self._lenient:
                return None
            known = ", ".join(map(str, list(base)[:30]))
            raise FlowFailure("part-unknown", details={"name": name, "part": name, "known": known})
        if isinstance(base, date) and name in DATE_PARTS and hasattr(base, name):
            return getattr(base, name)
        raise TypeError(f"{kind_of(base)} has no part {name}")

    def _getitem(self, node: nodes.Getitem, depth: int) -> Any:
        base = self.value(node.node, depth)
        if isinstance(node.arg, nodes.Slice):
            return self._slice(base, node.arg, depth)
        key = self.value(node.arg, depth)
        if base is None:
            return None
        if isinstance(base, Mapping):
            return self._part(base, to_text(key))
        if isinstance(base, list | str) and isinstance(key, int) and not isinstance(key, bool):
            return self._element(base, key)
        raise TypeError(f"{kind_of(base)} cannot be asked for [{to_text(key)}]")

    def _element(self, base: list[Any] | str, index: int) -> Any:
        if -len(base) <= index < len(base):
            return base[index]
        if self._lenient:
            return None
        raise BadValue(f"there is no element [{index}], counted from 0: there are {len(base)}")

    def _slice(self, base: Any, node: nodes.Slice, depth: int) -> Any:
        if base is None:
            return None
        if not isinstance(base, list | str):
            raise TypeError(f"{kind_of(base)} has no elements")
        ends = [self.value(n, depth) if n is not None else None for n in (node.start, node.stop, node.step)]
        return base[slice(*ends)]

    # ── calls ──
    def _filter(self, node: nodes.Filter, depth: int) -> Any:
        lenient = node.name == "default"
        self._lenient += lenient
        value = self.value(node.node, depth)
        self._lenient -= lenient
        args, kwargs = self._arguments(node, depth)
        refuse_secrets(value)
        return FILTERS[node.name].call(self.scope, value, *args, **kwargs)

    def _call(self, node: nodes.Call, depth: int) -> Any:
        args, kwargs = self._arguments(node, depth)
        if not isinstance(node.node, nodes.Name):
            raise FlowFailure("method-not-allowed")
        return FUNCTIONS[node.node.name].call(self.scope, *args, **kwargs)

    def _arguments(self, node: Any, depth: int) -> tuple[list[Any], dict[str, Any]]:
        args = [self.value(a, depth) for a in node.args or ()]
        kwargs = {k.key: self.value(k.value, depth) for k in node.kwargs or ()}
        refuse_secrets([*args, *kwargs.values()])
        return args, kwargs

    def _test(self, node: nodes.Test, depth: int) -> bool:
        lenient = node.name in LENIENT_TESTS
        self._lenient += lenient
        value = self.value(node.node, depth)
        self._lenient -= lenient
        return TESTS[node.name](value)

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
    def _pair(self, node: Any, depth: int) -> tuple[Any, Any]:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        if left is None or right is None:
            raise Missing("both values")
        return left, right

    def _add(self, node: nodes.Add, depth: int) -> Any:
        left, right = self._pair(node, depth)
        both = (str, list)
        if any(isinstance(left, kind) and isinstance(right, kind) for kind in both):
            return _bounded(left) + _bounded(right)
        if isinstance(left, date | timedelta) and isinstance(right, timedelta):
            return left + right
        return number_of(left) + number_of(right)

    def _sub(self, node: nodes.Sub, depth: int) -> Any:
        left, right = self._pair(node, depth)
        if isinstance(left, date | timedelta) and isinstance(right, timedelta):
            return left - right
        if isinstance(left, datetime) and isinstance(right, datetime):
            return left - right
        if isinstance(left, date) and isinstance(right, date):
            return (_day(left) - _day(right)).days
        return number_of(left) - number_of(right)

    def _mul(self, node: nodes.Mul, depth: int) -> Any:
        left, right = self._pair(node, depth)
        return number_of(left) * number_of(right)

    def _div(self, node: nodes.Div, depth: int) -> Any:
        left, right = self._pair(node, depth)
        return Decimal(number_of(left)) / _divisor(right)

    def _floordiv(self, node: nodes.FloorDiv, depth: int) -> Any:
        left, right = self._pair(node, depth)
        return number_of(left) // _divisor(right)

    def _mod(self, node: nodes.Mod, depth: int) -> Any:
        left, right = self._pair(node, depth)
        return number_of(left) % _divisor(right)

    def _neg(self, node: nodes.Neg, depth: int) -> Any:
        return -number_of(self.value(node.node, depth))

    def _pos(self, node: nodes.Pos, depth: int) -> Any:
        return number_of(self.value(node.node, depth))

    def _concat(self, node: nodes.Concat, depth: int) -> str:
        texts = [to_text(self.value(n, depth)) for n in node.nodes]
        return "".join(texts)

    # ── collections ──
    def _list(self, node: nodes.List | nodes.Tuple, depth: int) -> list[Any]:
        return [self.value(n, depth) for n in node.items]

    def _dict(self, node: nodes.Dict, depth: int) -> dict[str, Any]:
        return {to_text(self.value(p.key, depth)): self.value(p.value, depth) for p in node.items}


_METHODS: Mapping[type, Callable[[Walk, Any, int], Any]] = {
    nodes.Const: Walk._const,
    nodes.Name: Walk._name,
    nodes.Getattr: Walk._getattr,
    nodes.Getitem: Walk._getitem,
    nodes.Filter: Walk._filter,
    nodes.Call: Walk._call,
    nodes.Test: Walk._test,
    nodes.And: Walk._and,
    nodes.Or: Walk._or,
    nodes.Not: Walk._not,
    nodes.CondExpr: Walk._condexpr,
    nodes.Compare: Walk._compare,
    nodes.Add: Walk._add,
    nodes.Sub: Walk._sub,
    nodes.Mul: Walk._mul,
    nodes.Div: Walk._div,
    nodes.FloorDiv: Walk._floordiv,
    nodes.Mod: Walk._mod,
    nodes.Neg: Walk._neg,
    nodes.Pos: Walk._pos,
    nodes.Concat: Walk._concat,
    nodes.List: Walk._list,
    nodes.Tuple: Walk._list,
    nodes.Dict: Walk._dict,
}
ALLOWED = (*_METHODS, nodes.Slice, nodes.Operand, nodes.Pair, nodes.Keyword)


def _bounded(value: Any) -> Any:
    """`value` if it is not too large. Raises FlowFailure `value-too-large`."""
    if isinstance(value, str | list | dict) and len(value) > MAX_SIZE:
        raise FlowFailure("value-too-large", details={"limit": "1 MB"})
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_INT:
        raise FlowFailure("value-too-large", details={"limit": "100 digits"})
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT):
        raise FlowFailure("value-too-large", details={"limit": "100 digits"})
    return value


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _divisor(value: Any) -> int | Decimal:
    number = number_of(value)
    if number == 0:
        raise BadValue("it divides by zero")
    return number


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Only numbers with numbers, texts with texts, dates with dates."""
    groups: tuple[Any, ...] = (int | Decimal, str, datetime, date, time, timedelta)

    def checked(left: Any, right: Any) -> bool:
        if left is None or right is None:
            raise Missing("both values")
        if isinstance(left, datetime) != isinstance(right, datetime) and isinstance(left, date):
            left, right = (_day(v) if isinstance(v, date) else v for v in (left, right))
        if isinstance(left, bool) or not any(isinstance(left, g) and isinstance(right, g) for g in groups):
            raise TypeError(f"{kind_of(left)} and {kind_of(right)} have no order")
        return compare(left, right)

    return checked


def _in(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        return to_text(left) in right
    if right is None:
        return False
    if not isinstance(right, list | Mapping):
        raise TypeError(f"{kind_of(right)} contains nothing")
    return left in right


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, Secret) or isinstance(right, Secret):
        raise FlowFailure(
            "secret-in-text", details={"name": getattr(left, "name", getattr(right, "name", ""))}
        )
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": _equal,
    "ne": lambda a, b: not _equal(a, b),
    "in": _in,
    "notin": lambda a, b: not _in(a, b),
    "lt": _ordering(lambda a, b: a < b),
    "lteq": _ordering(lambda a, b: a <= b),
    "gt": _ordering(lambda a, b: a > b),
    "gteq": _ordering(lambda a, b: a >= b),
}

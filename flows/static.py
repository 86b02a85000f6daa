"""What an expression is, known before the flow runs: its names resolved, its type inferred, its mistakes
found.

Types are Python's: `str`, `Decimal`, `list[X]`, TypedDicts, Pydantic models, dataclasses, a plain dict of
part → type,
`Secret`, and `Any` where nothing is known. A part of null is null, so Optional[X] counts as X.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias, get_args, get_origin

from jinja2 import nodes

from flows.data import Secret
from flows.expressions import Expression
from flows.functions import FILTERS, FUNCTIONS, Helper
from flows.grammar import chain_of
from flows.marks import Mark
from flows.model import Template
from flows.shape import listing, nearest
from flows.walk import DATE_PARTS, LITERALS

Complain: TypeAlias = Callable[..., None]
_NUMBERS = (int, Decimal, float)
_SCALARS = (str, int, Decimal, float, bool, timedelta)
_PLAIN_NAMES: Mapping[Any, str] = {
    str: "what-text", int: "what-number", Decimal: "what-number", float: "what-number", bool: "what-bool",
    date: "what-date", datetime: "what-date", timedelta: "what-duration", list: "what-list",
    dict: "what-mapping", Secret: "what-secret",
}  # fmt: skip


def bare(kind: Any) -> Any:
    """Without Annotated and Optional; Any for a real union."""
    while get_origin(kind) is typing.Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (typing.Union, types.UnionType):
        rest = [a for a in get_args(kind) if a is not type(None)]
        return bare(rest[0]) if len(rest) == 1 else Any
    return kind


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def parts_of(kind: Any) -> Mapping[str, Any] | None:
    """Parts of a type, {} for one without parts, None when they cannot be known."""
    kind = bare(kind)
    if isinstance(kind, Mapping):
        return kind
    if hasattr(kind, "model_fields"):
        return {f.alias or name: f.annotation for name, f in kind.model_fields.items()}
    if typing.is_typeddict(kind) or dataclasses.is_dataclass(kind):
        return _hints(kind)
    if kind in (date, datetime):
        return dict.fromkeys(DATE_PARTS if kind is datetime else DATE_PARTS[:3], int)
    if kind in _SCALARS or kind is Secret or _root(kind) is list:
        return {}
    return None


def _root(kind: Any) -> Any:
    kind = bare(kind)
    if isinstance(kind, Mapping) or get_origin(kind) is dict:
        return dict
    return get_origin(kind) or kind


def family(kind: Any) -> str:
    """The phrase for what a type is (`what-list`), empty when it is not known."""
    root = _root(kind)
    if isinstance(kind, type) and (typing.is_typeddict(kind) or hasattr(kind, "model_fields")):
        return "what-mapping"
    return _PLAIN_NAMES.get(root, "") if isinstance(root, type) else ""


def element(kind: Any) -> Any:
    """The type of a list's elements."""
    kind = bare(kind)
    return get_args(kind)[0] if get_origin(kind) is list and get_args(kind) else Any


class Inference:
    """Types of the expressions of one place. `complain(code, mark, near=…, **details)` gets what is wrong."""

    def __init__(self, scope: Mapping[str, Any], complain: Complain, later: Mapping[str, Mark]) -> None:
        self.scope, self.complain, self.later = scope, complain, later
        self.secrets: set[str] = set()
        self.inputs: set[str] = set()

    def tree(self, tree: Any) -> Any:
        """The type of a parameter tree; every expression in it is looked at."""
        if isinstance(tree, Template):
            return self._template(tree)
        if isinstance(tree, Mapping):
            return {name: self.tree(value) for name, value in tree.items()}
        if isinstance(tree, list | tuple):
            kinds = [self.tree(value) for value in tree]
            same = kinds and all(k == kinds[0] for k in kinds) and isinstance(kinds[0], type)
            return list[kinds[0]] if same else list[Any]  # type: ignore[valid-type]
        return type(tree) if tree is not None else Any

    def _template(self, template: Template) -> Any:
        found = [self.expression(part) for part in template.parts if isinstance(part, Expression)]
        if template.whole:
            return found[0]
        for part, kind in zip((p for p in template.parts if isinstance(p, Expression)), found, strict=True):
            self._no_secret(kind, part)
        return str

    def expression(self, expression: Expression) -> Any:
        return self._type(expression.parsed.node, expression)

    def _no_secret(self, kind: Any, expression: Expression) -> None:
        if kind is Secret:
            shown = "${" + expression.source + "}"
            self.complain(
                "secret-in-text",
                expression.locate(expression.offset - 2, shown),
                name=expression.source.strip(),
            )

    # ── nodes ──
    def _type(self, node: Any, at: Expression) -> Any:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            return method(node, at)
        for child in node.iter_child_nodes():
            self._type(child, at)
        return Any

    def _const(self, node: nodes.Const, _: Expression) -> Any:
        return type(node.value) if node.value is not None else Any

    def _name(self, node: nodes.Name, at: Expression) -> Any:
        name = node.name
        if name in self.scope:
            return self.scope[name]
        if name in LITERALS:
            return bool if name in ("true", "false") else Any
        mark = at.mark_of((name,))
        if name in self.later:
            self.complain("step-not-run-yet", mark, name=name, line=self.later[name].line)
        elif name in FUNCTIONS:
            self.complain("function-not-called", mark, name=name)
        else:
            known = [n for n in self.scope if not n.startswith("_")]
            self.complain(
                "name-unknown", mark, near=nearest(name, known), name=name, known=listing(known, name)
            )
        return Any

    def _getattr(self, node: nodes.Getattr, at: Expression) -> Any:
        return self._part(self._type(node.node, at), node.attr, node, at)

    def _getitem(self, node: nodes.Getitem, at: Expression) -> Any:
        kind = self._type(node.node, at)
        if isinstance(node.arg, nodes.Slice):
            self._type(node.arg, at)
            return kind
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._part(kind, node.arg.value, node, at)
        self._type(node.arg, at)
        return element(kind)

    def _part(self, kind: Any, name: str, node: Any, at: Expression) -> Any:
        chain = chain_of(node) or (name,)
        if chain[0] == "secrets" and len(chain) == 2:
            self.secrets.add(name)
        if chain[0] == "inputs" and len(chain) == 2:
            self.inputs.add(name)
        parts = parts_of(kind)
        if parts is None:
            return Any
        if name in parts:
            return parts[name]
        code = {("inputs", 2): "input-undeclared", ("secrets", 2): "secret-undeclared"}.get(
            (chain[0], len(chain))
        )
        known = list(parts)
        self.complain(
            code or ("part-unknown" if known else "part-of-scalar"),
            at.mark_of(chain),
            near=nearest(name, known),
            name=".".join(chain[:-1]) or at.source,
            part=name,
            known=listing(known, name),
        )
        return Any

    # ── calls ──
    def _filter(self, node: nodes.Filter, at: Expression) -> Any:
        given = self._type(node.node, at)
        self._no_secret(given, at)
        return self._called(FILTERS[node.name], given, node, at)

    def _call(self, node: nodes.Call, at: Expression) -> Any:
        assert isinstance(node.node, nodes.Name)
        helper = FUNCTIONS[node.node.name]
        first = self._type(node.args[0], at) if node.args else Any
        return self._called(helper, first, node, at, skip=1)

    def _called(self, helper: Helper, given: Any, node: Any, at: Expression, skip: int = 0) -> Any:
        others = [self._type(a, at) for a in node.args[skip:]] + [
            self._type(k.value, at) for k in node.kwargs
        ]
        for kind in (given, *others):
            self._no_secret(kind, at)
        if helper.gives == "same":
            return given if helper.name != "default" or given is not Any else Any
        if helper.gives == "element":
            return element(given)
        return _hints(helper.function).get("return", Any)

    # ── operators ──
    def _test(self, node: nodes.Test, at: Expression) -> Any:
        self._type(node.node, at)
        return bool

    def _compare(self, node: nodes.Compare, at: Expression) -> Any:
        left = self._type(node.expr, at)
        for operand in node.ops:
            right = self._type(operand.expr, at)
            self._no_secret(left, at)
            self._no_secret(right, at)
            if operand.op in ("lt", "lteq", "gt", "gteq"):
                self._alike(left, right, at)
            left = right
        return bool

    def _alike(self, left: Any, right: Any, at: Expression) -> None:
        one, other = family(left), family(right)
        if one and other and one != other:
            self._clash(one, other, at)

    def _clash(self, one: str, other: str, at: Expression) -> None:
        from flows.diagnostics import Said

        mark = at.locate(at.offset - 2, "${" + at.source + "}")
        self.complain(
            "operands-differ", mark, left=Said(one), right=Said(other), expression=at.source.strip()
        )

    def _not(self, node: nodes.Not, at: Expression) -> Any:
        self._type(node.node, at)
        return bool

    def _and(self, node: nodes.And, at: Expression) -> Any:
        return self._either(node.left, node.right, at)

    _or = _and

    def _condexpr(self, node: nodes.CondExpr, at: Expression) -> Any:
        self._type(node.test, at)
        if node.expr2 is None:
            return self._type(node.expr1, at)
        return self._either(node.expr1, node.expr2, at)

    def _either(self, one: Any, other: Any, at: Expression) -> Any:
        left, right = self._type(one, at), self._type(other, at)
        return left if left == right else Any

    def _arithmetic(self, node: Any, at: Expression) -> Any:
        left, right = self._type(node.left, at), self._type(node.right, at)
        self._no_secret(left, at)
        self._no_secret(right, at)
        one, other = family(left), family(right)
        if "what-number" in (one, other) and one and other and one != other:
            self._clash(one, other, at)
        if one == other == "what-number":
            return int if left is right is int and not isinstance(node, nodes.Div) else Decimal
        return left if one == other and isinstance(node, nodes.Add) else Any

    _add = _sub = _mul = _div = _floordiv = _mod = _arithmetic

    def _neg(self, node: nodes.Neg, at: Expression) -> Any:
        return self._type(node.node, at)

    _pos = _neg

    def _concat(self, node: nodes.Concat, at: Expression) -> Any:
        for child in node.nodes:
            self._no_secret(self._type(child, at), at)
        return str

    def _list(self, node: Any, at: Expression) -> Any:
        kinds = [self._type(child, at) for child in node.items]
        for kind in kinds:
            self._no_secret(kind, at)
        same = kinds and all(k == kinds[0] for k in kinds) and isinstance(kinds[0], type)
        return list[kinds[0]] if same else list[Any]  # type: ignore[valid-type]

    _tuple = _list

    def _dict(self, node: nodes.Dict, at: Expression) -> Any:
        known = all(isinstance(p.key, nodes.Const) for p in node.items)
        kinds = {str(getattr(p.key, "value", "")): self._type(p.value, at) for p in node.items}
        for pair in node.items:
            self._type(pair.key, at)
        for kind in kinds.values():
            self._no_secret(kind, at)
        return kinds if known else Any

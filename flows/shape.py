"""Helpers for reading a tree of places: what is expected where, with a diagnostic for everything else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from rapidfuzz import process

from flows.diagnostics import Diagnostic
from flows.document import Node, Pair
from flows.expressions import ExpressionError, compile_template
from flows.model import Mark, Template
from flows.types import duration

RESERVED = frozenset("inputs secrets item items run flow failure loop last it true false null none and or not in is if else".split())


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or empty."""
    found = process.extractOne(name, list(known), score_cutoff=65)
    return str(found[0]) if found else ""


class Reader:
    """Collects problems while a tree is read."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []

    def complain(self, code: str, mark: Mark, *, severity: str = "error", near: str = "", **details: Any) -> None:
        self.problems.append(Diagnostic(code, mark, severity, details, near))  # type: ignore[arg-type]

    # ── shapes ──
    def mapping(self, node: Node | None, known: Iterable[str], what: str) -> Mapping[str, Node]:
        """The entries of a mapping; unknown keys are problems with a «did you mean»."""
        if node is None or (node.kind == "scalar" and node.value is None):
            return {}
        if node.kind != "map":
            self.complain("shape-mapping", node.mark, what=what)
            return {}
        names = list(known)
        for pair in node.pairs:
            if pair.key not in names:
                self.complain("key-unknown", pair.mark, near=nearest(pair.key, names), key=pair.key, what=what, known=", ".join(names))
        return {p.key: p.node for p in node.pairs if p.key in names}

    def pairs(self, node: Node | None, what: str) -> list[Pair]:
        if node is None or (node.kind == "scalar" and node.value is None):
            return []
        if node.kind != "map":
            self.complain("shape-mapping", node.mark, what=what)
            return []
        return node.pairs

    def items(self, node: Node | None, what: str) -> list[Node]:
        if node is None or (node.kind == "scalar" and node.value is None):
            return []
        if node.kind != "list":
            self.complain("shape-list", node.mark, what=what)
            return []
        return list(node.value)

    def text(self, node: Node | None, what: str, default: str = "") -> str:
        if node is None or node.value is None:
            return default
        if node.kind != "scalar":
            self.complain("shape-text", node.mark, what=what)
            return default
        return str(node.value)

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """One text or a list of texts."""
        if node is not None and node.kind == "scalar" and node.value is not None:
            return (self.text(node, what),)
        return tuple(self.text(n, what) for n in self.items(node, what))

    def flag(self, node: Node | None, what: str) -> bool:
        if node is None:
            return False
        if not isinstance(node.value, bool):
            self.complain("shape-bool", node.mark, what=what)
            return False
        return node.value

    def whole(self, node: Node | None, what: str, default: int, low: int, high: int) -> int:
        if node is None:
            return default
        if node.kind != "scalar" or not isinstance(node.value, int) or isinstance(node.value, bool) or not low <= node.value <= high:
            self.complain("shape-int", node.mark, what=what, low=low, high=high)
            return default
        return node.value

    def choice(self, node: Node | None, what: str, known: tuple[str, ...], default: str) -> str:
        value = self.text(node, what, default)
        if value not in known:
            assert node is not None
            self.complain("choice-unknown", node.mark, near=nearest(value, known), value=value, what=what, known=", ".join(known))
            return default
        return value

    def seconds(self, node: Node | None, what: str) -> timedelta | None:
        if node is None or node.value is None:
            return None
        try:
            return duration(self.text(node, what))
        except ValueError:
            self.complain("duration-invalid", node.mark, what=what, value=str(node.value))
            return None

    def name(self, text: str, mark: Mark, what: str) -> str:
        """A name: letters of any script, digits and _, NFC, none of the language's own words."""
        text = unicodedata.normalize("NFC", text)
        if not re.fullmatch(r"[^\W\d_][\w]*", text):
            self.complain("name-invalid", mark, name=text, what=what)
        elif text in RESERVED:
            self.complain("name-reserved", mark, name=text, what=what)
        return text

    # ── values ──
    def tree(self, node: Node | None) -> Any:
        """A parameter tree: plain data in which texts with `${…}` are templates."""
        if node is None:
            return None
        if node.kind == "map":
            return {p.key: self.tree(p.node) for p in node.pairs}
        if node.kind == "list":
            return [self.tree(n) for n in node.value]
        return self.template(node) if isinstance(node.value, str) else node.value

    def template(self, node: Node) -> str | Template:
        try:
            return compile_template(node.value, node.mark)
        except ExpressionError as error:
            self.complain(error.code, self._inside(node, error), near=self._near(error), **{"expression": node.value, **error.details})
            return ""

    @staticmethod
    def _near(error: ExpressionError) -> str:
        return nearest(str(error.details.get("name", "")), error.details.get("known") or [])

    @staticmethod
    def _inside(node: Node, error: ExpressionError) -> Mark:
        from dataclasses import replace

        if "\n" in node.value or node.mark.length < len(node.value):
            return node.mark
        shift = 1 if node.quoted else 0
        return replace(node.mark, column=node.mark.column + shift + error.offset, length=max(1, error.length))

    def condition(self, node: Node | None) -> Any:
        """A test: `x == 1` may stand without `${ }`; a target is a mapping."""
        if node is None or node.kind != "scalar" or not isinstance(node.value, str) or "${" in node.value:
            return self.tree(node)
        from dataclasses import replace

        return self.template(replace(node, value="${" + node.value + "}"))

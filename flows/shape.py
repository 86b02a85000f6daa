"""Helpers for reading a tree of places: what is expected where, with a diagnostic for everything else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from flows.diagnostics import Diagnostic, Said, Severity
from flows.document import Node, Pair
from flows.expressions import ExpressionError, compile_template
from flows.marks import Mark
from flows.model import Template
from flows.types import duration

What: TypeAlias = Said | str
RESERVED = frozenset(
    ("inputs", "secrets", "item", "items", "run", "flow", "failure", "loop", "last", "it", "true", "false",
     "null", "none", "and", "or", "not", "in", "is", "if", "else")
)  # fmt: skip
SIMILAR = 65


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or empty."""
    if not name:
        return ""
    from rapidfuzz import process  # only a mistake needs it

    found = process.extractOne(name, list(known), score_cutoff=SIMILAR)
    return str(found[0]) if found else ""


def listing(known: Iterable[str], name: str = "", limit: int = 24) -> str:
    """Known names for a message; of very many only the most similar ones."""
    names = list(known)
    if len(names) <= limit:
        return ", ".join(names) or "-"
    from rapidfuzz import process

    similar = [str(n) for n, *_ in process.extract(name, names, limit=8)]
    return ", ".join(similar) + ", …"


class Reader:
    """Collects problems while a tree is read."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []

    def complain(
        self, code: str, mark: Mark, *, severity: Severity = "error", near: str = "", **details: Any
    ) -> None:
        self.problems.append(Diagnostic(code, mark, severity, details, near))

    # ── shapes ──
    def mapping(self, node: Node | None, known: Iterable[str], what: What) -> Mapping[str, Node]:
        """The entries of a mapping; unknown keys are problems with a «did you mean»."""
        names = list(known)
        found = self.pairs(node, what)
        for pair in found:
            if pair.key not in names:
                self.stranger(pair, names, what)
        return {p.key: p.node for p in found if p.key in names}

    def stranger(self, pair: Pair, names: list[str], what: What) -> None:
        near = nearest(pair.key, names)
        self.complain("key-unknown", pair.mark, near=near, key=pair.key, what=what, known=", ".join(names))

    def pairs(self, node: Node | None, what: What) -> list[Pair]:
        if node is None or node.is_null:
            return []
        if node.kind != "map":
            self.complain("shape-mapping", node.mark, what=what)
            return []
        return node.pairs

    def items(self, node: Node | None, what: What) -> list[Node]:
        if node is None or node.is_null:
            return []
        if node.kind != "list":
            self.complain("shape-list", node.mark, what=what)
            return []
        return list(node.value)

    def text(self, node: Node | None, what: What, default: str = "") -> str:
        """A text without expressions; numbers and the like as they would be written."""
        if node is None or node.is_null:
            return default
        if node.kind != "scalar":
            self.complain("shape-text", node.mark, what=what)
            return default
        if isinstance(node.value, str) and "${" in node.value:
            self.complain("shape-no-expression", node.mark, what=what)
            return default
        if isinstance(node.value, bool):
            return str(node.value).lower()
        return str(node.value)

    def texts(self, node: Node | None, what: What) -> tuple[str, ...]:
        """One text or a list of texts."""
        if node is not None and node.kind == "scalar" and not node.is_null:
            return (self.text(node, what),)
        return tuple(self.text(n, what) for n in self.items(node, what))

    def flag(self, node: Node | None, what: What) -> bool:
        if node is None:
            return False
        if not isinstance(node.value, bool):
            self.complain("shape-bool", node.mark, what=what)
            return False
        return node.value

    def whole(self, node: Node | None, what: What, default: int, low: int, high: int) -> int:
        if node is None:
            return default
        value = node.value
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.complain("shape-int", node.mark, what=what, low=low, high=high)
            return default
        return value

    def choice(self, node: Node | None, what: What, known: tuple[str, ...], default: str) -> str:
        value = self.text(node, what, default)
        if node is not None and value not in known:
            near = nearest(value, known)
            shown = ", ".join(known)
            self.complain("choice-unknown", node.mark, near=near, value=value, what=what, known=shown)
            return default
        return value

    def seconds(self, node: Node | None, what: What) -> timedelta | None:
        """A duration, more than nothing and at most 30 days."""
        if node is None or node.is_null:
            return None
        try:
            length = duration(node.value if node.kind == "scalar" else "")
        except ValueError:
            self.complain("duration-invalid", node.mark, what=what, value=self._shown(node))
            return None
        if not timedelta() < length <= timedelta(days=30):
            self.complain("duration-range", node.mark, what=what, value=self._shown(node))
            return None
        return length

    @staticmethod
    def _shown(node: Node) -> str:
        return str(node.value)[:40] if node.kind == "scalar" else ""

    def name(self, text: str, mark: Mark, what: What) -> str:
        """A name: letters of any script, digits and _, NFC, none of the language's own words."""
        text = unicodedata.normalize("NFC", text)
        if not re.fullmatch(r"[^\W\d_]\w*", text) or len(text) > 100:
            self.complain("name-invalid", mark, name=text[:100], what=what)
        elif text in RESERVED:
            self.complain("name-reserved", mark, name=text, what=what)
        return text

    # ── values ──
    def tree(self, node: Node | None) -> Any:
        """A parameter tree: plain data in which texts with `${…}` are templates."""
        if node is None:
            return None
        if node.kind == "map":
            return {self._tree_key(p): self.tree(p.node) for p in node.pairs}
        if node.kind == "list":
            return [self.tree(n) for n in node.value]
        return self.template(node) if isinstance(node.value, str) else node.value

    def _tree_key(self, pair: Pair) -> str:
        if "${" in pair.key:
            self.complain("expression-in-key", pair.mark, key=pair.key)
        return pair.key

    def template(self, node: Node, bare: bool = False) -> str | Template:
        """The text of a node with its expressions; `bare` takes the whole text for one expression."""
        prefix = 2 if bare else 0
        text = "${" + node.value + "}" if bare else node.value

        def locate(offset: int, words: str) -> Mark:
            whole = bare and offset < prefix
            return node.mark if whole else node.inside(max(0, offset - prefix), words)

        try:
            return compile_template(text, node.mark, locate)
        except ExpressionError as error:
            self._bad_expression(node, error, max(0, error.offset - prefix))
            return ""

    def _bad_expression(self, node: Node, error: ExpressionError, offset: int) -> None:
        words = node.value[offset : offset + error.length] or node.value[-1:]
        name, known = str(error.details.get("name", "")), error.details.get("known") or []
        near = nearest(name, known)
        details = {"expression": node.value[:80], **error.details, "known": listing(known, name)}
        mark = node.inside(min(offset, max(0, len(node.value) - 1)), words)
        self.problems.append(Diagnostic(error.code, mark, "error", details, near))

    def condition(self, node: Node | None) -> Any:
        """A test: `x == 1` may stand without `${ }`; a target is a mapping."""
        if node is None or node.kind != "scalar" or not isinstance(node.value, str) or "${" in node.value:
            return self.tree(node)
        return self.template(node, bare=True)

    def marks(self, node: Node, path: str = "", depth: int = 64) -> dict[str, Mark]:
        """The places of everything in a tree: `target` its key, `target.role` a key below, `lines.0` an
        element."""
        found: dict[str, Mark] = {}
        for pair in node.pairs if depth else ():
            found[path + pair.key] = pair.mark
            found.update(self.marks(pair.node, f"{path}{pair.key}.", depth - 1))
        for n, one in enumerate(node.value if depth and node.kind == "list" else ()):
            found[f"{path}{n}"] = one.mark
            found.update(self.marks(one, f"{path}{n}.", depth - 1))
        return found

"""`${ … }` in texts: split, parse, name, evaluate.

The grammar is Jinja2's (`flows.grammar`), the evaluation our own walk over an allow-list (`flows.walk`). A
text that is one whole expression keeps its value's type: `"${bill.total}"` is a Decimal, `"Total:
${bill.total}"` a text. A literal `${` is written `$${`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from jinja2 import nodes

from flows.failures import BusinessFailure, FlowFailure
from flows.grammar import ExpressionError, Parsed, chain_of, parse
from flows.marks import NOWHERE, Mark
from flows.model import Template
from flows.values import BadValue, Missing, to_text
from flows.walk import LITERALS, MAX_SIZE, Walk

__all__ = ["Expression", "ExpressionError", "UsedName", "compile_template", "evaluate", "names", "to_text"]

Locate: TypeAlias = Callable[[int, str], Mark]
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Expression:
    """One `${…}`. `source` is what stands between the braces; `offset` is where that begins in its text;
    `locate` turns (offset in the text, words) into their place in the file."""

    source: str
    offset: int
    parsed: Parsed
    locate: Locate

    def mark_of(self, chain: tuple[str, ...]) -> Mark:
        """The place of a dotted name in the file; the whole expression when it cannot be told."""
        at = self.parsed.offset_of(chain)
        if at is None:
            return self.locate(self.offset - 2, "${" + self.source + "}")
        words = re.match(r"\s*\.\s*".join(map(re.escape, chain)), self.source[at:])
        return self.locate(self.offset + at, words.group() if words else chain[0])


@dataclass(frozen=True)
class UsedName:
    """A dotted name as written, e.g. ("bill", "fields", "total"); `mark` is its place in the flow."""

    parts: tuple[str, ...]
    mark: Mark


def compile_template(text: str, mark: Mark = NOWHERE, locate: Locate | None = None) -> str | Template:
    """`text` itself (`$${` made `${`) when it has no expression, else a Template. Raises ExpressionError."""
    if "${" not in text:
        return text
    where = locate or _along(mark)
    parts: list[str | Expression] = []
    for offset, inner, literal in _split(text):
        if inner is None:
            parts.append(literal)
            continue
        try:
            parts.append(Expression(inner, offset, parse(inner), where))
        except ExpressionError as error:
            raise error.shifted(offset) from None
    if all(isinstance(p, str) for p in parts):
        return "".join(p for p in parts if isinstance(p, str))
    return Template(text, tuple(parts), whole=len(parts) == 1, mark=mark)


def _along(mark: Mark) -> Locate:
    """Places on one line, counted from the mark."""

    def locate(offset: int, words: str) -> Mark:
        return Mark(mark.file, mark.line, mark.column + offset, max(1, len(words)))

    return locate if mark.line else lambda *_: mark


def _split(text: str) -> Iterator[tuple[int, str | None, str]]:
    """(offset, inner, literal): an expression, or a literal piece when `inner` is None."""
    at, literal = 0, ""
    while at < len(text):
        found = text.find("${", at)
        if found < 0:
            break
        if text[found - 1 : found] == "$" and found > at:
            literal += text[at : found - 1] + "${"
            at = found + 2
            continue
        literal += text[at:found]
        if literal:
            yield at, None, literal
        end = _end_of(text, found + 2)
        yield found + 2, text[found + 2 : end], ""
        at, literal = end + 1, ""
    literal += text[at:]
    if literal:
        yield at, None, literal


def _end_of(text: str, at: int) -> int:
    """The index of the `}` that closes the expression beginning at `at`. Raises ExpressionError."""
    start = at - 2
    expected: list[str] = []
    while at < len(text):
        char = text[at]
        if char in "'\"":
            string = _STRING.match(text, at)
            if string is None:
                raise ExpressionError("expression-quote-open", "a quote is not closed", at)
            at = string.end()
            continue
        if char == "}" and not expected:
            return at
        if char in _CLOSING:
            expected.append(_CLOSING[char])
        elif char in ")]}" and (not expected or expected.pop() != char):
            raise ExpressionError("expression-syntax", f"{char} was never opened", at)
        at += 1
    raise ExpressionError("expression-unclosed", "the } is missing", start, len(text) - start)


# ── names ──
def expressions(tree: Any) -> Iterator[Expression]:
    """Every expression in a parameter tree."""
    if isinstance(tree, Template):
        yield from (part for part in tree.parts if isinstance(part, Expression))
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from expressions(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from expressions(value)


def names(tree: Any) -> Iterator[UsedName]:
    """Every name that the templates in a parameter tree use."""
    for expression in expressions(tree):
        for chain in _names(expression.parsed.node):
            yield UsedName(chain, expression.mark_of(chain))


def _names(node: nodes.Node) -> Iterator[tuple[str, ...]]:
    chain = chain_of(node)
    if chain is not None:
        if chain[0] not in LITERALS:
            yield chain
        return
    children = [*node.args, *node.kwargs] if isinstance(node, nodes.Call) else node.iter_child_nodes()
    for child in children:
        yield from _names(child)


# ── values ──
def evaluate(tree: Any, scope: Mapping[str, Any]) -> Any:
    """`tree` with every template replaced by its value; a null stays null.

    Raises FlowFailure for what the author must mend (a name, a wrong kind of value), BusinessFailure for
    what is in the data: `value-missing` when a calculation needs a value that is null, `value-invalid` when
    one cannot be understood (`n/a` as an amount).
    """
    if isinstance(tree, Template):
        return _template(tree, scope)
    if isinstance(tree, Mapping):
        return {k: evaluate(v, scope) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        return [evaluate(v, scope) for v in tree]
    return tree


def _template(template: Template, scope: Mapping[str, Any]) -> Any:
    if template.whole:
        return _value(template.parts[0], scope)
    texts = [p if isinstance(p, str) else to_text(_value(p, scope)) for p in template.parts]
    if sum(map(len, texts)) > MAX_SIZE:
        raise FlowFailure("value-too-large", details={"limit": "1 MB", "expression": template.source[:200]})
    return "".join(texts)


def _value(expression: Expression, scope: Mapping[str, Any]) -> Any:
    shown = "${" + expression.source[:200] + "}"
    try:
        return Walk(scope).value(expression.parsed.node)
    except (FlowFailure, BusinessFailure) as failure:
        failure.details.setdefault("expression", shown)
        raise
    except Missing as missing:
        details = {"action": shown, "parameter": missing.needed, "source": _null_names(expression, scope)}
        raise BusinessFailure("value-missing", details=details) from None
    except BadValue as error:
        raise BusinessFailure(
            "value-invalid", str(error), details={"reason": str(error), "expression": shown}
        ) from None
    except (TypeError, ValueError, ArithmeticError, KeyError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        raise FlowFailure(
            "expression-failed", reason, details={"reason": reason, "expression": shown}
        ) from error


def _null_names(expression: Expression, scope: Mapping[str, Any]) -> str:
    """The names in the expression whose value is null."""
    empty = []
    for chain in dict.fromkeys(_names(expression.parsed.node)):
        value: Any = scope.get(chain[0])
        for part in chain[1:]:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None:
            empty.append(".".join(chain))
    return ", ".join(empty) or expression.source[:200]

"""Parses one expression with Jinja2's grammar; finds where its names stand; refuses what is not on the list.

Jinja2's block, comment and variable delimiters are set to impossible strings: only its expression grammar
is used. Its lexer gives the columns; numbers with a point become Decimal from their own digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Lexer, Token
from jinja2.parser import Parser

from flows.functions import FILTERS, FUNCTIONS
from flows.walk import ALLOWED, MAX_DEPTH, MAX_NODES, TESTS

MAX_LENGTH = 20_000
_KEYWORDS = frozenset(("and", "or", "not", "in", "is", "if", "else"))


class ExpressionError(ValueError):
    """A text whose `${…}` cannot be used. `offset` and `length` are its place in that text, from 0."""

    def __init__(self, code: str, reason: str, offset: int, length: int = 1, **details: Any) -> None:
        super().__init__(reason)
        self.code, self.reason, self.offset, self.length = code, reason, offset, length
        self.details = {"reason": reason, **details}

    def shifted(self, by: int) -> ExpressionError:
        """The same, in a text in which this one begins at `by`."""
        known = {k: v for k, v in self.details.items() if k != "reason"}
        return ExpressionError(self.code, self.reason, self.offset + by, self.length, **known)


@dataclass(frozen=True)
class Parsed:
    """An expression's tree and the places (offset, dotted chain) of the names in it, as written."""

    node: nodes.Expr
    chains: tuple[tuple[int, tuple[str, ...]], ...]

    def offset_of(self, chain: tuple[str, ...]) -> int | None:
        """Where a dotted name that begins with `chain` first stands."""
        return next((at for at, found in self.chains if found[: len(chain)] == chain), None)


_ESCAPES = {"\\\\": "\\", "\\'": "'", '\\"': '"', "\\n": "\n", "\\t": "\t", "\\r": "\r"}


def unescaped(text: str) -> str:
    """A text of an expression. A backslash that begins none of `\\\\ \\' \\" \\n \\t \\r` stays, so that
    patterns such as `\\d+` and `\\bA` mean what they say."""
    return re.sub(r"\\[\\'\"ntr]", lambda found: _ESCAPES[found.group()], text)


class _Lexer(Lexer):
    """Keeps the digits of decimals, and where the last token began."""

    def wrap(
        self, stream: Iterable[tuple[int, str, str]], name: str | None = None, filename: str | None = None
    ) -> Iterator[Token]:
        self.reached = at = 0
        for line, kind, text in stream:
            self.reached, at = at, at + len(text)
            if kind == "float":
                yield Token(line, kind, Decimal(text.replace("_", "")))  # type: ignore[arg-type]
            elif kind == "string":
                yield Token(line, kind, unescaped(text[1:-1]))
            else:
                yield from super().wrap([(line, kind, text)], name, filename)


class _Environment(Environment):
    @property
    def lexer(self) -> Lexer:
        return _lexer()


@cache
def _environment() -> Environment:
    return _Environment(
        block_start_string="\ufdd0%", block_end_string="%\ufdd1", comment_start_string="\ufdd2#",
        comment_end_string="#\ufdd3", variable_start_string="\ufdd4{", variable_end_string="}\ufdd5",
        autoescape=False,
    )  # fmt: skip


@cache
def _lexer() -> _Lexer:
    return _Lexer(_environment())


@lru_cache(maxsize=8192)
def parse(text: str) -> Parsed:
    """The expression, checked against the allow-list. Raises ExpressionError."""
    if not text.strip():
        raise ExpressionError("expression-empty", "empty", 0, max(1, len(text)))
    if len(text) > MAX_LENGTH:
        raise ExpressionError("expression-too-large", "too long", 0, 1)
    try:
        parser = Parser(_environment(), text, state="variable")
        node = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError(f"{parser.stream.current.value!r} does not belong here", 1)
    except TemplateSyntaxError as error:
        raise _syntax(error, text) from None
    except (RecursionError, ValueError, OverflowError):
        raise ExpressionError("expression-too-large", "nested too deeply", 0, len(text)) from None
    parsed = Parsed(node, tuple(_chains(text)))
    _allow(parsed, text)
    return parsed


_END = re.compile(r"end of (print statement|template)")


def _syntax(error: TemplateSyntaxError, text: str) -> ExpressionError:
    reason = _END.sub("the end of the expression", (error.message or "").split("\n")[0].rstrip("."))
    place = re.search(r" at (\d+)$", reason)
    offset = int(place.group(1)) if place else _lexer().reached
    if place:
        reason = reason[: place.start()]
    return ExpressionError("expression-syntax", reason, min(offset, len(text) - 1))


def _chains(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Dotted names with their offsets; names of filters, tests and named arguments are none."""
    tokens, at = [], 0
    for _, kind, value in _lexer().tokeniter(text, None, state="variable"):
        if kind != "whitespace":
            tokens.append((at, kind, value))
        at += len(value)
    n = 0
    while n < len(tokens):
        at, kind, value = tokens[n]
        before = tokens[n - 1][2] if n else ""
        if kind != "name" or value in _KEYWORDS or before in (".", "|", "is"):
            n += 1
            continue
        chain, n = _rest_of_chain(tokens, n)
        yield at, chain


def _rest_of_chain(tokens: list[tuple[int, str, str]], n: int) -> tuple[tuple[str, ...], int]:
    chain = [tokens[n][2]]
    n += 1
    while n < len(tokens):
        words = [t[2] for t in tokens[n : n + 3]]
        if len(words) > 1 and words[0] == "." and tokens[n + 1][1] == "name":
            chain.append(words[1])
            n += 2
        elif len(words) == 3 and words[0] == "[" and words[2] == "]" and tokens[n + 1][1] == "string":
            chain.append(words[1][1:-1])
            n += 3
        else:
            break
    return tuple(chain), n


def chain_of(node: nodes.Node) -> tuple[str, ...] | None:
    """`bill.fields['total']` as (bill, fields, total); None for anything else."""
    names: list[str] = []
    while True:
        if isinstance(node, nodes.Getattr):
            names.append(node.attr)
            node = node.node
        elif (
            isinstance(node, nodes.Getitem)
            and isinstance(node.arg, nodes.Const)
            and isinstance(node.arg.value, str)
        ):
            names.append(node.arg.value)
            node = node.node
        elif isinstance(node, nodes.Name):
            return (node.name, *reversed(names))
        else:
            return None


# ── what is allowed ──
def _allow(parsed: Parsed, text: str) -> None:
    stack: list[tuple[nodes.Node, int]] = [(parsed.node, 1)]
    count = 0
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise ExpressionError("expression-too-large", "too large or nested too deeply", 0, len(text))
        _allow_one(node, text)
        stack += [(child, depth + 1) for child in node.iter_child_nodes()]


def _place(text: str, word: str) -> tuple[int, int]:
    found = re.search(rf"(?<![\w]){re.escape(word)}", text)
    return (found.start(), len(word)) if found else (0, len(text))


def _refuse(text: str, what: str) -> ExpressionError:
    return ExpressionError("expression-not-allowed", f"{what} is not allowed", *_place(text, what), what=what)


def _allow_one(node: nodes.Node, text: str) -> None:
    if isinstance(node, nodes.Pow):
        at = text.find("**")
        raise ExpressionError("expression-not-allowed", "** is not allowed", at, 2, what="**")
    if not isinstance(node, ALLOWED):
        raise _refuse(text, type(node).__name__.lower())
    name = node.attr if isinstance(node, nodes.Getattr) else node.name if isinstance(node, nodes.Name) else ""
    if name.startswith("_"):
        raise _refuse(text, name)
    if isinstance(node, nodes.Const) and not isinstance(node.value, str | int | Decimal | None):
        raise _refuse(text, str(node.value))
    if isinstance(node, nodes.Test) and (node.name not in TESTS or node.args or node.kwargs):
        raise ExpressionError(
            "test-unknown",
            f"no test {node.name}",
            *_place(text, node.name),
            name=node.name,
            known=sorted(TESTS),
        )
    if isinstance(node, nodes.Filter):
        _allow_call(node, node.name, 1, FILTERS, "filter-unknown", text)
    if isinstance(node, nodes.Call):
        if not isinstance(node.node, nodes.Name):
            attr = getattr(node.node, "attr", "")
            raise ExpressionError(
                "method-not-allowed", "values have no methods", *_place(text, attr), name=attr
            )
        _allow_call(node, node.node.name, 0, FUNCTIONS, "function-unknown", text)


def _allow_call(node: Any, name: str, given: int, known: Any, unknown: str, text: str) -> None:
    place = _place(text, name)
    if name not in known:
        raise ExpressionError(unknown, f"no {name}", *place, name=name, known=sorted(known))
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise _refuse(text, "*")
    misfit = known[name].misfit(given + len(node.args), tuple(k.key for k in node.kwargs))
    if misfit:
        raise ExpressionError("arguments-wrong", misfit, *place, name=name)

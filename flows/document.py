"""YAML with places: the only home of the YAML library for flows.

Only `true false null ~`, whole numbers and numbers with a point are not text: `on`, `yes`, `12:30`, `0123`,
`1e3` and dates stay text. Duplicate keys, tags, merge keys and aliases are refused, so are files over 1 MiB and
nesting over 64.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from flows.diagnostics import Diagnostic
from flows.model import Mark

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_ALIASES = 50
_INT = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Node:
    """A value with its place. `value` is a scalar, a list of Node, or a list of Pair for a mapping."""

    kind: str  # scalar | list | map
    value: Any
    mark: Mark
    quoted: bool = False

    @property
    def pairs(self) -> list[Pair]:
        return self.value if self.kind == "map" else []

    def get(self, key: str) -> Node | None:
        return next((p.node for p in self.pairs if p.key == key), None)

    def plain(self) -> Any:
        """The value without places."""
        if self.kind == "map":
            return {p.key: p.node.plain() for p in self.value}
        if self.kind == "list":
            return [n.plain() for n in self.value]
        return self.value


@dataclass(frozen=True)
class Pair:
    key: str
    mark: Mark
    node: Node


def scalar(text: str, *, quoted: bool) -> Any:
    """The value of a scalar by our own rules."""
    if quoted:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) < 300 else text
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text


def plain_yaml(text: str) -> Any:
    """A YAML text of our own (catalogue, examples) as plain data."""
    node, problems = compose(text, "")
    if problems:
        raise ValueError(f"{problems[0].code} at line {problems[0].mark.line}: {dict(problems[0].details)}")
    return node.plain() if node else None


def compose(text: str, file: str) -> tuple[Node | None, list[Diagnostic]]:
    """The document's tree and everything that is wrong with it as YAML."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return None, [Diagnostic("yaml-too-large", Mark(file, 1, 1), details={"limit": "1 MiB"})]
    early = list(_guards(text, file))
    if early:
        return None, early
    try:
        documents = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(error, text, file)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [Diagnostic("yaml-syntax", Mark(file, 1, 1), details={"reason": str(error).split("\n")[0]})]
    if len(documents) > 1:
        mark = documents[1].start_mark
        return None, [Diagnostic("yaml-many-documents", Mark(file, mark.line + 1, mark.column + 1))]
    builder = _Builder(file)
    node = builder.build(documents[0], 0) if documents else None
    return node, [*builder.problems, *_lost_text(text, file, node)]


def _guards(text: str, file: str) -> Iterator[Diagnostic]:
    """What must be refused before the composer spends time on it."""
    depth = deepest = 0
    try:
        aliases = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                aliases += 1
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                depth += 1
                if depth > MAX_DEPTH and depth > deepest:
                    yield Diagnostic("yaml-too-deep", _mark(file, event.start_mark), details={"limit": MAX_DEPTH})
                    return
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                depth -= 1
            if isinstance(event, yaml.AliasEvent):
                yield Diagnostic("yaml-alias", _mark(file, event.start_mark), details={"name": event.anchor})
                if aliases > MAX_ALIASES:
                    return
    except (yaml.YAMLError, ValueError, RecursionError):
        return  # the composer tells where


def _mark(file: str, mark: Any, end: Any = None) -> Mark:
    length = end.column - mark.column if end is not None and end.line == mark.line else 1
    return Mark(file, mark.line + 1, mark.column + 1, max(1, length))


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Diagnostic:
    place = error.problem_mark or error.context_mark
    mark = _mark(file, place) if place else Mark(file, 1, 1)
    lines = text.splitlines()
    line = lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
    code = _recognised(line, lines[mark.line - 2] if mark.line > 1 and mark.line - 2 < len(lines) else "", str(error.problem))
    return Diagnostic(code, mark, details={"reason": error.problem or "", "line": line.strip()})


def _recognised(line: str, before: str, problem: str) -> str:
    """Well-known slips get a code of their own, with the cure."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "yaml-tab"
    for one in (line, before):
        if re.search(r"[\[{][^'\"]*\$\{", one):
            return "yaml-unquoted-expression"
        if re.search(r":\s+\$\{[^}]*: ", one) or re.search(r"^\s*[^'\"#]*\$\{[^}]*: ", one):
            return "yaml-colon-in-expression"
        if re.search(r'"[^"]*\$\{[^}"]*"[^}]*"', one) or re.search(r"'[^']*\$\{[^}']*'[^}]*'", one):
            return "yaml-quotes-in-quotes"
    if "could not find expected ':'" in problem or "mapping values are not allowed" in problem:
        return "yaml-colon"
    return "yaml-syntax"


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Diagnostic] = []

    def build(self, node: yaml.Node, depth: int) -> Node:
        mark = _mark(self.file, node.start_mark, node.end_mark)
        if isinstance(node, yaml.ScalarNode):
            self._tag(node, mark)
            quoted = node.style is not None
            return Node("scalar", scalar(node.value, quoted=quoted), mark, quoted)
        self._tag(node, mark)
        if isinstance(node, yaml.SequenceNode):
            return Node("list", [self.build(n, depth + 1) for n in node.value], mark)
        return Node("map", self._pairs(node, depth), mark)

    def _tag(self, node: yaml.Node, mark: Mark) -> None:
        tag = node.tag or ""
        if tag and not tag.startswith("tag:yaml.org,2002:"):
            self.problems.append(Diagnostic("yaml-tag", mark, details={"tag": tag}))

    def _pairs(self, node: yaml.MappingNode, depth: int) -> list[Pair]:
        pairs: list[Pair] = []
        seen: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            mark = _mark(self.file, key_node.start_mark, key_node.end_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                flow_style = "${" in str(getattr(key_node, "value", "")) or getattr(key_node, "flow_style", False)
                self.problems.append(Diagnostic("yaml-unquoted-expression" if flow_style else "yaml-key", mark, details={"line": ""}))
                continue
            key = key_node.value
            if key == "<<" and key_node.style is None:
                self.problems.append(Diagnostic("yaml-merge", mark))
                continue
            if key in seen:
                self.problems.append(Diagnostic("yaml-duplicate-key", mark, details={"key": key, "first": seen[key].line}))
                continue
            seen[key] = mark
            if isinstance(value_node, yaml.ScalarNode) and value_node.value == "" and value_node.style is None and node.flow_style:
                self.problems.append(Diagnostic("yaml-comma-key", mark, details={"key": key}))
            pairs.append(Pair(key, mark, self.build(value_node, depth + 1)))
        return pairs


def _lost_text(text: str, file: str, node: Node | None) -> Iterator[Diagnostic]:
    """A `#` after a space cuts the rest of an unquoted text: `Invoice #4711` becomes `Invoice`."""
    if node is None:
        return
    lines = text.splitlines()
    for scalar_node in _scalars(node):
        if scalar_node.quoted or not isinstance(scalar_node.value, str):
            continue
        line = lines[scalar_node.mark.line - 1] if scalar_node.mark.line <= len(lines) else ""
        rest = line[scalar_node.mark.column - 1 + scalar_node.mark.length :]
        cut = re.match(r" +#(\S)", rest)
        if cut and (scalar_node.value.count("${") > scalar_node.value.count("}") or cut.group(1).isdigit()):
            column = scalar_node.mark.column + scalar_node.mark.length + rest.index("#")
            yield Diagnostic("yaml-hash", Mark(file, scalar_node.mark.line, column), "warning" if cut.group(1).isdigit() else "error",
                             details={"text": scalar_node.value})


def _scalars(node: Node) -> Iterator[Node]:
    if node.kind == "scalar":
        yield node
    elif node.kind == "list":
        for n in node.value:
            yield from _scalars(n)
    else:
        for p in node.value:
            yield from _scalars(p.node)

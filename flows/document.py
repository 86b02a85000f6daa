"""YAML with places: the only home of the YAML library for flows.

Only `true false null ~`, whole numbers and numbers with a point are not text: `on`, `yes`, `12:30`, `0123`,
`1e3` and dates stay text. Duplicate keys, tags and merge keys are refused, so are files over 1 MiB, nesting
over 64 and aliases that blow up. The tree is built from the parser's events without recursion, so that no
input can exhaust the stack.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import yaml

from flows.diagnostics import LINE_BREAK, Diagnostic
from flows.marks import Mark
from flows.slips import slips

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 200_000
_INT = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_UNPRINTABLE = re.compile(
    "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Source:
    """A text with its name; turns indexes into places."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(m.end() for m in LINE_BREAK.finditer(self.text))]

    def mark(self, index: int, length: int = 1) -> Mark:
        """The place of the character at `index`."""
        line = bisect_right(self._starts, index)
        return Mark(self.file, line, index - self._starts[line - 1] + 1, max(1, length))

    def between(self, start: int, end: int) -> Mark:
        """From `start` to `end`, cut at the end of the first line."""
        stop = LINE_BREAK.search(self.text, start, end)
        return self.mark(start, (stop.start() if stop else end) - start)


@dataclass(frozen=True)
class Node:
    """A value with its place. `value` is a scalar, a list of Node, or a list of Pair for a mapping.

    `start` and `end` are its indexes in `source`; `size` and `height` count the nodes in and below it.
    """

    kind: Literal["scalar", "list", "map"]
    value: Any
    mark: Mark
    quoted: bool = False
    start: int = 0
    end: int = 0
    source: Source | None = field(default=None, repr=False, compare=False)
    size: int = 1
    height: int = 1

    @property
    def pairs(self) -> list[Pair]:
        return self.value if self.kind == "map" else []

    @property
    def is_null(self) -> bool:
        return self.kind == "scalar" and self.value is None

    def get(self, key: str) -> Node | None:
        return next((p.node for p in self.pairs if p.key == key), None)

    def plain(self) -> Any:
        """The value without places."""
        if self.kind == "map":
            return {p.key: p.node.plain() for p in self.value}
        if self.kind == "list":
            return [n.plain() for n in self.value]
        return self.value

    def inside(self, offset: int, part: str) -> Mark:
        """The place of `part`, which stands at `offset` of this text value; the node's own if it cannot be
        found in the file (escapes)."""
        if self.source is None or not part:
            return self.mark
        earlier = str(self.value)[:offset].count(part)
        index = self.start
        for _ in range(earlier + 1):
            index = self.source.text.find(part, index, self.end) + 1
            if not index:
                return self.mark
        return self.source.between(index - 1, index - 1 + len(part))


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
    if _INT.fullmatch(text) and len(text) < 300:
        return int(text)
    if _DECIMAL.fullmatch(text) and len(text) < 300:
        return Decimal(text)
    return text


def plain_yaml(text: str) -> Any:
    """A YAML text of our own (catalogue, examples) as plain data. Raises ValueError."""
    node, problems = compose(text, "")
    if problems:
        raise ValueError(f"{problems[0].code} at line {problems[0].mark.line}: {dict(problems[0].details)}")
    return node.plain() if node else None


def compose(text: str, file: str, *, times: int = 1) -> tuple[Node | None, list[Diagnostic]]:
    """The document's tree and everything that is wrong with it as YAML. No tree when it cannot be read. It may
    be so many `times` as large as a flow."""
    source, most = Source(text, file), MAX_BYTES * times
    if len(text) > most or len(text.encode("utf-8", "replace")) > most:
        return None, [Diagnostic("yaml-too-large", source.mark(0), details={"limit": f"{times} MiB"})]
    odd = _UNPRINTABLE.search(text)
    if odd:
        details = {"character": f"U+{ord(odd.group()):04X}"}
        return None, [Diagnostic("yaml-character", source.mark(odd.start()), details=details)]
    builder = _Builder(source, MAX_NODES * times)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
            if builder.fatal:
                return None, builder.problems
    except yaml.YAMLError as error:
        return None, [*builder.problems, *_syntax(error, source)]
    return builder.root, [*builder.problems, *(_lost_text(builder.root, source) if builder.root else ())]


def _syntax(error: yaml.YAMLError, source: Source) -> Iterator[Diagnostic]:
    """The well-known slips of the whole text, and the library's own complaint when none explains it."""
    place = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
    mark = source.mark(min(place.index, len(source.text))) if place else source.mark(0)
    found = [
        Diagnostic(slip.code, source.mark(slip.index, slip.length), details={"line": slip.line})
        for slip in slips(source.text)
    ]
    yield from found
    if any(mark.line - 1 <= d.mark.line <= mark.line for d in found) and mark.line > 1:
        return
    if any(d.mark.line == mark.line for d in found):
        return
    yield _complaint(error, mark, reason, source)


_COMPLAINTS = (
    ("mapping values are not allowed", "yaml-colon", False),
    ("could not find expected ':'", "yaml-colon", False),
    ("did not find expected ',' or", "yaml-unclosed", True),
    ("found unexpected end of stream", "yaml-quote-open", True),
    ("did not find expected '-' indicator", "yaml-indentation", False),
    ("did not find expected key", "yaml-indentation", False),
)


def _complaint(error: yaml.YAMLError, mark: Mark, reason: str, source: Source) -> Diagnostic:
    """The library's complaint in our words, at the place where the author can mend it."""
    code, opened = next(((c, o) for words, c, o in _COMPLAINTS if words in reason), ("yaml-syntax", False))
    context = getattr(error, "context_mark", None)
    if opened and context is not None:
        mark = source.mark(context.index)
    line = LINE_BREAK.split(source.text)[mark.line - 1].strip()
    return Diagnostic(code, mark, details={"reason": reason, "line": line})


@dataclass
class _Open:
    """A list or mapping whose end has not come yet."""

    event: Any
    children: list[Any] = field(default_factory=list)
    key: tuple[str, Mark] | None = None
    skip: bool = False
    seen: dict[str, Mark] = field(default_factory=dict)
    size: int = 1
    height: int = 0


class _Builder:
    """Turns events into nodes. `fatal` when the rest should not be read."""

    def __init__(self, source: Source, most: int) -> None:
        self.source, self._most = source, most
        self.problems: list[Diagnostic] = []
        self.root: Node | None = None
        self.fatal = False
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _complain(self, code: str, mark: Mark, severity: Any = "error", **details: Any) -> None:
        self.problems.append(Diagnostic(code, mark, severity, details))

    def _mark(self, event: Any) -> Mark:
        return self.source.between(event.start_mark.index, max(event.start_mark.index, event.end_mark.index))

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._complain("yaml-many-documents", self.source.mark(event.start_mark.index, 3))
            self.fatal = True

    def _tagged(self, event: Any) -> None:
        if event.tag is not None:
            self._complain("yaml-tag", self._mark(event), tag=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def _scalar(self, event: Any) -> None:
        quoted = event.style in ("'", '"', "|", ">")
        start, end = event.start_mark.index, event.end_mark.index
        if event.tag is not None or event.anchor is not None:
            self._tagged(event)
        value = scalar(event.value, quoted=quoted)
        node = Node("scalar", value, self._mark(event), quoted, start, end, self.source)
        self._value(node, event, key=event.value, merge=event.value == "<<" and not quoted)

    def _begin(self, event: Any) -> None:
        self._tagged(event)
        if len(self._open) >= MAX_DEPTH:
            self._complain("yaml-too-deep", self.source.mark(event.start_mark.index), limit=MAX_DEPTH)
            self.fatal = True
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open(event))

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        start, end = done.event.start_mark.index, event.end_mark.index
        kind: Any = "list" if isinstance(event, yaml.SequenceEndEvent) else "map"
        node = Node(
            kind, done.children, self.source.between(start, max(start, end)), False, start, end, self.source,
            done.size, done.height + 1,
        )  # fmt: skip
        self._value(node, done.event, key=None)

    def _alias(self, event: Any) -> None:
        found = self._anchors.get(event.anchor)
        if found is None:
            self._complain("yaml-alias", self._mark(event), name=event.anchor)
            found = Node("scalar", None, self._mark(event))
        if len(self._open) + found.height > MAX_DEPTH + 1 or self._nodes + found.size > self._most:
            self._complain("yaml-alias-bomb", self._mark(event), name=event.anchor)
            self.fatal = True
            return
        self._value(found, event, key=None, alias=True)

    def _value(
        self, node: Node, event: Any, *, key: str | None, merge: bool = False, alias: bool = False
    ) -> None:
        if not alias and event.anchor is not None:
            self._anchors[event.anchor] = node
        self._nodes += node.size if alias else 1
        if self._nodes > self._most:
            self._complain("yaml-alias-bomb", node.mark, name="")
            self.fatal = True
        if not self._open:
            self.root = node
            return
        place = self._open[-1]
        place.size += node.size
        place.height = max(place.height, node.height)
        if isinstance(place.event, yaml.SequenceStartEvent):
            place.children.append(node)
        elif place.key is None and not place.skip:
            self._key(place, node, key, merge)
        else:
            self._entry(place, node)

    def _key(self, place: _Open, node: Node, key: str | None, merge: bool) -> None:
        place.skip = True
        if key is None:
            code = "yaml-unquoted-expression" if self._looks_like_expression(node) else "yaml-key"
            self._complain(code, node.mark, line="")
        elif merge:
            self._complain("yaml-merge", node.mark)
        elif key in place.seen:
            self._complain("yaml-duplicate-key", node.mark, key=key, first=place.seen[key].line)
        else:
            place.seen[key] = node.mark
            place.key, place.skip = (key, node.mark), False
            self._swallowed(place, node, key)

    def _looks_like_expression(self, node: Node) -> bool:
        before = self.source.text[max(0, node.start - 1) : node.start]  # `${…}`, or `{{…}}` of other tools
        return before in ("$", "{")

    def _swallowed(self, place: _Open, node: Node, key: str) -> None:
        """`{text: Hello, world}`: the comma made `world` a key."""
        rest = self.source.text[node.end : node.end + 50].lstrip()
        if place.event.flow_style and not node.quoted and not rest.startswith(":"):
            self._complain("yaml-comma-key", node.mark, key=key)

    def _entry(self, place: _Open, node: Node) -> None:
        if place.key is not None:
            place.children.append(Pair(place.key[0], place.key[1], node))
        place.key, place.skip = None, False


def _lost_text(root: Node, source: Source) -> Iterator[Diagnostic]:
    """A `#` after a space cuts the rest of an unquoted text: `Invoice #4711` becomes `Invoice`."""
    for node in _scalars(root):
        if node.quoted or not (node.value is None or isinstance(node.value, str)):
            continue
        cut = re.compile(r"[ \t]+(#\S[^\n\r]*)").match(source.text, node.end)
        if cut is None or "\n" in source.text[node.start : node.end]:
            continue
        torn = isinstance(node.value, str) and node.value.count("${") > node.value.count("}")
        if torn or re.match(r"#[0-9A-Fa-f]", cut.group(1)):
            mark = source.mark(cut.start(1), len(cut.group(1).rstrip()))
            yield Diagnostic("yaml-hash", mark, "error" if torn else "warning", {"text": node.value or ""})


def _scalars(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind == "scalar":
            yield node
        else:
            stack += [p.node for p in node.value] if node.kind == "map" else node.value

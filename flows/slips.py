"""Slips that people make in YAML, recognised line by line once the parser has given up: each has its own
cure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

SlipCode: TypeAlias = Literal[
    "yaml-tab", "yaml-unquoted-expression", "yaml-colon-in-expression", "yaml-quotes-in-quotes", "yaml-hash"
]
_BLOCK = re.compile(r"^(\s*)(?:- )?(?:[^#]*?:\s+|- )?[|>][+-]?\d?\s*(?:#.*)?$")


@dataclass(frozen=True)
class Slip:
    code: SlipCode
    index: int
    length: int
    line: str


def slips(text: str) -> Iterator[Slip]:
    """Every well-known slip, with its index in the text."""
    start = 0
    block_indent: int | None = None
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        indent = len(body) - len(body.lstrip())
        if block_indent is not None and (not body.strip() or indent > block_indent):
            start += len(line)
            continue
        block_indent = indent if _BLOCK.match(body) else None
        for code, offset, length in _line(body):
            yield Slip(code, start + offset, length, body.strip())
        start += len(line)


def _line(line: str) -> Iterator[tuple[SlipCode, int, int]]:
    tab = re.match(r" *\t[ \t]*(?=\S)", line)
    if tab:
        yield "yaml-tab", line.index("\t"), 1
    scan = _Scan(line)
    while scan.place < len(line):
        yield from scan.step()


class _Scan:
    """Walks over one line: quotes open only where a value begins, brackets nest only there too."""

    def __init__(self, line: str) -> None:
        self.line, self.place, self.depth = line, 0, 0
        self.fresh = True  # a value may begin here

    def step(self) -> Iterator[tuple[SlipCode, int, int]]:
        line, at = self.line, self.place
        char = line[at]
        if char == "#" and (at == 0 or line[at - 1].isspace()):
            if self.depth and re.search(r"[\]}]", line[at:]):
                yield "yaml-hash", at, len(line) - at
            self.place = len(line)
        elif line.startswith("${", at):
            yield from self._expression()
        elif char in "'\"" and self.fresh:
            yield from self._quoted(char)
        elif char in "[{" and (self.fresh or self.depth):
            self.depth, self.place, self.fresh = self.depth + 1, at + 1, True
        else:
            self._plain(char)

    def _plain(self, char: str) -> None:
        if char in "]}" and self.depth:
            self.depth -= 1
        at = self.place
        after = self.line[at + 1 : at + 2]
        begins = (char == ":" and after in ("", " ")) or (char == "-" and after == " " and self.fresh)
        if begins or (char == "," and self.depth):
            self.fresh = True
        elif not char.isspace():
            self.fresh = False
        self.place += 1

    def _expression(self) -> Iterator[tuple[SlipCode, int, int]]:
        at = self.place
        end = self.line.find("}", at)
        end = len(self.line) if end < 0 else end + 1
        if self.depth:
            yield "yaml-unquoted-expression", at, end - at
        elif re.search(r":(\s|$)", self.line[at:end]):
            yield "yaml-colon-in-expression", at, end - at
        self.place, self.fresh = end, False

    def _quoted(self, quote: str) -> Iterator[tuple[SlipCode, int, int]]:
        at = self.place
        end = self._closing(quote, at + 1)
        if end is None:
            self.place = len(self.line)
            return
        rest = self.line[end + 1 : end + 2]
        if rest and rest not in " \t,]}:":
            yield "yaml-quotes-in-quotes", end, 1
            self.place = len(self.line)
            return
        self.place, self.fresh = end + 1, False

    def _closing(self, quote: str, at: int) -> int | None:
        while at < len(self.line):
            if quote == '"' and self.line[at] == "\\":
                at += 2
                continue
            if self.line[at] == quote:
                if quote == "'" and self.line[at + 1 : at + 2] == "'":
                    at += 2
                    continue
                return at
            at += 1
        return None

"""A flow as its author wrote it, frozen. The loader makes it; the checker and the engine read it.

Every node keeps its `mark`, so that any later complaint can name file, line and column. Parameter trees hold
plain data in which texts with `${…}` have become `Template` objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

from flows.marks import NOWHERE, Mark

OnError: TypeAlias = Literal["stop", "next_item", "continue"]
OnChange: TypeAlias = Literal["ignore", "business", "again"]


@dataclass(frozen=True, repr=False)
class Template:
    """A text with `${…}` in it. `parts` alternate literal text and parsed expressions.

    `whole` is true when the text is exactly one expression: its value then keeps its type.
    `expressions` are opaque here; `flows.expressions` makes and evaluates them.
    """

    source: str
    parts: tuple[Any, ...]
    whole: bool
    mark: Mark = NOWHERE

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return repr(self.source)


@dataclass(frozen=True)
class Input:
    """A typed input. `type` is a name of the type catalogue (`text`, `money`, `folder`, …)."""

    name: str
    type: str
    title: str = ""
    description: str = ""
    default: Any = None
    required: bool = True
    choices: tuple[Any, ...] = ()
    of: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class Retry:
    """`tries` in total, `wait` before the second, multiplied by `backoff` before each further one."""

    tries: int = 1
    wait: timedelta = timedelta(seconds=1)
    backoff: float = 1.0


@dataclass(frozen=True)
class Ending:
    """One ending of a write block. The first one seen decides.

    `outcome` is `done`, `business` or `application`; `condition` a target tree or a whole expression.
    """

    outcome: Literal["done", "business", "application"]
    condition: Any
    code: str = ""
    message: Any = None
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class Writes:
    """What a write block changes outside: `what` + `key` are unique per profile across all flows and
    items."""

    what: str
    key: Any
    done_if: tuple[Step, ...] = ()
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class Catch:
    """One `catch` branch: by failure kinds and/or codes (both empty: any)."""

    kinds: tuple[str, ...]
    codes: tuple[str, ...]
    do: tuple[Step, ...]
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class Step:
    """One step. `segment` is its part of the step path: `id`, else `n:family.verb` (n counts from 1).

    `kind` tells which of the control fields are used:
      action    `action`, `params`
      group     `do` (with `writes`: a write block; then `expect`)
      if        `test`, `then`, `otherwise`
      for_each  `each`, `as_name`, `key`, `do`
      repeat    `at_most`, `test` (until), `do`
      while     `at_most`, `test`, `do`
      try       `do`, `catches`, `finally_`
      call      `flow_ref`, `params`
      parallel  `branches`
      stop      `stop_with` (`succeed` | `business`), `code`, `message`
    """

    kind: Literal["action", "group", "if", "for_each", "repeat", "while", "try", "call", "parallel", "stop"]
    segment: str
    mark: Mark
    id: str | None = None
    name: str | None = None
    when: Any = None
    retry: Retry | None = None
    timeout: timedelta | None = None
    on_error: OnError = "stop"
    repeatable: bool = False
    commits: bool = False
    writes: Writes | None = None
    expect: tuple[Ending, ...] = ()
    outputs: Mapping[str, Any] | None = None

    action: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)

    do: tuple[Step, ...] = ()
    test: Any = None
    then: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()
    each: Any = None
    as_name: str = "it"
    key: Any = None
    at_most: int = 0
    catches: tuple[Catch, ...] = ()
    finally_: tuple[Step, ...] = ()
    flow_ref: str = ""
    branches: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    stop_with: Literal["succeed", "business"] = "succeed"
    code: str = ""
    message: Any = None

    def children(self) -> Iterator[Step]:
        """Direct sub-steps in written order, `done_if` first."""
        if self.writes:
            yield from self.writes.done_if
        yield from self.do
        yield from self.then
        yield from self.otherwise
        for catch in self.catches:
            yield from catch.do
        yield from self.finally_
        for _, steps in self.branches:
            yield from steps

    def walk(self) -> Iterator[Step]:
        """This step and everything below it."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True)
class Session:
    """How a known state is reached (`steps`) and proven (`ready`: a target tree or whole expression)."""

    steps: tuple[Step, ...] = ()
    ready: Any = None
    reuse: bool = False
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class Items:
    """Where business transactions come from: one of `files rows mails query list flow` in `source`."""

    source: Literal["files", "rows", "mails", "query", "list", "flow"]
    params: Mapping[str, Any]
    key: Any
    attempts: int = 1
    stop_after: int = 0
    on_change: OnChange = "business"
    order: str = "found"
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class Flow:
    """One flow file. `revision` is the SHA-256 of its text and of the flows it calls; `marks` are places of
    the top levels (`secrets.0`, `outputs.posted`)."""

    id: str
    title: str = ""
    description: str = ""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    items: Items | None = None
    session: Session | None = None
    steps: tuple[Step, ...] = ()
    on_failure: tuple[Step, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    path: Path | None = None
    text: str = ""
    revision: str = ""
    calls: Mapping[str, Flow] = field(default_factory=dict)
    mark: Mark = NOWHERE
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def walk(self) -> Iterator[Step]:
        """Every step of this flow (called flows not included)."""
        for step in (*(self.session.steps if self.session else ()), *self.steps, *self.on_failure):
            yield from step.walk()

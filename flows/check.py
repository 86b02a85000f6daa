"""What a flow means, checked before it runs: actions, parameters, names and types, order, blocks, files,
secrets.

Loss-making habits are `flows.lint`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.action import Catalog
from flows.check_steps import StepChecker
from flows.data import Secret
from flows.diagnostics import Diagnostic
from flows.lint import lint
from flows.marks import Mark
from flows.model import Flow, Input
from flows.types import static_type

ITEM_TYPES: Mapping[str, Any] = {
    "files": {
        "path": str, "source": str, "name": str, "stem": str, "suffix": str, "size": int, "sha256": str,
        "key": str, "status": str,
    },
}  # fmt: skip
RUN: Mapping[str, Any] = {
    "id": str, "now": datetime, "due": datetime, "profile": str, "replay_of": str, "trigger": str,
    "schedule": str,
}  # fmt: skip
GROUPS = (
    "all", "succeeded", "failed", "waiting", "new", "running", "failed_business", "failed_application",
    "failed_flow", "in_doubt", "cancelled",
)  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """Where a flow will run, as far as it is known: the project's folder, and which secrets are set."""

    project: Path | None = None
    has_secret: Callable[[str], bool] | None = None


def check(flow: Flow, catalog: Catalog, around: Surroundings | Path | None = None) -> list[Diagnostic]:
    """Every problem of meaning in `flow`; of the flows that it calls, their errors."""
    where = around if isinstance(around, Surroundings) else Surroundings(around)
    checker = _FlowChecker(flow, catalog, where)
    checker.run()
    found = [*checker.problems, *lint(flow, catalog)]
    for called in flow.calls.values():
        found += [d for d in check(called, catalog, where) if d.severity == "error"]
    return found


class _FlowChecker(StepChecker):
    """The top level; steps are StepChecker's."""

    def __init__(self, flow: Flow, catalog: Catalog, around: Surroundings) -> None:
        super().__init__(flow, catalog)
        self.around = around

    def run(self) -> None:
        flow = self.flow
        base = self._base()
        if flow.items:
            self._items(base)
        if flow.session:
            inner = self.inner(base)
            self.steps(flow.session.steps, inner)
            if flow.session.ready is not None:
                self.condition(flow.session.ready, inner, flow.session.mark)
        scope = self.inner(base, item=self._item_type()) if flow.items else self.inner(base)
        self.steps(flow.steps, scope)
        self.steps(flow.on_failure, self.inner(base, failure=self.failure_type, item=Any))
        last = scope if flow.items is None else base
        self.later = {} if flow.items is None else self.later
        for name, tree in flow.outputs.items():
            self.type_of(tree, last, flow.marks.get(f"outputs.{name}", flow.mark))
        self._unused()
        self._surroundings()

    def _base(self) -> dict[str, Any]:
        flow = self.flow
        return {
            "inputs": {name: _static(one) for name, one in flow.inputs.items()},
            "secrets": dict.fromkeys(flow.secrets, Secret),
            "run": RUN,
            "flow": {"id": str, "title": str, "revision": str},
            "items": dict.fromkeys(GROUPS, list[Any]),
        }

    def _item_type(self) -> Any:
        return ITEM_TYPES.get(self.flow.items.source, Any) if self.flow.items else Any

    def _items(self, base: dict[str, Any]) -> None:
        items = self.flow.items
        assert items is not None
        for tree in items.params.values():
            self.type_of(tree, base, items.mark)
        if items.key is not None:
            self.type_of(items.key, self.inner(base, item=self._item_type()), items.mark)

    # ── what is left over, what is not there ──
    def _unused(self) -> None:
        for name in self.flow.secrets:
            if name not in self.used_secrets:
                self.complain("secret-unused", self._secret_mark(name), severity="warning", name=name)
        for name, declared in self.flow.inputs.items():
            if name not in self.used_inputs:
                self.complain("input-unused", declared.mark, severity="warning", name=name)

    def _secret_mark(self, name: str) -> Mark:
        return self.flow.marks.get(f"secrets.{self.flow.secrets.index(name)}", self.flow.mark)

    def _surroundings(self) -> None:
        around = self.around
        for name in self.flow.secrets:
            if around.has_secret is not None and not around.has_secret(name):
                self.complain("secret-not-set", self._secret_mark(name), severity="warning", name=name)
        if around.project is None:
            return
        for declared in self.flow.inputs.values():
            if declared.type in ("file", "folder") and declared.default:
                self._exists(declared, around.project / str(declared.default))

        self._source_exists(around.project)

    def _source_exists(self, project: Path) -> None:
        """The table, or the folder of the files, that `items` names without an expression."""
        items = self.flow.items
        if items is None:
            return
        given = items.params.get(items.source)
        rows = given.get("file") if isinstance(given, Mapping) else given
        if items.source == "rows" and isinstance(rows, str) and not (project / rows).is_file():
            self.complain("path-not-there", items.mark, severity="warning", name="items", path=rows)
        if items.source == "files" and isinstance(given, str):
            folder = re.split(r"[*?{\[]", given, maxsplit=1)[0].rpartition("/")[0]
            if not (project / folder).is_dir():
                self.complain("path-not-there", items.mark, severity="warning", name="items", path=folder)

    def _exists(self, declared: Input, path: Path) -> None:
        there = path.is_dir() if declared.type == "folder" else path.is_file()
        if not there:
            self.complain(
                "path-not-there",
                declared.mark,
                severity="warning",
                name=declared.name,
                path=str(declared.default),
            )


def _static(declared: Input) -> Any:
    return Secret if declared.type == "secret" else static_type(declared)


def secret_names(flow: Flow) -> Iterator[str]:
    """All secrets that a flow and the flows it calls declare."""
    yield from flow.secrets
    for called in flow.calls.values():
        yield from secret_names(called)

"""Proposals for targets that moved: what a run recognised, as changes to the text of its flow."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows.document import Node, compose
from flows.failures import FlowFailure
from rpa.app.project import Project

CODES = ("target-moved", "target-healed")
_SEGMENT = re.compile(r"(?:(\d+):)?([\w.]+)(?:\[.*\])?$")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One target that was lost and recognised. `score` is per cent alike; `acted`: the step read there.

    `start` and `end` say where `patch` goes in the file's text; both 0 when no single place fits (a target
    made by an expression, a step written twice): then a person has to write it.
    """

    step: str
    file: Path
    target: str
    found: str
    patch: str
    score: int
    acted: bool
    start: int = 0
    end: int = 0


def proposals(project: Project, run_id: str) -> list[Proposal]:
    """Each moved target of a run once. Raises FlowFailure `patch-nothing`."""
    record = project.ledger.run(run_id)
    bundle = project.ledger.revision(record.revision)
    files = [project.flow_path(ref) for ref in bundle]
    events = [e for e in project.ledger.events(record.id) if e.code in CODES]
    if not events:
        raise FlowFailure("patch-nothing", details={"run": run_id})
    found: dict[tuple[str, str], Proposal] = {}
    for event in events:
        found.setdefault((event.step_path, str(event.details["target"])), _proposal(event, files))
    return list(found.values())


def _proposal(event: Any, files: list[Path]) -> Proposal:
    told = event.details
    places = [(file, node) for file in files for node in _places(file, event.step_path, str(told["target"]))]
    file, start, end = files[0], 0, 0
    if len(places) == 1:
        file, node = places[0]
        start, end = node.start, node.start + len(_text(node).rstrip())
    new = _flow_style(json.loads(str(told["patch"])))
    return Proposal(
        event.step_path, file, str(told["target"]), str(told["found"]), new, int(told["score"]),
        event.code == "target-healed", start, end,
    )


def _text(node: Node) -> str:
    return node.source.text[node.start : node.end] if node.source else ""


def _flow_style(value: Any) -> str:
    """A target on one line of YAML: keys bare, texts quoted."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_flow_style(v)}" for k, v in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _places(file: Path, path: str, target: str) -> Iterator[Node]:
    """Where the flow says this target in a step that stands at the end of `path`."""
    root, _ = compose(file.read_text("utf-8"), str(file))
    leaf = _SEGMENT.search(path.rsplit("/", 1)[-1])
    if root is None or leaf is None:
        return
    for place, step in _steps(root):
        said = step.get("id")
        fits = said.value == leaf[2] if said else (not leaf[1] or place == int(leaf[1])) and step.get(leaf[2])
        if fits:
            yield from (node for node in _targets(step) if _says(node, target))


def _steps(node: Node) -> Iterator[tuple[int, Node]]:
    """(place in its list, mapping) of everything in the document that may be a step."""
    if node.kind == "list":
        yield from ((n, child) for n, child in enumerate(node.value, 1) if child.kind == "map")
    for child in node.value if node.kind == "list" else (p.node for p in node.pairs):
        yield from _steps(child)


def _targets(step: Node) -> Iterator[Node]:
    """The nodes of a step that may be its target: the value of its action, or a parameter of it."""
    for pair in step.pairs:
        if pair.key.startswith("browser."):
            yield pair.node
            yield from (p.node for p in pair.node.pairs)


def _says(node: Node, target: str) -> bool:
    from bots.browser.target import Target

    try:
        return str(Target.model_validate(node.plain())) == target
    except ValidationError:
        return False


def healed(found: list[Proposal]) -> dict[Path, tuple[str, str]]:
    """{file: (text as it is, text with every placed proposal)}."""
    out: dict[Path, tuple[str, str]] = {}
    for file in dict.fromkeys(p.file for p in found if p.end):
        old = new = file.read_text("utf-8")
        changes = {(p.start, p.end, p.patch) for p in found if p.end and p.file == file}
        for start, end, patch in sorted(changes, reverse=True):
            new = new[:start] + patch + new[end:]
        out[file] = old, new
    return out


def diff(texts: Mapping[Path, tuple[str, str]]) -> str:
    """A unified diff of what would change."""
    lines: list[str] = []
    for file, (old, new) in texts.items():
        lines += difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{file.name}", f"b/{file.name}"
        )
    return "".join(lines)


def apply(project: Project, texts: Mapping[Path, tuple[str, str]]) -> None:
    """Writes the changes. A flow that would not be free of errors keeps its text; raises what loading it
    raises."""
    for file, (old, new) in texts.items():
        file.write_text(new, "utf-8")
        try:
            project.flow(str(file))
        except FlowFailure:
            file.write_text(old, "utf-8")
            raise

"""From a file to a frozen Flow, with every problem of shape found at once.

Meaning (names, types, order, what loses money) is `flows.check`'s; `load` does both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from flows.action import Catalog
from flows.check import Surroundings, check
from flows.diagnostics import Diagnostic, with_lines
from flows.document import MAX_BYTES, compose
from flows.failures import FlowFailure
from flows.load_flow import FlowReader
from flows.marks import Mark
from flows.model import Flow

MAX_CALL_DEPTH = 20


@dataclass(frozen=True)
class Loaded:
    """What became of a file. `flow` is None when nothing usable could be made of it."""

    flow: Flow | None
    diagnostics: list[Diagnostic]


class Found(NamedTuple):
    """A called flow's text: `name` is how messages call its file."""

    name: str
    text: str
    path: Path | None


Find: TypeAlias = Callable[[str, Path | None], Found | None]


@dataclass(frozen=True)
class _Reading:
    """What one `load` needs on its way through called flows. `sources` grows: file name → text."""

    catalog: Catalog
    find: Find
    sources: dict[str, str]
    chain: tuple[str, ...] = ()


def load(
    path_or_text: Path | str,
    *,
    catalog: Catalog,
    library: Path | None = None,
    project: Path | None = None,
    resolve_call: Callable[[str], str | None] | None = None,
    file: str | None = None,
    has_secret: Callable[[str], bool] | None = None,
) -> Loaded:
    """Loads and checks a flow file (a Path) or a text.

    Called flows come from `resolve_call` (reference → text), else from beside the file, the project's
    `flows/` or the library. With `project`, files and folders that inputs name by default are looked for;
    with
    `has_secret`, secrets that are not set are warned of.
    """
    path = path_or_text if isinstance(path_or_text, Path) else None
    name = file or (_shown(path, project) if path else "flow.yaml")
    if isinstance(path_or_text, Path):
        text, problem = _read(path_or_text, name)
        if problem:
            return Loaded(None, [problem])
    else:
        text = path_or_text
    reading = _Reading(catalog, _finder(library, project, resolve_call), {})
    flow, problems = _flow(Found(name, text, path), reading)
    if flow is not None:
        problems += check(flow, catalog, Surroundings(project, has_secret))
    return Loaded(flow, with_lines(problems, reading.sources))


def load_bundle(texts: Mapping[str, str], *, catalog: Catalog) -> Flow:
    """A flow from the ledger's revision: {reference: text}, the flow itself first. It was checked when it was
    queued; a text that no longer loads (an action was removed) is a flow failure."""
    first, text = next(iter(texts.items()))

    def find(ref: str, _: Path | None) -> Found | None:
        return Found(ref, texts[ref], None) if ref in texts else None

    flow, problems = _flow(Found(f"{first}.yaml", text, None), _Reading(catalog, find, {}))
    errors = [p for p in problems if p.severity == "error"]
    if flow is None or errors:
        raise FlowFailure(
            "revision-invalid", details={"flow": first, "reason": errors[0].code if errors else ""}
        )
    return flow


# ── files ──
def _shown(path: Path, project: Path | None) -> str:
    if project and path.is_absolute() and path.is_relative_to(project):
        return str(path.relative_to(project))
    return str(path)


def _read(path: Path, name: str) -> tuple[str, Diagnostic | None]:
    mark = Mark(name, 1, 1)
    try:
        if path.stat().st_size > MAX_BYTES:
            return "", Diagnostic("yaml-too-large", mark, details={"limit": "1 MiB"})
        return path.read_bytes().decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        return "", Diagnostic("yaml-encoding", mark, details={"byte": error.start})
    except OSError as error:
        return "", Diagnostic("flow-unreadable", mark, details={"reason": error.strerror or str(error)})


def _finder(library: Path | None, project: Path | None, resolve: Callable[[str], str | None] | None) -> Find:
    def find(ref: str, beside: Path | None) -> Found | None:
        if resolve is not None:
            text = resolve(ref)
            return None if text is None else Found(ref, text, None)
        for candidate in _candidates(ref, beside, library, project):
            if candidate.is_file():
                text, problem = _read(candidate, str(candidate))
                return None if problem else Found(_called_name(candidate, library, project), text, candidate)
        return None

    return find


def _called_name(path: Path, library: Path | None, project: Path | None) -> str:
    if library and path.is_relative_to(library):
        return f"{library.name}/{path.relative_to(library)}"
    return _shown(path, project)


def _candidates(ref: str, beside: Path | None, library: Path | None, project: Path | None) -> list[Path]:
    own = beside.parent if beside else None
    if "/" in ref or ref.endswith((".yaml", ".yml")):
        return [root / ref for root in (project, own) if root]
    folders = (own, project / "flows" if project else None, library)
    return [folder / f"{ref}.yaml" for folder in folders if folder]


# ── flows ──
def _flow(found: Found, reading: _Reading) -> tuple[Flow | None, list[Diagnostic]]:
    reading.sources[found.name] = found.text
    node, problems = compose(found.text, found.name)
    if node is None or node.is_null:
        return None, problems or [Diagnostic("flow-empty", Mark(found.name, 1, 1))]
    reader = FlowReader(reading.catalog)
    flow = reader.flow(node, found.text, found.path)
    problems = [*problems, *reader.problems]
    if flow is None:
        return None, problems
    calls, more = _calls(flow, found, reading)
    flow = replace(flow, calls=calls)
    return replace(flow, revision=_revision(flow)), [*problems, *more]


def _calls(flow: Flow, found: Found, reading: _Reading) -> tuple[dict[str, Flow], list[Diagnostic]]:
    calls: dict[str, Flow] = {}
    problems: list[Diagnostic] = []
    inner = replace(reading, chain=(*reading.chain, found.name))
    for step in flow.walk():
        if step.kind != "call" or not step.flow_ref or step.flow_ref in calls:
            continue
        called, more = _called(step.flow_ref, step.mark, found, inner)
        problems += more
        if called is not None:
            calls[step.flow_ref] = called
    return calls, problems


def _called(ref: str, mark: Mark, caller: Found, reading: _Reading) -> tuple[Flow | None, list[Diagnostic]]:
    target = reading.find(ref, caller.path)
    if target is None:
        return None, [Diagnostic("call-missing", mark, details={"flow": ref})]
    if target.name in reading.chain or len(reading.chain) > MAX_CALL_DEPTH:
        chain = " → ".join((*reading.chain, target.name))
        return None, [Diagnostic("call-cycle", mark, details={"flow": ref, "chain": chain})]
    return _flow(target, reading)


def _revision(flow: Flow) -> str:
    """SHA-256 of the text, of the flows it calls and of theirs."""
    digest = hashlib.sha256(flow.text.encode("utf-8", "surrogatepass"))
    for ref, called in sorted(flow.calls.items()):
        digest.update(f"\0{ref}\0{called.revision}".encode())
    return digest.hexdigest()


__all__: list[Any] = ["Found", "Loaded", "load", "load_bundle"]

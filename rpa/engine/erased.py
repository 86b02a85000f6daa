"""What retention took away: a step that needs it cannot be stood in for, and must not be guessed at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from flows.expressions import names
from flows.model import Flow, Step
from rpa.ledger.types import Verdict, WriteRecord

DONE = (Verdict.committed, Verdict.settled_done)


def missing_outputs(flow: Flow, block: Step, known: WriteRecord) -> list[str]:
    """Names that the rest of the flow takes from a write block whose recorded outputs were erased. A write that
    is done always has a result, if only an empty one; none at all means that it was erased."""
    if known.verdict not in DONE or known.result is not None:
        return []
    inside = list(block.walk())
    outside = [s for s in flow.walk() if all(s is not own for own in inside)]
    said = [flow.outputs, *(tree for step in outside for tree in _said(step))]
    used = {name.parts[0] for tree in said for name in names(tree)}
    return sorted({s.id for s in inside if s.id} & used)


def _said(step: Step) -> Iterator[Any]:
    """Everything in a step in which an expression may stand; the steps below it are walked by themselves."""
    yield from (getattr(step, f.name) for f in fields(step))
    yield from ([e.condition, e.message] for e in step.expect)
    if step.writes is not None:
        yield step.writes.key
        for probe in step.writes.done_if:
            for inner in probe.walk():
                yield from _said(inner)

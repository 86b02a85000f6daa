"""What a replay would do, step by step: reuse, redo, skip, settle, ask, refuse. Nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from flows.action import Catalog
from flows.catalogue import phrase
from flows.model import Flow, Step
from rpa.engine.erased import DONE, missing_outputs
from rpa.engine.prior import Prior
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ItemRecord, Verdict, WriteRecord
from rpa.replay.select import Selected

Doing = Literal["reuse", "redo", "run", "skip", "settle", "ask", "refuse"]


@dataclass(frozen=True)
class Planned:
    """One step of one item: what would be done with it, and why."""

    item: str
    step_path: str
    action: str
    doing: Doing
    why: str
    details: Mapping[str, str] = field(default_factory=dict)

    def told(self, lang: str = "en") -> str:
        """Why, in words."""
        return phrase(self.why, lang, **self.details) if self.why else ""


def plan_replay(
    ledger: LedgerPort,
    catalog: Catalog,
    flow: Flow,
    selected: Selected,
    *,
    fresh: bool = False,
    latest: bool = False,
    from_step: str | None = None,
) -> list[Planned]:
    return [
        planned
        for item in selected.items
        for planned in _Plan(ledger, catalog, flow, selected, item, fresh, latest, from_step).steps()
    ]


class _Plan:
    def __init__(
        self,
        ledger: LedgerPort,
        catalog: Catalog,
        flow: Flow,
        selected: Selected,
        item: ItemRecord,
        fresh: bool,
        latest: bool,
        from_step: str | None,
    ) -> None:
        attempts = [] if fresh else ledger.attempts(selected.run.id, item_id=item.id, masked=False)
        self.prior = Prior.of(attempts, same_params=latest, from_step=from_step)
        self.catalog, self.flow, self.item, self.from_step = catalog, flow, item, from_step
        self.writes = {w.step_path: w for w in ledger.writes(item_id=item.id)}
        self._after_from = False

    def steps(self) -> Iterator[Planned]:
        if self.item.erased:
            yield Planned(self.item.key, "", "item", "refuse", "its data were erased")
            return
        for step in self.flow.steps:
            yield from self._step(step, step.segment)

    def _step(self, step: Step, path: str) -> Iterator[Planned]:
        self._after_from = self._after_from or (self.from_step is not None and self.from_step in (path, step.id))
        if step.writes:
            yield self._write(step, path)
        elif step.kind == "action":
            yield self._action(step, path)
        else:
            yield from self._below(step, path)

    def _below(self, step: Step, path: str) -> Iterator[Planned]:
        """Loops are shown by the passes that ran; what never ran is shown once."""
        groups = {
            "if": (("then", step.then), ("else", step.otherwise)),
            "try": (("try", step.do), ("finally", step.finally_)),
        }
        for name, steps in groups.get(step.kind, ()):
            for child in steps:
                yield from self._step(child, f"{path}/{name}/{child.segment}")
        if step.kind in ("for_each", "repeat", "while"):
            for one in self._passes(path):
                for child in step.do:
                    yield from self._step(child, f"{one}/{child.segment}")
        elif step.kind == "group":
            for child in step.do:
                yield from self._step(child, f"{path}/{child.segment}")
        elif step.kind in ("call", "parallel", "stop"):
            yield Planned(self.item.key, path, step.kind, "run", "")

    def _passes(self, path: str) -> list[str]:
        ran = {
            p[: p.index("]", len(path)) + 1] for p in (*self.prior.by_path, *self.writes) if p.startswith(f"{path}[")
        }
        return sorted(ran) or [f"{path}[…]"]

    def _action(self, step: Step, path: str) -> Planned:
        spec = self.catalog.get(step.action)
        if spec is None:
            return Planned(self.item.key, path, step.action, "refuse", "the action is not installed")
        recorded = self.prior.by_path.get(path)
        if recorded and recorded.outputs is not None and spec.acts == "nothing" and not self._after_from:
            return Planned(
                self.item.key, path, step.action, "reuse", "outputs recorded in {run}", {"run": recorded.run_id}
            )
        if recorded is None:
            return Planned(self.item.key, path, step.action, "run", "it has not succeeded yet")
        why = (
            "acts on the screen"
            if spec.acts == "screen"
            else "from here on, as asked"
            if self._after_from
            else "it left nothing to reuse"
        )
        return Planned(self.item.key, path, step.action, "redo", why)

    def _write(self, step: Step, path: str) -> Planned:
        known: WriteRecord | None = self.writes.get(path)
        if known is None:
            return Planned(self.item.key, path, "write", "run", "it was never begun")
        if missing := missing_outputs(self.flow, step, known):
            told = {"names": ", ".join(missing)}
            return Planned(self.item.key, path, "write", "refuse", "its recorded outputs were erased: {names}", told)
        if known.verdict in DONE:
            told = {"what": known.what, "key": known.key, "run": known.run_id}
            return Planned(self.item.key, path, "write", "skip", "{what} {key} was written in {run}", told)
        if known.verdict is Verdict.intended:
            if step.writes and step.writes.done_if:
                return Planned(self.item.key, path, "write", "settle", "begun without a result: done_if asks first")
            return Planned(
                self.item.key, path, "write", "ask", "begun without a result, and no done_if: a person decides"
            )
        return Planned(
            self.item.key, path, "write", "run", "the last one was {verdict}", {"verdict": str(known.verdict)}
        )

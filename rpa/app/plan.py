"""`rpa plan`: what a run would do. Nothing is executed, nothing recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.failures import Failure
from flows.model import Flow, Items, Step
from rpa.app.bots import FACTORIES
from rpa.app.project import Project
from rpa.app.secrets import secret_source
from rpa.engine.services import Services
from rpa.engine.sources import SourceItem, data_hash, item_key, look

SHOWN = 20
COMING = 3


@dataclass(frozen=True)
class Expected:
    """One item as a run would meet it. `state` is new, again, known or repeated; `reason` says why."""

    key: str
    name: str
    state: str
    reason: str


def plan_flow(project: Project, flow: Flow, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs, secrets present, items found and why each is known, writes, the most step attempts, coming times.
    Raises Failure for wrong inputs and for a source that cannot be read."""
    inputs = project.inputs(flow, given, project.settings.profile)
    steps = [*(flow.session.steps if flow.session else ()), *flow.steps]
    return {
        "flow": flow.id, "title": flow.title, "revision": flow.revision, "profile": project.settings.profile,
        "inputs": inputs,
        "secrets": {name: _present(project, name) for name in flow.secrets},
        "items": _items(project, flow, flow.items, inputs) if flow.items else None,
        "steps": sum(s.kind == "action" for s in flow.walk()),
        "writes": [_write(s) for s in _everywhere(flow) if s.writes],
        "attempts_at_most": (flow.items.attempts if flow.items else 1) * _most(steps, flow),
        "loops_over_lists": any(s.kind == "for_each" for s in _everywhere(flow)),
        "next": list(_coming(project, flow)),
    }


def _present(project: Project, name: str) -> bool:
    try:
        secret_source(project.settings)(name)
    except Failure:
        return False
    return True


def _everywhere(flow: Flow) -> Iterator[Step]:
    """Every step, those of called flows too."""
    yield from flow.walk()
    for called in flow.calls.values():
        yield from _everywhere(called)


def _write(step: Step) -> dict[str, Any]:
    assert step.writes is not None
    return {"what": step.writes.what, "line": step.writes.mark.line, "probed": bool(step.writes.done_if)}


# ── how much at most ──
def _most(steps: Iterable[Step], flow: Flow) -> int:
    """The most attempts of actions: tries and bounded loops multiply, a list counts as one element."""
    return sum(_most_of(step, flow) for step in steps)


def _most_of(step: Step, flow: Flow) -> int:
    called = flow.calls.get(step.flow_ref) if step.kind == "call" else None
    below = _most(step.children(), flow) + (_most_called(called) if called else 0)
    own = 1 if step.kind == "action" else 0
    return (own + below) * prod((step.retry.tries if step.retry else 1, step.at_most or 1))


def _most_called(flow: Flow) -> int:
    return _most([*(flow.session.steps if flow.session else ()), *flow.steps], flow)


# ── items ──
def _items(project: Project, flow: Flow, items: Items, inputs: Mapping[str, Any]) -> dict[str, Any]:
    found = _look(project, flow, items, inputs)
    made: dict[str, Any] = {"from": items.source, "attempts": items.attempts, "stop_after": items.stop_after}
    if found is None:
        return {**made, "found": None}
    counts = Counter(one.state for one in found)
    known = Counter(one.reason for one in found if one.state == "known")
    to_do = [one for one in found if one.state in ("new", "again")]
    return {
        **made, "found": len(found), **{state: counts[state] for state in ("new", "again", "repeated")},
        "known": dict(known), "first": [asdict(one) for one in to_do[:SHOWN]],
    }


def _look(project: Project, flow: Flow, items: Items, inputs: Mapping[str, Any]) -> list[Expected] | None:
    """None when the items must be fetched: a plan fetches nothing."""
    services, scope = _services(project), _scope(project, flow, inputs)
    sources = look(services, items, scope)
    if sources is None:
        return None
    seen: set[str] = set()
    return [_expected(project, flow, items, source, scope, seen) for source in sources]


def _expected(project: Project, flow: Flow, items: Items, source: SourceItem, scope: Mapping[str, Any],
              seen: set[str]) -> Expected:
    key = item_key(items, source.data, scope)
    state, reason = "new", ""
    if key in seen:
        state = "repeated"
    elif _ledger_there(project):
        profile, changed = project.settings.profile, data_hash(source.data)
        state, reason = project.ledger.foresee(flow.id, profile, key, changed, items.on_change)
    seen.add(key)
    return Expected(key, str(source.data.get("name") or key), state, reason)


def _ledger_there(project: Project) -> bool:
    return "://" in project.settings.ledger or Path(project.settings.ledger_url).exists()


def _services(project: Project) -> Services:
    """What looking at items needs. The ledger is opened only by a source that asks it."""
    settings = project.settings
    return Services(
        ledger=project.ledger if _ledger_there(project) else None,  # type: ignore[arg-type]
        catalog=project.catalog, bots=FACTORIES, secret=secret_source(settings), project=settings.project,
        artifacts=settings.artifact_folder, options=settings.run_options(),
    )


def _scope(project: Project, flow: Flow, inputs: Mapping[str, Any]) -> dict[str, Any]:
    now = datetime.now(ZoneInfo(project.manifest.timezone or project.settings.timezone))
    run = {"id": "", "now": now, "due": now, "profile": project.settings.profile, "replay_of": None,
           "trigger": "plan", "schedule": None}
    about = {"id": flow.id, "title": flow.title, "revision": flow.revision}
    return {"inputs": dict(inputs), "secrets": {}, "run": run, "flow": about, "item": None, "failure": None}


# ── coming times ──
def _coming(project: Project, flow: Flow) -> Iterator[dict[str, Any]]:
    """The next due times of every schedule of this flow; holidays told."""
    from rpa.schedule.plans import plan, zone_of

    for name, schedule in project.manifest.schedules.items():
        if schedule.flow not in (flow.id, str(flow.path)) and Path(schedule.flow).stem != flow.id:
            continue
        times = plan(schedule, project.manifest.file, project.settings.timezone)
        zone = zone_of(schedule, project.manifest.file, project.settings.timezone)
        for due in islice(times.after(datetime.now(UTC)), COMING) if times else ():
            yield {"schedule": name, "profile": schedule.profile, "at": due.at.astimezone(zone), "skip": due.skip}
        if times is None:
            yield {"schedule": name, "profile": schedule.profile, "at": None, "skip": ""}

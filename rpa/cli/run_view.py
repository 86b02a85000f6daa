"""How runs, their items and their failures look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flows.data import simple
from rpa.cli.show import local, said, say, table
from rpa.engine.signals import REHEARSED
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import EventRecord, FailureRecord, ItemRecord, RunRecord
from rpa.report.wording import failure_text, item_name


def failure_data(failure: FailureRecord | None, lang: str = "en") -> dict[str, Any] | None:
    if failure is None:
        return None
    message, fix = failure_text(failure, lang)
    return {
        "kind": failure.kind, "code": failure.code, "message": message, "detail": failure.message, "fix": fix,
        "step": failure.step_path, "effect": failure.effect, "details": simple(dict(failure.details)),
    }


def run_data(ledger: LedgerPort, run: RunRecord, *, items: bool = False) -> dict[str, Any]:
    data: dict[str, Any] = {
        "run": run.id, "flow": run.flow_id, "revision": run.revision, "status": str(run.status), "profile": run.profile,
        "trigger": run.trigger, "replay_of": run.replay_of, "created": run.created, "started": run.started,
        "ended": run.ended, "reason": run.reason, "counts": dict(run.counts), "outputs": run.outputs,
        "failure": failure_data(run.failure), "replay": f"rpa replay {run.id}",
    }
    if items:
        data["items"] = [item_data(i) for i in ledger.items(run_id=run.id)]
    return data


def item_data(item: ItemRecord) -> dict[str, Any]:
    return {
        "item": item.id, "key": item.key, "name": item.data.get("name"), "status": str(item.status), "tries": item.tries,
        "failure": failure_data(item.failure),
    }


def story_data(ledger: LedgerPort, run: RunRecord, item: str | None) -> dict[str, Any]:
    """Everything of a run in masked form: items, attempts, events, artifacts, writes, reviews."""
    chosen = [i for i in ledger.items(run_id=run.id) if item in (None, i.key, i.data.get("name"))]
    ids = {i.id for i in chosen}
    return {
        **run_data(ledger, run),
        "items": [item_data(i) for i in chosen],
        "attempts": [
            {
                "item": a.item_id, "try": a.item_try, "step": a.step_path, "step_try": a.step_try, "action": a.action,
                "outcome": str(a.outcome), "params": a.params, "outputs": a.outputs, "reason": a.reason,
                "started": a.started, "ended": a.ended, "phase": a.phase, "failure": failure_data(a.failure),
            }
            for a in ledger.attempts(run.id) if item is None or a.item_id in ids
        ],
        "artifacts": [
            {"item": a.item_id, "step": a.step_path, "kind": a.kind, "name": a.name, "path": a.path, "size": a.size}
            for a in ledger.artifacts(run.id)
        ],
        "events": [
            {"at": e.at, "level": e.level, "code": e.code, "message": e.message, "step": e.step_path, "details": dict(e.details)}
            for e in ledger.events(run.id)
        ],
        "writes": [
            {"what": w.what, "key": w.key, "verdict": str(w.verdict), "item": w.item_id, "by": w.settled_by}
            for w in ledger.writes(run_id=run.id)
        ],
    }


def print_runs(runs: Iterable[RunRecord]) -> None:
    rows = [
        (r.id, r.flow_id, r.status, local(r.created), _took(r), _counts(r), r.reason or "", r.replay_of or "") for r in runs
    ]
    table(("run", "flow", "status", "created", "took", "items", "reason", "replay of"), rows)


def _took(run: RunRecord) -> str:
    if not run.started or not run.ended:
        return ""
    return f"{(run.ended - run.started).total_seconds():.1f} s"


def _counts(run: RunRecord) -> str:
    return ", ".join(said("{n} {status}", n=n, status=said(status)) for status, n in run.counts.items() if n)


def print_end(ledger: LedgerPort, run: RunRecord, lang: str) -> None:
    """The last lines of `rpa run`: status, each item that needs somebody, how to go on."""
    from flows.catalogue import text

    say(f"{run.id}  {run.flow_id}  {said(str(run.status))}  {_counts(run)}  {_took(run)}")
    items = ledger.items(run_id=run.id)
    _print_own_failure(run, items, lang)
    for item in items:
        if item.failure and str(item.status) != "succeeded":
            say(f"  {item_name(item)}: {said(str(item.status))}")
            _print_failure(item.failure, lang, indent="    ")
    if run.options.get("rehearse"):
        _print_rehearsal(ledger, run, items, lang)
    waiting = ledger.reviews(run_id=run.id)
    for review in waiting:
        say("  " + text("review-waiting", lang, id=review.id))
    if str(run.status) in ("failed", "abandoned"):
        say("  " + text("replay-with", lang, run=run.id))


def _print_rehearsal(ledger: LedgerPort, run: RunRecord, items: Sequence[ItemRecord], lang: str) -> None:
    """Where each item stopped, and the picture of what would have been saved."""
    from flows.catalogue import text

    names = {item.id: item_name(item) for item in items}
    pictures = {(a.item_id, a.step_path): a.path for a in ledger.artifacts(run.id) if a.kind == "screenshot"}
    for a in ledger.attempts(run.id):
        if a.reason.startswith(REHEARSED):
            say("  " + text("rehearsed-step", lang, item=names.get(a.item_id or 0, ""), step=a.step_path))
            picture = pictures.get((a.item_id, a.step_path))
            if picture:
                say(f"    {said('picture')}: {picture}")


def _print_own_failure(run: RunRecord, items: Sequence[ItemRecord], lang: str) -> None:
    """What ended the run, unless an item below tells the same."""
    told = {i.failure.code for i in items if i.failure}
    if run.failure and run.failure.code not in told:
        _print_failure(run.failure, lang, indent="  ")


def _print_failure(failure: FailureRecord, lang: str, *, indent: str) -> None:
    from flows.catalogue import text

    message, fix = failure_text(failure, lang)
    say(f"{indent}[{failure.code}] {message}")
    if failure.message and failure.message not in message and (lang == "en" or not failure.details):
        say(f"{indent}  {failure.message[:400]}")
    if failure.step_path:
        place = "story-step-doubt" if failure.effect == "maybe" else "story-step"
        say(f"{indent}  {text(place, lang, step=failure.step_path)}")
    if fix:
        say(f"{indent}  → {fix}")


def print_story(ledger: LedgerPort, run: RunRecord, lang: str, *, item: str | None, steps: bool) -> None:
    from flows.catalogue import text

    about = {"id": run.id, "flow": run.flow_id, "trigger": run.trigger, "profile": run.profile,
             "status": said(str(run.status))}
    times = {name: local(getattr(run, name)) for name in ("created", "started", "ended")}
    say(text("story-run", lang, **about))
    say("  " + text("story-times", lang, **times, took=_took(run)))
    if run.replay_of:
        say("  " + text("story-replay-of", lang, run=run.replay_of))
    if run.reason:
        say("  " + text("story-reason", lang, reason=run.reason))
    items = ledger.items(run_id=run.id)
    _print_own_failure(run, items, lang)
    names = {it.id: item_name(it) for it in items}
    for event in ledger.events(run.id):
        if event.level == "warning":
            whose = names.get(event.item_id or 0)
            say(f"  ⚠ {whose}: {_told(event, lang)}" if whose else f"  ⚠ {_told(event, lang)}")
    artifacts = ledger.artifacts(run.id)
    for it in items:
        if item in (None, it.key, it.data.get("name")):
            _print_item(ledger, run, it, lang, steps or item is not None)
            for a in artifacts:
                if a.item_id == it.id and a.kind != "item":
                    say(f"      {said(a.kind)}: {a.path}")
    if str(run.status) in ("failed", "abandoned"):
        say("  " + text("replay-with", lang, run=run.id))


def _told(event: EventRecord, lang: str) -> str:
    """A warning in words where the catalogue has them, else its code with what it names."""
    from flows.catalogue import known, text

    if event.code and known(event.code):
        return text(event.code, lang, **event.details)
    return f"{event.code or event.message} {dict(event.details) or ''} at {event.step_path}"


def _print_item(ledger: LedgerPort, run: RunRecord, item: ItemRecord, lang: str, steps: bool) -> None:
    from flows.catalogue import text

    say("  " + text("story-item", lang, name=item_name(item), status=said(str(item.status)), tries=item.tries))
    if item.failure:
        _print_failure(item.failure, lang, indent="    ")
    if steps:
        for a in ledger.attempts(run.id, item_id=item.id):
            took = (a.ended - a.started).total_seconds()
            say(f"    {a.step_path}  {a.action}  {said(str(a.outcome))}  {took:.2f} s  {a.reason}")

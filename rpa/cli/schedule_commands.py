"""`rpa schedule list | next | history | pause | resume | run | backfill`, `rpa pause`, `rpa resume`,
`rpa approve`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from rpa.cli.state import STATE, actor

if TYPE_CHECKING:
    from rpa.schedule.decide import Planner
    from rpa.schedule.due import Due

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its name in flows.yaml.")]
Some = Annotated[Optional[str], typer.Argument(metavar="[SCHEDULE]", help="Its name; default: all.")]
Why = Annotated[str, typer.Option("--why", help="For those who wonder later.")]
schedule_app = typer.Typer(help="When flows run by themselves.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(schedule_app, name="schedule")
    app.command()(pause)
    app.command()(resume)
    app.command()(approve)


def planner() -> Planner:
    from rpa.schedule.decide import Planner

    project = STATE.project()
    return Planner(project, project.ledger)


def _known(made: Planner, name: str | None) -> list[str]:
    """The one, or all. Raises FlowFailure `schedule-unknown`."""
    if name is None:
        return list(made.project.manifest.schedules)
    made.schedule(name)
    return [name]


def _zone(made: Planner, name: str) -> Any:
    from rpa.schedule.plans import zone_of

    return zone_of(made.schedule(name), made.project.manifest.file, made.project.settings.timezone)


def _upcoming(made: Planner, name: str, number: int) -> list[Due]:
    from itertools import islice

    plan = made.plan(name)
    return [] if plan is None else list(islice(plan.after(datetime.now(UTC)), number))


@schedule_app.command("list")
def list_(json: Json = False) -> None:
    """Every schedule in plain words, and when it is next due."""
    from rpa.cli.show import as_json, say, say_nothing

    made = planner()
    rows = [_row(made, name) for name in _known(made, None)]
    if json:
        as_json({"schedules": rows})
        return
    if not rows:
        say_nothing()
    for row in rows:
        say(f"{row['name']}: {row['reading']}; {row['next_reading']}")
        say(
            f"  {row['flow']} · {row['profile']}"
            + (f" · {row['last_reading']}" if row["last_reading"] else "")
        )


def _row(made: Planner, name: str) -> dict[str, Any]:
    from flows.catalogue import text
    from rpa.schedule.pauses import paused
    from rpa.schedule.wording import describe, local_time, reason

    schedule, zone, lang = made.schedule(name), _zone(made, name), STATE.lang
    due = next((d for d in _upcoming(made, name, 400) if not d.skip), None)
    stopped = paused(made.ledger, name)
    last = next(iter(made.ledger.firings(name, limit=1)), None)
    coming = (
        text("reading-next", lang, when=local_time(due.at, zone, lang))
        if due
        else text("reading-never", lang)
    )
    coming = coming if made.plan(name) else text("reading-waits", lang)
    return {
        "name": name,
        "flow": schedule.flow,
        "profile": schedule.profile,
        "reading": describe(schedule, zone, lang),
        "next": due.at if due else None,
        "paused": stopped,
        "next_reading": text("reading-paused", lang, by=stopped["by"]) if stopped else coming,
        "last_reading": f"{local_time(last.due or last.at, zone, lang)} {reason(last.reason, lang)} {last.run_id or ''}".strip()
        if last
        else "",
    }


@schedule_app.command("next")
def next_(
    name: Some = None,
    number: Annotated[int, typer.Option("-n", min=1, help="How many of each.")] = 5,
    json: Json = False,
) -> None:
    """The coming due times, holidays told."""
    from rpa.cli.show import as_json, say
    from rpa.schedule.wording import local_time, reason

    made = planner()
    found = sorted(
        ((due, n) for n in _known(made, name) for due in _upcoming(made, n, number)), key=lambda x: x[0].at
    )
    if json:
        as_json(
            {
                "due": [
                    {"schedule": n, "at": d.at, "occurrence": d.occurrence, "skip": d.skip} for d, n in found
                ]
            }
        )
        return
    for due, n in found:
        say(
            f"{local_time(due.at, _zone(made, n), STATE.lang)}  {n}"
            + (f"  ({reason(due.skip, STATE.lang)})" if due.skip else "")
        )


@schedule_app.command()
def history(
    name: Some = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 30,
    json: Json = False,
) -> None:
    """What was due, and whether it fired or why not; newest first."""
    from rpa.cli.show import as_json, local, table
    from rpa.schedule.wording import reason

    made = planner()
    if name is not None:
        made.schedule(name)
    rows = made.ledger.firings(name, limit=limit)
    if json:
        as_json(
            {
                "firings": [
                    {
                        "schedule": r.schedule,
                        "occurrence": r.occurrence,
                        "due": r.due,
                        "at": r.at,
                        "run": r.run_id or None,
                        "reason": r.reason,
                    }
                    for r in rows
                ]
            }
        )
        return
    told = [
        (r.schedule, r.occurrence[:40], local(r.at), reason(r.reason, STATE.lang), r.run_id or "–")
        for r in rows
    ]
    table(("schedule", "occurrence", "decided", "reason", "run"), told)


@schedule_app.command("pause")
def pause_one(name: Name, why: Why = "") -> None:
    """Nothing of this schedule fires until it is resumed; each due time is recorded with that reason."""
    from rpa.schedule import pauses

    made = planner()
    made.schedule(name)
    pauses.pause(made.ledger, name, by=actor(), why=why)
    typer.echo(_row(made, name)["next_reading"])


@schedule_app.command("resume")
def resume_one(name: Name) -> None:
    """Ends the pause, or the stop after failures or a refused login."""
    from rpa.schedule import pauses

    made = planner()
    made.schedule(name)
    pauses.resume(made.ledger, name, by=actor())
    typer.echo(_row(made, name)["next_reading"])


@schedule_app.command("run")
def run_now(name: Name, json: Json = False) -> None:
    """Runs the schedule's flow now, with its profile, inputs and locks."""
    from rpa.cli.run_commands import follow

    made = planner()
    run_id = made.run_now(name, actor=actor())
    raise typer.Exit(follow(made.project, run_id, as_json=json))


@schedule_app.command()
def backfill(
    name: Name,
    start: Annotated[str, typer.Option("--from", help="1d, 6h, or a date in the schedule's zone.")],
    end: Annotated[Optional[str], typer.Option("--to", help="The same; a date counts wholly. Default: now.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the times.")] = False,
    json: Json = False,
) -> None:
    """Queues a run for each due time of a span that never ran; dates in the flow are those of that time."""
    from rpa.cli.show import as_json, say

    made = planner()
    made.schedule(name)
    now, zone = datetime.now(UTC), _zone(made, name)
    first, last = _moment(start, zone), min(_moment(end, zone, days=1) if end else now, now)
    if dry_run:
        found = [{"occurrence": d.occurrence, "run": None} for d in made.unfilled(name, first, last)]
    else:
        found = [
            {"occurrence": d.occurrence, "run": d.run_id}
            for d in made.backfill(name, first, last, actor=actor())
        ]
    if json:
        as_json({"backfill": found})
        return
    for row in found:
        say(f"{row['occurrence']}  {row['run'] or ''}")


def _moment(text: str, zone: Any, *, days: int = 0) -> datetime:
    """`1d` ago, a date (its beginning, or so many days later) or a time in the zone. Raises FlowFailure
    `since-invalid`."""
    from rpa.cli.run_commands import moment

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return moment(text) or datetime.now(UTC)
    local = found if found.tzinfo else found.replace(tzinfo=zone)
    return local + timedelta(days=days) if len(text) == len("2026-11-20") else local


def pause(
    everything: Annotated[bool, typer.Option("--all", help="Every schedule and every run.")] = False,
    why: Why = "",
) -> None:
    """Stops everything at its next safe point: nothing fires, no run begins, running ones end."""
    from rpa.schedule import pauses

    _everything(everything)
    made = planner()
    pauses.pause(made.ledger, pauses.ALL, by=actor(), why=why)
    typer.echo(_text("reading-paused", by=actor()))


def resume(everything: Annotated[bool, typer.Option("--all", help="Every schedule.")] = False) -> None:
    """Ends `rpa pause --all`."""
    from rpa.schedule import pauses

    _everything(everything)
    pauses.resume(planner().ledger, pauses.ALL, by=actor())


def _everything(given: bool) -> None:
    if not given:
        from rpa.cli.show import said

        raise typer.BadParameter(said("say --all, or `rpa schedule pause NAME` for one"))


def _text(code: str, **details: Any) -> str:
    from flows.catalogue import text

    return text(code, STATE.lang, **details)


def approve(flow: Annotated[str, typer.Argument(help="Flow id or path.")]) -> None:
    """A second person's word that this flow text may run unattended; audited."""
    from rpa.app.compose import bundle
    from rpa.schedule.approval import approve_flow

    project = STATE.project()
    loaded = project.flow(flow)
    project.ledger.put_revision(loaded.id, loaded.revision, bundle(loaded), loaded.title)
    approve_flow(project.ledger, loaded, project.flow_path(flow), by=actor())
    typer.echo(f"{loaded.id} {loaded.revision[:12]} ✓ {actor()}")

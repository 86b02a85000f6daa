"""`rpa replay`, `diff`."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from rpa.cli.state import STATE, actor

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def add_to(app: typer.Typer) -> None:
    app.command()(replay)
    app.command()(diff)


def replay(
    run: Annotated[Optional[str], typer.Argument(help="Run id (or use --failed).")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed, abandoned or doubtful run.")] = False,
    since: Annotated[Optional[str], typer.Option(help="With --failed: 1d, 6h, or a date.")] = None,
    flow: Annotated[Optional[str], typer.Option(help="With --failed: only this flow.")] = None,
    item: Annotated[Optional[str], typer.Option(help="Only this item.")] = None,
    from_step: Annotated[Optional[str], typer.Option("--from", help="Reuse nothing from this step on.")] = None,
    fresh: Annotated[bool, typer.Option(help="Reuse nothing; writes are still never repeated.")] = False,
    latest: Annotated[bool, typer.Option(help="Use today's text of the flow.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")] = False,
    json: Json = False,
) -> None:
    """Does again what failed, and never a write twice."""
    from rpa.cli.show import said
    from rpa.replay.select import failed as all_failed
    from rpa.replay.select import of_run

    project = STATE.project()
    if bool(run) == failed:
        raise typer.BadParameter(said("name a run, or say --failed"))
    project.ledger.sweep()
    if run:
        selected = [of_run(project.ledger, run, item=item)]
    else:
        selected = all_failed(project.ledger, since=_moment(since), flow_id=flow)
    if dry_run:
        _show_plan(project, selected, as_json=json, fresh=fresh, latest=latest, from_step=from_step)
        return
    raise typer.Exit(_replay_all(project, selected, as_json=json, from_step=from_step, fresh=fresh, latest=latest))


def _moment(since: str | None) -> Any:
    from rpa.cli.run_commands import moment

    return moment(since)


def _replay_all(project: Any, selected: list[Any], *, as_json: bool, **how: Any) -> int:
    from flows.catalogue import text
    from rpa.cli.run_commands import follow
    from rpa.replay.enqueue import enqueue_replay
    from rpa.replay.select import _listed_nothing

    worst = 0
    done = 0
    for one in selected:
        if not one.items and not _listed_nothing(project.ledger, one.run):
            continue
        run_id = enqueue_replay(project, one, actor=actor(), **how)
        code = follow(project, run_id, as_json=as_json)
        worst, done = _worse(worst, code), done + 1
    if not done:
        if as_json:
            from rpa.cli.show import as_json as print_json

            print_json({"runs": []})
        else:
            typer.echo(text("nothing-to-replay", STATE.lang))
    return worst


def _worse(a: int, b: int) -> int:
    order = (0, 4, 1, 2, 3, 130)
    return max(a, b, key=order.index)


def _show_plan(project: Any, selected: list[Any], *, as_json: bool, **how: Any) -> None:
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import said, table
    from rpa.replay.enqueue import flow_of
    from rpa.replay.plan import plan_replay
    from rpa.report.wording import item_name

    names = {item.key: item_name(item) for one in selected for item in one.items}
    planned = [
        (one.run.id, p)
        for one in selected
        for p in plan_replay(project.ledger, project.catalog, flow_of(project, one, latest=how["latest"]), one, **how)
    ]
    if as_json:
        print_json({"plan": [{"run": run, **_data(p)} for run, p in planned]})
        return
    table(("run", "item", "step", "action", "", "why"),
          [(run, names[p.item], p.step_path, p.action, said(p.doing), p.told(STATE.lang)) for run, p in planned])


def _data(planned: Any) -> dict[str, Any]:
    from dataclasses import asdict

    data = asdict(planned)
    del data["details"]
    return {**data, "why": planned.told()}


def diff(first: Annotated[str, typer.Argument(metavar="RUN", help="The original run.")],
         second: Annotated[str, typer.Argument(metavar="REPLAY", help="The other run.")], json: Json = False) -> None:
    """Compares two runs: status, outputs, steps, extracted fields, timing, pictures. Says what differs."""
    from flows.catalogue import text
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import table
    from rpa.report.diff import diff_runs

    ledger = STATE.project().ledger
    rows = diff_runs(ledger, ledger.run(first), ledger.run(second), ledger.artifact_bytes)
    if json:
        print_json({"differences": rows})
        return
    if not rows:
        typer.echo(text("no-differences", STATE.lang))
        return
    table(("item", "what", "first", "second"), [(r["item"], r["what"], r["first"], r["second"]) for r in rows])

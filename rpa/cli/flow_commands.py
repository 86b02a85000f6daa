"""`rpa check`, `plan`, `actions`, `explain`, `schema`, `format`: for authors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from rpa.cli.flow_inputs import FlowCommand
from rpa.cli.state import STATE

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def add_to(app: typer.Typer) -> None:
    app.command()(check)
    app.command(cls=FlowCommand)(plan)
    for command in (actions, explain, schema):
        app.command()(command)
    app.command("format")(format_flow)


def check(
    flows: Annotated[Optional[list[str]], typer.Argument(help="Flows or files (default: all of the project).")] = None,
    strict: Annotated[bool, typer.Option(help="Warnings count as errors.")] = False,
    json: Json = False,
) -> None:
    """Finds every problem of a flow at once, before it runs."""
    from rpa.cli.show import print_diagnostics

    project = STATE.project()
    refs = flows or [str(p) for p in sorted((project.settings.project / "flows").glob("*.yaml"))]
    found: list[Any] = [] if flows else _of_manifest(project)
    for ref in refs:
        found += project.load(ref).diagnostics
    errors = [d for d in found if d.severity == "error"]
    if found or json:
        print_diagnostics(found, as_json=json)
    if not json and not errors:
        typer.echo(_count("check-ok", count=len(refs), warnings=len(found)))
    if errors or (strict and found):
        raise typer.Exit(2)


def _of_manifest(project: Any) -> list[Any]:
    from rpa.schedule.references import reference_diagnostics

    found = list(project.manifest_diagnostics())
    broken = any(d.severity == "error" for d in found)
    return found if broken else [*found, *reference_diagnostics(project)]


def _count(code: str, **details: Any) -> str:
    from flows.catalogue import text

    return text(code, STATE.lang, **details)


def plan(flow: Annotated[str, typer.Argument(metavar="FLOW", help="Flow id or path.")],
         inputs: Annotated[Optional[list[str]], typer.Option("--input", "-i", help="An input as name=value; may be repeated.")] = None,
         json: Json = False) -> None:
    """Shows what would run: inputs, secrets, items new and known, writes. Nothing is executed.

    Each input of the flow is an option too: `rpa plan FLOW --help` lists them.
    """
    from rpa.app.plan import plan_flow
    from rpa.cli.plan_view import show_plan
    from rpa.cli.run_commands import given_inputs

    project = STATE.project()
    loaded = project.flow(flow)
    show_plan(plan_flow(project, loaded, given_inputs(inputs)), STATE.lang, as_json=json)


def actions(name: Annotated[Optional[str], typer.Argument(help="An action, or a family.")] = None,
            json: Json = False) -> None:
    """Lists what flows can do; with a name, everything about one action."""
    from rpa.cli.action_view import show_action, show_actions

    catalog = STATE.project().catalog
    if name and name in catalog:
        show_action(catalog[name], as_json=json)
        return
    chosen = [s for s in catalog.values() if not name or s.family == name]
    if not chosen:
        from flows.failures import FlowFailure

        raise FlowFailure("unknown-action", details={"name": name})
    show_actions(chosen, as_json=json)


def explain(code: Annotated[str, typer.Argument(help="A code from a message, such as target-missing.")],
            json: Json = False) -> None:
    """Explains a code: what happened, why, and what to do."""
    from flows.catalogue import codes, explain, fix, known
    from flows.failures import FlowFailure
    from rpa.cli.show import as_json

    if not known(code):
        from rapidfuzz import process

        near = [c for c, *_ in process.extract(code, sorted(codes()), limit=3)]
        raise FlowFailure("code-unknown", details={"code": code, "near": ", ".join(near)})
    if json:
        as_json({"code": code, "explain": explain(code, STATE.lang), "fix": fix(code, STATE.lang)})
        return
    typer.echo(f"{code}\n\n{explain(code, STATE.lang)}\n\n→ {fix(code, STATE.lang)}")


def schema(what: Annotated[str, typer.Argument(help="flow or manifest")] = "flow",
           out: Annotated[Optional[Path], typer.Option(help="Write to a file instead.")] = None) -> None:
    """Prints the JSON Schema for editors."""
    import json as js

    if what == "manifest":
        from rpa.schedule.manifest import manifest_schema

        made = manifest_schema()
    else:
        from flows.schema import flow_schema

        made = flow_schema(STATE.project().catalog)
    text = js.dumps(made, ensure_ascii=False, indent=2) + "\n"
    if out:
        out.write_text(text, "utf-8")
    else:
        typer.echo(text, nl=False)


def format_flow(files: Annotated[list[Path], typer.Argument(help="Flow files.")],
                check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 if something would.")] = False) -> None:
    """Normalises flow files, keeping comments."""
    from flows.format import format_text

    changed = False
    for file in files:
        before = file.read_text("utf-8")
        after = format_text(before)
        if after != before:
            changed = True
            typer.echo(str(file))
            if not check:
                file.write_text(after, "utf-8")
    if check and changed:
        raise typer.Exit(1)

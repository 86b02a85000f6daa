"""`rpa test`: a flow's own test cases."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from rpa.cli.state import STATE


def add_to(app: typer.Typer) -> None:
    app.command("test")(test)


def test(
    flows: Annotated[Optional[list[str]], typer.Argument(help="Flows or test files (default: all of tests/).")] = None,
    case: Annotated[str, typer.Option(help="Only cases whose name contains this.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Runs the test cases of flows: recorded inputs, fakes for bots, what must come out."""
    from rpa.app.cases import test_files, try_file
    from rpa.cli.case_view import data_of, print_flow, print_sum
    from rpa.cli.show import as_json

    project = STATE.project()
    tried: list[Any] = []
    for file in test_files(project, flows or []):
        tried.append(try_file(project, file, only=case))
        if not json:
            print_flow(tried[-1], STATE.lang)
    if json:
        as_json(data_of(tried, STATE.lang))
    else:
        print_sum(tried, STATE.lang)
    if any(one.problems or any(t.problem for t in one.cases) for one in tried):
        raise typer.Exit(2)
    if not all(t.passed for one in tried for t in one.cases):
        raise typer.Exit(1)

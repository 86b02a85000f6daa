"""What flows.yaml names must be there: flows, and the inputs that they take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.catalogue import known, text
from flows.diagnostics import Diagnostic, with_lines
from flows.document import compose
from flows.failures import Failure
from rpa.app.project import FlowInvalid, Project
from rpa.schedule.manifest import SIZE, Schedule, place_of

Found = tuple[tuple[Any, ...], str]


def reference_diagnostics(project: Project) -> list[Diagnostic]:
    """Every schedule whose flow is missing or would refuse its inputs, with its place. The manifest itself
    must be sound."""
    manifest = project.manifest
    node, _ = compose(manifest.text, project.settings.manifest.name, times=SIZE)
    if node is None:
        return []
    problems = []
    for name, schedule in manifest.schedules.items():
        for loc, reason in _problems(project, schedule):
            where, mark = place_of(node, ("schedules", name, *loc), key=loc[0] == "inputs")
            problems.append(Diagnostic("manifest-value", mark, details={"where": where, "reason": reason}))
    return with_lines(problems, {project.settings.manifest.name: manifest.text})


def _problems(project: Project, schedule: Schedule) -> Iterator[Found]:
    trigger = schedule.trigger
    other = trigger.followed.flow if trigger.followed else trigger.queue
    for loc, ref in ((("flow",), schedule.flow), (("trigger", trigger.kind), other)):
        try:
            if ref is not None:
                project.flow_path(ref)
        except Failure as failure:
            yield loc, _said(project, failure)
            if loc == ("flow",):
                return
    yield from _inputs(project, schedule)


def _inputs(project: Project, schedule: Schedule) -> Iterator[Found]:
    """A call brings inputs of its own, so what is missing there may still come."""
    try:
        flow = project.flow(schedule.flow)
        unknown = [name for name in schedule.inputs if name not in flow.inputs]
        if unknown:
            known_ones = ", ".join(flow.inputs) or "none"
            yield ("inputs", unknown[0]), f"{flow.id} has no input {unknown[0]}; it has: {known_ones}"
        elif schedule.trigger.hook is None:
            project.inputs(flow, schedule.inputs, schedule.profile)
    except FlowInvalid:
        return  # told with the flow's own file
    except Failure as failure:
        yield ("inputs",) if schedule.inputs else ("flow",), _said(project, failure)


def _said(project: Project, failure: Failure) -> str:
    if not known(failure.code):
        return str(failure)
    return text(failure.code, project.settings.lang, **failure.details).rstrip(".")

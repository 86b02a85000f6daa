"""Every problem of flows.yaml is found before anything starts from it, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.failures import FlowFailure
from rpa.app.project import Project
from rpa.schedule.references import reference_diagnostics
from rpa.settings import Settings
from tests.rpa.schedule.conftest import Planning


def problems(folder: Path, schedule: str, more: str = "") -> list[tuple[int, int, str]]:
    """(line, column, text) of a manifest whose third line is the schedule."""
    (folder / "flows.yaml").write_text(f"version: 1\nschedules:\n  s: {{flow: note, {schedule}}}\n{more}")
    project = Project(Settings(project=folder, key_file=str(folder / "key")))
    found = project.manifest_diagnostics() or reference_diagnostics(project)
    return [(d.mark.line, d.mark.column, f"{d.code} {dict(d.details)} {d.near or ''}") for d in found]


@pytest.mark.parametrize(
    ("schedule", "place", "told"),
    [
        ('trigger: {cron: "0 7 * * mon-fry"}', '"0', "weekday: fry is not between 0 and 7"),
        ('trigger: {cron: "0 25 * * *"}', '"0', "hour: 25"),
        ('trigger: {cron: "0 7 * *"}', '"0', "five fields"),
        ("trigger: {every: 3x}", "3x", "needs a unit"),
        ("trigger: {every: 0s}", "0s", "at least 1s"),
        ('trigger: {at: "25:00"}', '"25', "hour must be in"),
        ("trigger: {at: 2026-12-24}", "2026-12-24", "no time of day"),
        ("trigger: {folder: inbox, every: 5m}", "trigger", "trigger-one"),
        ("trigger: {}", "trigger", "trigger-one"),
        ("trigger: {webhook: bills}", "bills", "pattern"),
        ("trigger: {webhook: /a/../b}", "/a/../b", "without .."),
        ("trigger: {mail: {server: x, user: y, every: soon}}", "mail", "needs a unit"),
        ("trigger: {crom: x}", "crom", "cron"),
        ("trigger: {every: 1h}, timezone: Asia/Seol", "Asia/Seol", "there is no time zone Asia/Seol"),
        ("trigger: {every: 1h}, on_holiday: next_working_day", "next_working_day", "elapsed time"),
        ("trigger: {every: 1h}, if_missed: often", "often", "'none', 'last' or 'all'"),
        ("trigger: {every: 1h}, grace: long", "long", "needs a unit"),
        ("trigger: {every: 1h}, profile: prod", "prod", "no profile prod"),
        ("trigger: {every: 1h}, stop_after_failures: 0", "0", "greater than or equal to 1"),
        ("trigger: {every: 1h}, on_overlop: skip", "on_overlop", "on_overlap"),
        ("trigger: {every: 1h}, notify: {quiet: night}", "night", "pattern"),
        ("trigger: {after: othr}", "othr", "othr"),
        ("trigger: {queue: othr}", "othr", "othr"),
        ("trigger: {every: 1h}, inputs: {nosuch: 1}", "nosuch", "has no input nosuch"),
    ],
)
def test_a_problem_is_told_at_its_place(folder: Path, schedule: str, place: str, told: str) -> None:
    found = problems(folder, schedule)
    assert len(found) == 1
    line, at, text = found[0]
    assert told in text
    written = f"  s: {{flow: note, {schedule}}}"
    assert (line, at) == (3, written.index(place) + 1)


def test_a_flow_that_is_not_there_and_inputs_that_are_missing(folder: Path) -> None:
    assert (
        "nothere"
        in problems(folder, "trigger: {every: 1h}", "  t: {flow: nothere, trigger: {every: 1h}}\n")[0][2]
    )
    (folder / "flows" / "note.yaml").write_text(
        "flow: note\ninputs:\n  who: {type: text}\nsteps:\n  - data.log: hello\n"
    )
    assert "who" in problems(folder, "trigger: {every: 1h}")[0][2]
    assert problems(folder, "trigger: {every: 1h}, inputs: {who: kim}") == []
    assert problems(folder, "trigger: {webhook: /x}") == [], "a call brings its inputs"


def test_calendars_and_zones_of_the_whole_file(folder: Path) -> None:
    for more, told in (
        ("timezone: Mars/Base\n", "no time zone Mars/Base"),
        ("calendar: {country: XX}\n", "XX"),
        ("calendar: {country: KR, closed: [2026-13-01]}\n", "month must be in 1..12"),
    ):
        found = problems(folder, "trigger: {every: 1h}", more)
        assert [told in text for _, _, text in found] == [True]
        assert found[0][0] == 4


def test_a_broken_manifest_is_refused_whole(planning: Planning) -> None:
    planner = planning("  s: {flow: note, trigger: {every: 3x}}\n")
    with pytest.raises(FlowFailure) as told:
        _ = planner.project.manifest
    assert told.value.code == "manifest-invalid"
    assert "flows.yaml:4:" in str(told.value)

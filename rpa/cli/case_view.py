"""How `rpa test` looks: a line for each case; below a failed one, what was expected and what came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flows.catalogue import text
from flows.data import simple
from flows.diagnostics import render, to_json
from rpa.cli.edge import describe
from rpa.cli.show import say

if TYPE_CHECKING:
    from flows.testing import Difference
    from rpa.app.cases import Tried, TriedFlow


def print_flow(tried: TriedFlow, lang: str) -> None:
    """One flow's cases."""
    say(f"{tried.flow}  {tried.file.name}")
    if tried.problems:
        say(render(tried.problems, lang))
    for one in tried.cases:
        say(f"  {'✓' if one.passed else '✗'} {one.case.name}  ({one.seconds:.1f} s)")
        for line in _why(one, lang):
            say(f"      {line}")


def _why(tried: Tried, lang: str) -> Iterator[str]:
    if tried.problem is not None:
        said, fix = describe(tried.problem)
        yield f"[{tried.problem.code}] {said}"
        yield f"→ {fix}"
    for one in tried.differences:
        yield from _difference(one, lang)
    if not tried.passed:
        for line in tried.told:
            yield f"! {line}"


def _difference(one: Difference, lang: str) -> Iterator[str]:
    """What was expected with -, what came with +; of lists only the lines that differ."""
    yield f"{one.what}:"
    wanted, found = _lines(one.expected), _lines(one.found)
    expected, came = text("test-expected", lang), text("test-found", lang)
    if len(wanted) < 2 and len(found) < 2:
        yield f"  - {expected}: {''.join(wanted)}"
        yield f"  + {came}: {''.join(found)}"
        return
    yield f"  - {expected}, + {came}"
    yield from (f"  {line}" for line in _diff(wanted, found))


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_shown(v) for v in value]
    return _shown(value).splitlines() if isinstance(value, str) else [_shown(value)]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(simple(value), ensure_ascii=False)


def _diff(wanted: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    from difflib import ndiff

    return (line for line in ndiff(wanted, found) if not line.startswith("?"))


def print_sum(tried: Iterable[TriedFlow], lang: str) -> None:
    cases = [t for one in tried for t in one.cases]
    failed = sum(not t.passed for t in cases)
    say(text("test-summary", lang, cases=len(cases), failed=failed))


def data_of(tried: Sequence[TriedFlow], lang: str) -> dict[str, Any]:
    """For programs."""
    cases = [t for one in tried for t in one.cases]
    return {
        "passed": sum(t.passed for t in cases),
        "failed": sum(not t.passed for t in cases),
        "tests": [
            {
                "flow": one.flow, "file": str(one.file), "problems": to_json(one.problems, lang)["diagnostics"],
                "cases": [_case(t) for t in one.cases],
            }
            for one in tried
        ],
    }


def _case(tried: Tried) -> dict[str, Any]:
    problem = {"code": tried.problem.code, "message": describe(tried.problem)[0]} if tried.problem else None
    return {
        "name": tried.case.name, "line": tried.case.mark.line, "passed": tried.passed,
        "seconds": round(tried.seconds, 3), "problem": problem, "failures": list(tried.told),
        "differences": [{"what": d.what, "expected": d.expected, "found": d.found} for d in tried.differences],
    }

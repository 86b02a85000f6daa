"""How often flows on real desktop programs succeed: each one run again and again, every result compared.

    python -m bench.desktop_runs [--times 20] [--looks] [flow …]

Each run is `rpa run` in a process and on a virtual display of its own; what came out is compared with what
was to come out (sums, saved bytes, cells of the workbook, bills posted in the book). `--looks`
runs each flow once with a dark theme, at 1.25 × scale, and on a screen of another size instead. Prints a
table in Markdown, and on stderr how each run went: of one that failed both ends of what it said.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bots.desktop.test_flows import (
    Project,
    galculator,
    gnome_calculator,
    gnucash,
    mousepad,
    timesheet,
    tk_form,
    xcalc,
)

FLOWS: dict[str, tuple[str, Callable[[Project, int], None]]] = {
    "galculator": ("galculator", galculator),
    "gnome_calculator": ("gnome-calculator", gnome_calculator),
    "mousepad": ("mousepad", mousepad),
    "timesheet": ("localc", timesheet),
    "gnucash": ("gnucash", gnucash),
    "tk_form": ("wish", tk_form),
    "xcalc": ("xcalc", xcalc),
}
LOOKS: dict[str, dict[str, Any]] = {
    "dark theme": {"theme": "Adwaita:dark"},
    "1.25 × scale": {"dpi": 120},
    "other screen and places": {"width": 1600, "height": 900},
}


def once(flow: Callable[[Project, int], None], **look: Any) -> tuple[bool, float, str]:
    """Whether one run in a new project did what it should, its seconds, and what it said if not."""
    with tempfile.TemporaryDirectory(prefix="desktop-runs-") as name:
        folder = Path(name) / "project"
        folder.mkdir()
        os.environ["RPA_KEY_FILE"] = str(Path(name) / "project.key")
        project = Project(folder)
        made = project.rpa("init", str(Path(name) / "other"))
        if made.returncode:
            raise RuntimeError(made.stderr)
        project.settings(**look)
        start = time.monotonic()
        try:
            flow(project, 1)
        except AssertionError as error:
            return False, time.monotonic() - start, str(error)
        return True, time.monotonic() - start, ""


def series(name: str, flow: Callable[[Project, int], None], looks: list[dict[str, Any]]) -> str:
    """One line of the table."""
    done = []
    for number, look in enumerate(looks, 1):
        done.append(once(flow, **look))
        ok, took, said = done[-1]
        told = "right" if ok else _shortened(said)
        print(f"{name}, run {number}, {took:.1f} s: {told}", file=sys.stderr, flush=True)
    seconds = [s for _, s, _ in done]
    good = sum(ok for ok, _, _ in done)
    return f"| {name} | {good} / {len(done)} | {statistics.median(seconds):.1f} | {max(seconds):.1f} |"


def _shortened(text: str) -> str:
    return text if len(text) < 4000 else f"{text[:2000]}\n…\n{text[-2000:]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flows", nargs="*", choices=[[], *FLOWS], default=[])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--looks", action="store_true")
    given = parser.parse_args()
    print("| flow | right | median s | longest s |\n| --- | --- | --- | --- |", flush=True)
    for name in given.flows or FLOWS:
        program, flow = FLOWS[name]
        if shutil.which(program) is None:
            print(f"| {name} | {program} is not installed | | |", flush=True)
        elif given.looks:
            for words, look in LOOKS.items():
                print(series(f"{name}, {words}", flow, [look]), flush=True)
        else:
            print(series(name, flow, [{}] * given.times), flush=True)


if __name__ == "__main__":
    main()

"""MiniWoB++ solved by flows: each file in `flows/` is one task, its items are the seeds.

    python -m bench.miniwob --html FOLDER [--seeds 10] [--tasks click-test,…] [--randomised] [--write]

FOLDER is `miniwob/html` of the PyPI package `miniwob` (MIT); without it the package is looked for where Python
finds packages. Flows run in the real engine, name what a person sees, and use neither coordinates nor scripts. A seed
counts when the page's own raw reward is 1. `--randomised` serves the same pages with every id and class replaced by
a random word. Prints a line for each task and one JSON line at the end.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.flow_runs import Ground, Ran
from bench.miniwob.site import Site

FLOWS = Path(__file__).parent / "flows"
FULL = 0.999


def html_of_package() -> Path | None:
    spec = find_spec("miniwob")
    return Path(spec.origin).parent / "html" if spec is not None and spec.origin else None


def reasons(site: Site, task: str, seeds: int, ran: Ran) -> dict[str, str]:
    """Seed → why it does not count; empty when it does."""
    out = {}
    for seed in map(str, range(seeds)):
        reward = site.rewards.get((task, seed))
        if reward is not None and reward >= FULL and seed not in ran.failures:
            out[seed] = ""
        else:
            out[seed] = ran.failures.get(seed) or ("no reward" if reward is None else f"reward {reward:g}")
    return out


def solve(ground: Ground, site: Site, flow: Path, seeds: int) -> dict[str, Any]:
    task = flow.stem.replace("_", "-")
    start = time.monotonic()
    ran = ground.run(flow.stem, {"site": site.address, "seeds": list(range(seeds))})
    why = reasons(site, task, seeds, ran)
    return {
        "task": task,
        "solved": list(why.values()).count(""),
        "seconds": round(time.monotonic() - start, 1),
        "why": next(((seed, reason) for seed, reason in why.items() if reason), None),
    }


def line(row: dict[str, Any], seeds: int) -> str:
    why = f"  seed {row['why'][0]}: {row['why'][1][:150]}" if row["why"] else ""
    return f"{row['task']:30} {row['solved']:3}/{seeds} {row['seconds']:6.1f} s{why}"


def summary(rows: list[dict[str, Any]], seeds: int, *, randomised: bool) -> dict[str, Any]:
    return {
        "schema": 1,
        "randomised": randomised,
        "seeds": seeds,
        "tasks": len(rows),
        "solved_at_every_seed": sum(r["solved"] == seeds for r in rows),
        "pooled": round(sum(r["solved"] for r in rows) / max(1, len(rows) * seeds), 4),
        "not_at_every_seed": [f"{r['task']} {r['solved']}" for r in rows if r["solved"] < seeds],
        "seconds": round(sum(r["seconds"] for r in rows)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--html", type=Path, default=html_of_package())
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tasks", default="")
    parser.add_argument("--randomised", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.html is None or not given.html.is_dir():
        parser.error("the package miniwob was not found: give --html FOLDER")
    wanted = [t.replace("-", "_") for t in given.tasks.split(",") if t]
    flows = [f for f in sorted(FLOWS.glob("*.yaml")) if not wanted or f.stem in wanted]
    site = Site(given.html, port=given.port, randomised=given.randomised)
    ground = Ground(flows)
    rows = []
    try:
        for flow in flows:
            rows.append(solve(ground, site, flow, given.seeds))
            print(line(rows[-1], given.seeds), flush=True)
    finally:
        ground.close()
        site.close()
    print(json.dumps(summary(rows, given.seeds, randomised=given.randomised)))


if __name__ == "__main__":
    main()

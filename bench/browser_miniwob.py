"""MiniWoB++ through our actions: which tasks the steps of `browser_miniwob.yaml` solve, seed by seed.

    python -m bench.browser_miniwob --html FOLDER [--seeds 10] [--tasks click-test,…]

FOLDER is `miniwob/html` of the package `miniwob` (MIT). Only the episode itself (seed, start, reward) is
driven by script; everything that solves a task is a step of ours. Prints a table and one JSON line.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import re
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bots.browser.actions import fields, navigation, pointer, reading
from bots.browser.bot import Browser
from flows.action import Catalog
from flows.document import plain_yaml
from flows.failures import Failure
from tests.bots.fakes import Doing, FakeContext

FLOWS = Path(__file__).with_suffix(".yaml")
PORT = 8250
START = "(seed) => { Math.seedrandom(seed); core.EPISODE_MAX_TIME = 60000; core.startEpisodeReal(); }"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Silence."""


def filled(value: Any, parts: Mapping[str, Any]) -> Any:
    """`value` with every `${name}` replaced; `${name*}` alone is the list of the parts between commas."""
    if isinstance(value, Mapping):
        return {k: filled(v, parts) for k, v in value.items()}
    if isinstance(value, list):
        whole = (
            re.fullmatch(r"\$\{(\w+)\*\}", value[0])
            if len(value) == 1 and isinstance(value[0], str)
            else None
        )
        return listed(parts[whole[1]]) if whole else [filled(v, parts) for v in value]
    if not isinstance(value, str):
        return value
    only = re.fullmatch(r"\$\{(\w+)\}", value)
    if only and str(parts[only[1]]).isdigit() and only[1] == "n":
        return int(parts[only[1]])
    return re.sub(r"\$\{(\w+)\}", lambda m: str(parts[m[1]]), value)


def listed(text: str) -> list[str]:
    return [] if text == "nothing" else re.split(r", (?:and )?| and ", text)


def perform(do: Doing, steps: list[dict[str, Any]], parts: dict[str, Any]) -> None:
    for step in steps:
        if "each" in step:
            for it in listed(parts[step["each"]]):
                perform(do, step["do"], {**parts, "it": it})
            continue
        (name,) = (k for k in step if "." in k)
        result = do(name, filled(step[name], parts), seconds=4.0)
        if "keep" in step:
            parts[step["keep"]] = result


def solve(do: Doing, address: str, flow: Mapping[str, Any], seed: int) -> str:
    """`` when the reward is positive, else the reason."""
    page = do.bot.page
    page.goto(address)
    page.evaluate(START, f"seed {seed}")
    asked = page.locator("#query").inner_text()
    found = re.search(str(flow.get("asks") or ""), " ".join(asked.split()))
    if found is None:
        return f"the sentence reads otherwise: {asked[:80]}"
    words = flow.get("words") or {}
    parts = {k: words.get(v, v) for k, v in found.groupdict().items()}
    try:
        perform(do, flow["steps"], parts)
    except Failure as failure:
        return f"{failure.code}: {failure.details.get('target', '')} {failure.details.get('reason', '')}"
    return "" if page.evaluate("() => WOB_RAW_REWARD_GLOBAL") > 0 else f"reward 0: {asked[:80]}"


def measure(html: Path, seeds: int, names: list[str]) -> dict[str, Any]:
    flows = plain_yaml(FLOWS.read_text("utf-8"))
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", PORT), functools.partial(Quiet, directory=str(html))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ctx = FakeContext(Path(tempfile.mkdtemp()), browser={"heal": False})
    bot = Browser()
    bot.open(ctx)
    do = Doing(Catalog.of_modules([navigation, pointer, fields, reading]), bot, ctx)
    table: dict[str, Any] = {}
    try:
        for name in names or list(flows):
            address = f"http://127.0.0.1:{PORT}/miniwob/{name}.html"
            reasons = [solve(do, address, flows[name], seed) for seed in range(seeds)]
            table[name] = {"solved": reasons.count(""), "first_reason": next((r for r in reasons if r), "")}
            print(
                f"{name:32} {table[name]['solved']:3}/{seeds}  {table[name]['first_reason'][:110]}",
                flush=True,
            )
    finally:
        bot.close()
        server.shutdown()
    return {
        "schema": 1,
        "seeds": seeds,
        "tasks": len(table),
        "whole": sum(r["solved"] == seeds for r in table.values()),
        "pooled": round(sum(r["solved"] for r in table.values()) / (len(table) * seeds), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--html", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tasks", default="")
    given = parser.parse_args()
    print(json.dumps(measure(given.html, given.seeds, [t for t in given.tasks.split(",") if t])))


if __name__ == "__main__":
    main()

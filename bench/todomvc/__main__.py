"""TodoMVC solved by one flow, beside the flow that a Playwright user writes first.

    python -m bench.todomvc --examples FOLDER [--apps backbone,…] [--ours-only]

FOLDER is `examples` of the npm package `todomvc` (0.1.1; install with --ignore-scripts). Both sides enter three todos,
tick one, delete one, and want «2 items left» and «1 item left» in between; both on the same machine, one after the
other, offline. Prints a line for each implementation and one JSON line.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.flow_runs import Ground
from bots.browser.bot import Browser
from tests.bots.fakes import FakeContext

FLOW = Path(__file__).parent / "todos.yaml"
TITLES = ("Buy milk", "Call the bank", "Pay the rent")
PLACES = tuple(f"{folder}index.html" for folder in ("", "public/", "web/", "build/web/", "www/", "app/"))
STAGES = ("nothing", "entered", "ticked", "deleted")
PLAIN_MS = 5000


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


def serve(folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


def pages(examples: Path, wanted: list[str]) -> dict[str, str]:
    """Implementation → path of its page, for those that have one without a server of their own."""
    out = {}
    for app in sorted(p for p in examples.iterdir() if p.is_dir() and (not wanted or p.name in wanted)):
        place = next((place for place in PLACES if (app / place).is_file()), None)
        if place is not None:
            out[app.name] = f"{app.name}/{place}"
    return out


def plain(page: Any, error: type[Exception], address: str) -> tuple[str, str]:
    """The stage that the plain flow reached, and why it stopped there."""
    stage = 0
    page.set_default_timeout(PLAIN_MS)
    try:
        page.goto(address)
        for title in TITLES:
            page.get_by_placeholder("What needs to be done?").fill(title)
            page.get_by_placeholder("What needs to be done?").press("Enter")
            page.get_by_text(title, exact=True).wait_for()
        stage = 1
        page.get_by_role("listitem").filter(has_text=TITLES[1]).get_by_role("checkbox").check()
        page.get_by_text("2 items left").wait_for()
        stage = 2
        page.get_by_role("listitem").filter(has_text=TITLES[0]).hover()
        page.get_by_role("listitem").filter(has_text=TITLES[0]).get_by_role("button").click()
        page.get_by_text("1 item left").wait_for()
        stage = 3
    except error as problem:
        return STAGES[stage], " ".join(str(problem).split("\n")[0].split())[:140]
    return STAGES[stage], ""


def plain_side(site: str, apps: Mapping[str, str], folder: Path) -> dict[str, tuple[str, str]]:
    """Every implementation in a browser context of its own."""
    bot = Browser()
    bot.open(FakeContext(folder, evidence="none"))
    out = {}
    try:
        for app, path in apps.items():
            bot.reset()
            out[app] = plain(bot.page, bot.playwright_error, f"{site}/{path}")
    finally:
        bot.close()
    return out


def our_side(ground: Ground, site: str, apps: Mapping[str, str]) -> dict[str, str]:
    """Implementation → failure; empty when the flow went through. Each in a run of its own: an empty browser."""
    out = {}
    for app, path in apps.items():
        ran = ground.run("todos", {"site": site, "apps": [path]})
        out[app] = "" if ran.status == "succeeded" else ran.failures.get(path, ran.status)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--apps", default="")
    parser.add_argument("--ours-only", action="store_true")
    given = parser.parse_args()
    apps = pages(given.examples, [a for a in given.apps.split(",") if a])
    server, site = serve(given.examples)
    ground = Ground([FLOW])
    try:
        ours = our_side(ground, site, apps)
        theirs = {} if given.ours_only else plain_side(site, apps, ground.folder)
    finally:
        ground.close()
        server.shutdown()
    for app in apps:
        stage, why = theirs.get(app, ("-", ""))
        print(f"{app:30} ours: {ours[app][:110] or 'done':12}  plain: {stage} {why}")
    counts = {stage: sum(STAGES.index(s) >= n for s, _ in theirs.values()) for n, stage in enumerate(STAGES) if n}
    done = sum(not why for why in ours.values())
    print(json.dumps({"schema": 1, "implementations": len(apps), "ours": done, "plain": counts}))


if __name__ == "__main__":
    main()

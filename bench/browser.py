"""How fast flows are in the browser, beside raw Playwright and Robot Framework Browser: the same 200 actions.

    python -m bench.browser [--robot FILE] [--rounds 3] [--evidence failure|full]
    python -m bench.browser --contexts 8        that many at once, each a process with a browser
    python -m bench.browser --start             from `rpa run` on the command line to the first page

FILE is the program `robot` of an environment with robotframework-browser (`rfbrowser init --skip-browsers`). Each
side is a process of its own, by turns, on the same chromium. The page itself measures, from its load to the click on
Finish; ours is a flow in the real engine with its ledger. With `--evidence full` raw Playwright records a trace with
the same options. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bots.browser.launch import find_browser

PAGE = """<!doctype html><html lang=en><title>Bench</title><link rel=icon href="data:,">
<h1>Lines</h1><form onsubmit="return false">
<label>Description <input id=d></label> <label>Amount <input id=a></label>
<label>Currency <select id=c><option>EUR<option>USD<option>KRW</select></label>
<button id=add>Add line</button> <button id=end>Finish</button></form>
<table><thead><tr><th>Description<th>Amount<th>Currency</tr></thead><tbody id=t></tbody></table>
<script>
const start = performance.now();
add.onclick = () => {
  const r = t.insertRow();
  for (const v of [d.value, a.value, c.value]) r.insertCell().textContent = v;
};
end.onclick = () => {
  const told = new XMLHttpRequest();
  told.open('POST', '/done' + location.search + '&ms=' + (performance.now() - start) + '&rows=' + t.rows.length, false);
  told.send();
  document.title = 'Finished';
};
</script>"""
LINES = 50
CURRENCIES = ("EUR", "USD", "KRW")
FLOW = """flow: lines
inputs:
  address: {type: url}
steps:
  - browser.goto: "${inputs.address}"
  - for_each: {in: "${numbers(0, 49)}", as: n}
    do:
      - browser.fill: {target: Description, text: "Line ${n}"}
      - browser.fill: {target: Amount, text: "${n}.50"}
      - browser.select: {target: Currency, option: "${['EUR', 'USD', 'KRW'][n % 3]}"}
      - browser.click: Add line
  - browser.click: Finish
"""
ROBOT = """*** Settings ***
Library    Browser

*** Test Cases ***
Lines
    New Browser    chromium    headless=True    executablePath={program}    args={arguments}
    New Page    {address}
    FOR    ${{n}}    IN RANGE    50
        Fill Text    role=textbox[name="Description"]    Line ${{n}}
        Fill Text    role=textbox[name="Amount"]    ${{n}}.50
        ${{currency}}=    Evaluate    ['EUR', 'USD', 'KRW'][${{n}} % 3]
        Select Options By    role=combobox[name="Currency"]    text    ${{currency}}
        Click    role=button[name="Add line"]
    END
    Click    role=button[name="Finish"]
"""


class Site:
    """The page, and what it told: side → seconds, and when it was first asked for."""

    def __init__(self) -> None:
        self.told: dict[str, list[float]] = {}
        self.asked: list[float] = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(time.time())
                self.answer(PAGE.encode())

            def do_POST(self) -> None:
                said = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                if int(said["rows"]) == LINES:
                    site.told.setdefault(said["side"], []).append(float(said["ms"]) / 1000)
                self.answer(b"")

            def answer(self, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                """Silence."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/lines"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


def raw_side(address: str, evidence: str) -> None:
    """200 actions as a Playwright user writes them."""
    from bots.browser.bot import Browser
    from tests.bots.fakes import FakeContext

    bot = Browser()
    folder = Path(tempfile.mkdtemp())
    bot.open(FakeContext(folder, evidence="none"))
    page = bot.page
    if evidence == "full":
        bot.context.tracing.start(screenshots=True, snapshots=True)
    page.goto(address)
    for n in range(LINES):
        page.get_by_label("Description").fill(f"Line {n}")
        page.get_by_label("Amount").fill(f"{n}.50")
        page.get_by_label("Currency").select_option(CURRENCIES[n % 3])
        page.get_by_role("button", name="Add line").click()
    page.get_by_role("button", name="Finish").click()
    if evidence == "full":
        bot.context.tracing.stop(path=folder / "trace.zip")
    bot.close()


def our_side(address: str, evidence: str) -> None:
    """The same as a flow in the engine, with its ledger."""
    from bench.flow_runs import Ground

    file = Path(tempfile.mkdtemp()) / "lines.yaml"
    file.write_text(FLOW, "utf-8")
    ground = Ground([file], evidence=evidence)
    ran = ground.run("lines", {"address": address})
    ground.close()
    if ran.status != "succeeded":
        raise SystemExit(f"the flow {ran.status}: {dict(ran.failures)}")


def robot_side(robot: str, address: str) -> list[str]:
    """The command of the same in Robot Framework Browser; only its library output is left out."""
    folder = Path(tempfile.mkdtemp())
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = '["--no-sandbox"]' if root else "[]"
    suite = folder / "lines.robot"
    suite.write_text(ROBOT.format(program=find_browser(), arguments=arguments, address=address), "utf-8")
    return [robot, "--outputdir", str(folder), "--console", "none", str(suite)]


def command(side: str, address: str, given: argparse.Namespace) -> list[str]:
    at = f"{address}?side={side}"
    if side == "robot":
        return robot_side(given.robot, at)
    return [sys.executable, "-m", "bench.browser", "--side", side, "--address", at, "--evidence", given.evidence]


def by_turns(site: Site, given: argparse.Namespace) -> dict[str, Any]:
    """The sides one after the other, round by round: a busy moment strikes all of them."""
    sides = ["raw", "ours", *(["robot"] if given.robot else [])]
    for _ in range(given.rounds):
        for side in sides:
            subprocess.run(command(side, site.address, given), check=True)
    medians = {side: statistics.median(site.told[side]) for side in sides}
    return {
        "actions": LINES * 4,
        "evidence": given.evidence,
        "rounds": given.rounds,
        **{f"{side}_s": [round(t, 2) for t in site.told[side]] for side in sides},
        "medians_s": {side: round(value, 2) for side, value in medians.items()},
        "times_raw": {side: round(medians[side] / medians["raw"], 3) for side in sides if side != "raw"},
        "times_raw_best": {
            side: round(min(site.told[side]) / min(site.told["raw"]), 3) for side in sides if side != "raw"
        },
    }


def at_once(site: Site, given: argparse.Namespace) -> dict[str, Any]:
    """So many contexts at once, and one alone, on both sides: by how much each gets slower."""
    out: dict[str, Any] = {"contexts": given.contexts}
    for side in ("raw", "ours"):
        walls = {}
        for many in (1, given.contexts):
            start = time.perf_counter()
            running = [subprocess.Popen(command(side, site.address, given)) for _ in range(many)]
            if any(process.wait() for process in running):
                raise SystemExit(f"a process of {side} failed")
            walls[many] = time.perf_counter() - start
        rate = given.contexts * LINES * 4 / walls[given.contexts]
        out[side] = {
            "one_s": round(walls[1], 2),
            "all_s": round(walls[given.contexts], 2),
            "actions_per_s": round(rate, 1),
        }
    out["times_raw"] = round(out["ours"]["all_s"] / out["raw"]["all_s"], 3)
    return out


def start(site: Site, given: argparse.Namespace) -> dict[str, Any]:
    """Seconds from the call of `rpa run` to the first request of the page."""
    folder = Path(tempfile.mkdtemp())
    rpa = Path(sys.executable).with_name("rpa")
    environment = {**os.environ, "RPA_KEY_FILE": str(folder / "key")}
    subprocess.run([rpa, "init", str(folder / "project")], check=True, capture_output=True, env=environment)
    flow = folder / "project" / "flows" / "first_page.yaml"
    flow.write_text(
        "flow: first_page\ninputs:\n  address: {type: url}\nsteps:\n  - browser.goto: ${inputs.address}\n", "utf-8"
    )
    seconds = []
    for _ in range(given.rounds + 1):
        begun = time.time()
        subprocess.run(
            [rpa, "run", "first_page", "-i", f"address={site.address}"],
            check=True,
            capture_output=True,
            cwd=folder / "project",
            env=environment,
        )
        seconds.append(site.asked[-1] - begun)
    return {
        "start_to_first_page_s": [round(s, 2) for s in seconds[1:]],
        "median_s": round(statistics.median(seconds[1:]), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--evidence", choices=["none", "failure", "full"], default="failure")
    parser.add_argument("--robot", default="")
    parser.add_argument("--contexts", type=int, default=0)
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--side", choices=["raw", "ours"], help=argparse.SUPPRESS)
    parser.add_argument("--address", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        (raw_side if given.side == "raw" else our_side)(given.address, given.evidence)
        return
    site = Site()
    measured = at_once(site, given) if given.contexts else start(site, given) if given.start else by_turns(site, given)
    print(json.dumps({"schema": 1, **measured}))


if __name__ == "__main__":
    main()

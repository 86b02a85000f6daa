"""How fast the browser bot is beside raw Playwright: the same 200 actions, turn by turn on the same browser.

    python -m bench.browser [--rounds 5] [--evidence failure|full]

Prints one JSON line: seconds of each side (best and median), and the ratio of the medians. Our side does
what the engine does with a step: validation of the parameters by the action's model, the action itself,
settling.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bots.browser.actions import fields, navigation, pointer, reading
from bots.browser.bot import Browser
from flows.action import Catalog
from tests.bots.fakes import Doing, FakeContext

PAGE = """<!doctype html><html lang=en><title>Bench</title><h1>Lines</h1><form onsubmit="return false">
<label>Description <input id=d></label> <label>Amount <input id=a></label>
<label>Currency <select id=c><option>EUR<option>USD<option>KRW</select></label>
<button id=add>Add line</button></form>
<table><thead><tr><th>Description<th>Amount<th>Currency</tr></thead><tbody id=t></tbody></table>
<script>add.onclick = () => { const r = t.insertRow(); for (const v of [d.value, a.value,
    c.value]) r.insertCell().textContent = v; };
</script>"""
ROUNDS = 50
CURRENCIES = ("EUR", "USD", "KRW")


def raw(page: Any) -> None:
    """200 actions as a Playwright user writes them."""
    for n in range(ROUNDS):
        page.get_by_label("Description").fill(f"Line {n}")
        page.get_by_label("Amount").fill(f"{n}.50")
        page.get_by_label("Currency").select_option(CURRENCIES[n % 3])
        page.get_by_role("button", name="Add line").click()


def ours(do: Doing) -> None:
    """The same 200 actions as steps of a flow."""
    for n in range(ROUNDS):
        do("browser.fill", target="Description", text=f"Line {n}")
        do("browser.fill", target="Amount", text=f"{n}.50")
        do("browser.select", target="Currency", option=CURRENCIES[n % 3])
        do("browser.click", target="Add line")


def timed(bot: Browser, folder: Path, work: Callable[[], None]) -> float:
    page_file = folder / "bench.html"
    page_file.write_text(PAGE, "utf-8")
    bot.reset()
    bot.page.goto(page_file.as_uri())
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    assert bot.page.locator("tbody tr").count() == ROUNDS
    return seconds


def measure(rounds: int, evidence: str) -> dict[str, Any]:
    """Alternates the two sides, so that a busy moment of the machine strikes both."""
    folder = Path(tempfile.mkdtemp())
    ctx = FakeContext(folder, evidence=evidence)
    bot = Browser()
    bot.open(ctx)
    do = Doing(Catalog.of_modules([navigation, pointer, fields, reading]), bot, ctx)
    sides: dict[str, list[float]] = {"raw": [], "ours": []}
    for n in range(rounds + 1):
        results = {
            "raw": timed(bot, folder, lambda: raw(bot.page)),
            "ours": timed(bot, folder, lambda: ours(do)),
        }
        for side, seconds in results.items() if n else ():
            sides[side].append(seconds)
    bot.close()
    medians = {side: statistics.median(times) for side, times in sides.items()}
    return {
        "schema": 1,
        "actions": ROUNDS * 4,
        "evidence": evidence,
        "rounds": rounds,
        **{f"{side}_best_s": round(min(times), 3) for side, times in sides.items()},
        **{f"{side}_median_s": round(value, 3) for side, value in medians.items()},
        "ratio": round(medians["ours"] / medians["raw"], 3),
        "ratio_best": round(min(sides["ours"]) / min(sides["raw"]), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--evidence", choices=["none", "failure", "full"], default="failure")
    given = parser.parse_args()
    print(json.dumps(measure(given.rounds, given.evidence)))


if __name__ == "__main__":
    main()

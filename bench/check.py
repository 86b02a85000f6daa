"""How long `rpa check` takes for flows of 200 and 2,000 steps.

    python -m bench.check [--rounds 5]

Prints one JSON line for each size, for a sound flow and for one with two mistakes in every block: the whole
command (wall and CPU seconds) and the loader alone in a running program. The flow is of a kind that people
write: a document, a form, conditions, loops, expressions.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = (200, 2000)
HEAD = """flow: big
inputs:
  erp_url: {type: url, default: "https://erp.test"}
items:
  from: {files: "inbox/*.pdf"}
steps:
  - id: bill
    document.extract: {file: "${item.path}", doctype: invoice}
"""
BLOCK = """  - id: part_N
    data.set: "${bill.fields.gross_total | money} of ${bill.fields.supplier_name | upper}, N"
  - if: bill.fields.gross_total > N
    then:
      - browser.goto: "${inputs.erp_url}/bills?number=${bill.fields.invoice_number | urlencode}"
  - for_each: {in: "${bill.lines}", as: line}
    do:
      - browser.fill: {target: {label: Description, nth: last}, text: "${line.description | default('-')}"}
      - browser.select: {target: {label: Unit}, option: "${line.unit | default('pc')}"}
  - browser.expect: {role: heading, name: "Bill ${part_N}"}
"""
STEPS_A_BLOCK = 7  # a branch and a loop are steps themselves


def flow(steps: int, *, wrong: bool = False) -> str:
    blocks = [BLOCK.replace("N", str(n)) for n in range(1, (steps - 1) // STEPS_A_BLOCK + 1)]
    text = HEAD + "".join(blocks)
    if not wrong:
        return text
    return text.replace("${line.unit |", "${line.unitt |").replace("role: heading", "rolle: heading")


def measured(work: Callable[[], Any], rounds: int) -> dict[str, float]:
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), _cpu()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(_cpu() - cpu)
    return {
        "wall_best_s": round(min(walls), 3), "wall_median_s": round(statistics.median(walls), 3),
        "cpu_best_s": round(min(cpus), 3),
    }  # fmt: skip


def _cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def command(folder: Path) -> None:
    words = [sys.executable, "-m", "rpa.cli.main", "--project", str(folder), "check", "big"]
    subprocess.run(words, capture_output=True, check=False, env={**os.environ, "RPA_LANG": "en"})


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    for steps in SIZES:
        for wrong in (False, True):
            print(json.dumps(result(steps, wrong, rounds)))


def result(steps: int, wrong: bool, rounds: int) -> dict[str, Any]:
    from bots.catalog import catalog
    from flows.diagnostics import render
    from flows.loader import load

    text, actions = flow(steps, wrong=wrong), catalog()
    loaded = load(text, catalog=actions)
    assert loaded.flow is not None
    found = len(loaded.diagnostics)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "flows").mkdir()
        (folder / "inbox").mkdir()
        (folder / "flows.yaml").write_text("version: 1\n")
        (folder / "flows" / "big.yaml").write_text(text)
        whole = measured(lambda: command(folder), rounds)
    alone = measured(lambda: render(load(text, catalog=actions).diagnostics), rounds)
    counted = sum(1 for _ in loaded.flow.walk())
    return {"steps": counted, "lines": text.count("\n"), "problems": found, "command": whole, "loader": alone}


if __name__ == "__main__":
    main()

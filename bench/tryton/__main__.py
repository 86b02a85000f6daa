"""A clerk's work in Tryton by one flow: parties, bills and purchase orders entered, found, corrected and cancelled.

    python -m bench.tryton [--items 50]
    python -m bench.tryton --faults [--items 6] [--fault "slow answers"]

Without faults: how many of the items fail (none may), how long one takes. `--faults`: each fault in turn while a few
items run: the session expires, the server is killed and started again, answers are slow, an answer is lost, a window
comes up that was not there before; each run must end classified, and `rpa replay` after the fault must bring all home.
What Tryton holds is asked back through its own client library. Needs npm and the prepared Tryton (45 s the first time).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.flow_runs import Ground, Ran
from tests.acceptance.tryton.erp import ADMIN_PASSWORD, Erp

FLOW = Path(__file__).parent / "erp_desk.yaml"
KINDS = ("party", "bill", "order")
PARTY = "ACME GmbH"


def rows(count: int, mark: str, first: int = 0) -> list[dict[str, str]]:
    return [{"kind": KINDS[(first + n) % 3], "number": f"{mark}{n:03}", "party": PARTY} for n in range(count)]


def run(ground: Ground, erp: Erp, given: list[dict[str, str]]) -> Ran:
    return ground.run("erp_desk", {"erp_url": f"http://127.0.0.1:{erp.port}/", "rows": given})


def held(erp: Erp, given: list[dict[str, str]]) -> list[str]:
    """What Tryton does not hold as it should: each bill cancelled, under its corrected number, once."""
    numbers = [(bill["number"], bill["state"]) for bill in erp.bills()]
    wanted = [(row["number"] + "-B", "cancelled") for row in given if row["kind"] == "bill"]
    return [f"{pair[0]} {numbers.count(pair)} times" for pair in wanted if numbers.count(pair) != 1]


def many(ground: Ground, erp: Erp, count: int) -> dict[str, Any]:
    given = rows(count, "N")
    start = time.monotonic()
    ran = run(ground, erp, given)
    seconds = time.monotonic() - start
    return {
        "items": count,
        "status": ran.status,
        "failed": dict(ran.failures),
        "seconds_an_item": round(seconds / count, 1),
        "not_in_tryton": held(erp, given),
    }


def later(seconds: float, work: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, work)
    timer.start()
    return timer


def expire(erp: Erp) -> None:
    """The server forgets the session: what a time-out over lunch does."""
    erp.fault("unauthorised", r"POST", times=3)


def restart(erp: Erp) -> None:
    erp.kill()
    time.sleep(4)
    erp.start()


# The request that changes a record itself; a mere «create» also stands in what is read (create_date).
CHANGING = r'"method":\s*"model\.(party\.party|account\.invoice|purchase\.purchase)\.(create|write|cancel)"'
FAULTS: dict[str, Callable[[Erp], object]] = {
    "session expired": expire,
    "server killed and started again": restart,
    "slow answers": lambda erp: erp.fault("slow", r"POST", seconds=2.5, times=20),
    "answers lost": lambda erp: erp.fault("drop_answer", CHANGING, times=1),
    "a window that was not there before": lambda erp: erp.fault("error", CHANGING, times=1),
}


def under(ground: Ground, erp: Erp, name: str, count: int, mark: str) -> dict[str, Any]:
    """A few items while something goes wrong; then, with all well again, the failed ones once more."""
    fault, given = FAULTS[name], rows(count, mark, KINDS.index("bill"))
    timer = later(12, lambda: fault(erp))
    first = run(ground, erp, given)
    timer.join()
    hits = erp.front.fault.hits if erp.front is not None else 0
    if erp.front is not None:
        erp.fault("up")
    again = ground.replay(first) if first.failures else None
    last = again or first
    return {
        "fault": name,
        "requests_hit": hits,
        "met": [failure.code for failure in ground.project.ledger.failures(first.run_id)],
        "status": first.status,
        "failed": dict(first.failures),
        "after_replay": last.status,
        "still_failed": dict(last.failures),
        "not_in_tryton": held(erp, given),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--fault", choices=list(FAULTS), action="append")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    os.environ |= {"RPA_SECRET_ERP_USER": "admin", "RPA_SECRET_ERP_PASSWORD": ADMIN_PASSWORD}
    folder = Path(tempfile.mkdtemp(prefix="rpa-tryton-"))
    ground = Ground([FLOW])
    with Erp(folder, port=given.port, faulty=True) as erp:
        erp.book(
            {
                "supplier": PARTY,
                "number": "SEED",
                "date": "2026-01-05",
                "lines": [{"description": "Paper", "quantity": 1, "unit_price": "1.00", "rate": 19}],
            }
        )
        if given.faults or given.fault:
            names = given.fault or list(FAULTS)
            told: Any = [under(ground, erp, name, given.items or 6, f"F{n}") for n, name in enumerate(names)]
        else:
            told = many(ground, erp, given.items or 50)
    ground.close()
    print(json.dumps({"schema": 1, "tryton": told}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

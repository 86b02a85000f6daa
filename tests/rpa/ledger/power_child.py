"""The process whose power is cut: works on a ledger and writes down, after each flushed call, what must
hold."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rpa.ledger import checkpoints
from rpa.ledger.types import ItemStatus, RunStatus, Verdict
from tests.rpa.ledger.helpers import attempt, claimed, intend, open_ledger, taken

PAGES = 12  # a checkpoint every few commits, so that many cuts fall into one
checkpoints.EVERY, checkpoints.LONG = 3, 8


def main(folder: Path, rounds: int) -> None:
    ack = os.open(folder / "rpa.db-ack", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def say(what: str, subject: object) -> None:
        os.write(ack, json.dumps([what, subject]).encode() + b"\n")

    with open_ledger(folder) as ledger:
        ledger.writer.now(lambda c: c.exec_driver_sql(f"PRAGMA wal_autocheckpoint={PAGES}"))
        for number in range(rounds):
            claim = claimed(ledger, inputs={"text": "x" * 500})
            say("run", claim.run_id)
            item = taken(ledger, claim, f"k{number}")
            for step in range(5):
                ledger.record_attempt(
                    claim, attempt(claim, item, f"s{step}", outputs={"text": "y" * 300}), dict
                )
            write = intend(ledger, claim, item, f"k{number}")
            say("intended", [claim.run_id, write.id])
            ledger.settle(claim, write.id, Verdict.committed, by="expect")
            say("committed", write.id)
            ledger.end_item(claim, item.id, ItemStatus.succeeded)
            say("done", item.id)
            ledger.end_run(claim, RunStatus.succeeded)
            ledger.audit("kim", "look", claim.run_id)
            say("audit", number + 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

"""The process of one run. Reads its orders from stdin, reports on a pipe, ends when its supervisor is
gone."""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import signal
import sys
import threading
from typing import Any

from rpa.engine.crashpoints import arm
from rpa.ledger.types import Claim
from rpa.settings import Settings


class PipeReporter:
    """Events as JSON lines to the supervisor."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def tell(self, what: str, **details: Any) -> None:
        line = json.dumps({"what": what, **details}, ensure_ascii=False, default=str).encode() + b"\n"
        try:
            os.write(self._fd, line)
        except BrokenPipeError:
            _die()


def _die() -> None:
    """The supervisor is gone: nobody renews the lease, so nothing may go on. Takes the bots along."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


class Orders:
    """Lines from the supervisor; their end means that it died."""

    def __init__(self) -> None:
        self.lines: queue.Queue[str] = queue.Queue()
        self.done = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.lines.put(line.rstrip("\n"))
        if not self.done:
            _die()


def main() -> int:
    faulthandler.enable()  # also foreign code that crashes leaves a trace
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor hears Ctrl-C and cancels through the ledger
    reporter = PipeReporter(int(sys.argv[1]))
    orders = Orders()
    from rpa.app.compose import execute  # loaded while the order is still on its way

    hello = json.loads(orders.lines.get())
    settings = Settings(**hello["settings"])
    if settings.crash_at:
        arm(settings.crash_at)

    def prompt(step: str, text: str) -> str:
        reporter.tell("prompt", step=step, text=text)
        return orders.lines.get()

    execute(settings, Claim(**hello["claim"]), reporter, prompt if hello.get("interactive") else None)
    orders.done = True
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The supervisor: claims a run, starts its process, renews the lease, enforces deadlines, writes down a
death.

Deadlines hold twice. The bot has its own; `GRACE_S` after it the supervisor kills the whole process group,
because blocking automation, inference and foreign code cannot be stopped otherwise.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rpa.ledger.port import LedgerPort
from rpa.ledger.types import Claim, FailureRecord, RunRecord, RunStatus
from rpa.settings import Settings
from rpa.worker.last_words import LastWords, ending
from rpa.worker.limits import Excess, Limits
from rpa.worker.starting import Started, start
from rpa.worker.starting import worker_name as worker_name

GRACE_S = 10.0
RENEW_SHARE = 3
ENDED_ITEMS = ("succeeded", "failed_business", "failed_application", "failed_flow", "in_doubt")
OnEvent = Callable[[Mapping[str, Any]], None]


def _ignore(_: Mapping[str, Any]) -> None:
    return


@dataclass
class _Watch:
    """What the supervisor knows of the running child."""

    deadline: float | None = None
    step: str = ""
    item: int | None = None
    killed: str = ""
    recycled: Excess = ""


class Supervisor:
    """Runs one claimed run at a time in a child process of its own."""

    def __init__(
        self,
        settings: Settings,
        ledger: LedgerPort,
        *,
        on_event: OnEvent = _ignore,
        answer: Callable[[Mapping[str, Any]], str] | None = None,
        can: Sequence[str] = (),
        recycle: bool = False,
        started: Started | None = None,
    ) -> None:
        """With `recycle` a run that grows too big or old is asked to stop; the caller queues its rest. `started`: the
        process of the first run, when it was started ahead."""
        self.settings, self.ledger, self.on_event, self.answer = settings, ledger, on_event, answer
        self.name, self.can, self.recycle = worker_name(), can, recycle
        self._started = started
        self.stopping = False  # set from another thread: the run is killed
        self.recycled: Excess = ""  # why the last run was asked to go on in a fresh process

    def run_one(self, run_id: str | None = None) -> RunRecord | None:
        """Claims and executes `run_id`, or the next queued run. None when there is nothing to claim."""
        claimed = self.ledger.claim(self.name, run_id=run_id, lease_s=self.settings.lease_s, capabilities=self.can)
        if claimed is None:
            return None
        claim, record = claimed
        process, events = self._start(claim)
        assert process.stderr is not None
        words = LastWords(process.stderr)
        self.ledger.attach_child(claim, process.pid)
        watch = _Watch()
        try:
            self._follow(process, events, claim, watch, record)
        finally:
            self._end(process)
            os.close(events)
        self._write_down(process, claim, watch, words.told())
        self.recycled = watch.recycled
        return self.ledger.run(claim.run_id)

    # ── the child ──
    def _start(self, claim: Claim) -> tuple[subprocess.Popen[bytes], int]:
        started, self._started = self._started or start(self.settings, self.name), None
        hello = {
            "claim": {"run_id": claim.run_id, "token": claim.token, "worker": claim.worker},
            "settings": self.settings.model_dump(mode="json"),
            "interactive": self.answer is not None,
        }
        started.order(hello)
        return started.process, started.events

    def _follow(
        self, process: subprocess.Popen[bytes], events: int, claim: Claim, watch: _Watch, record: RunRecord
    ) -> None:
        os.set_blocking(events, False)
        with selectors.DefaultSelector() as selector:
            selector.register(events, selectors.EVENT_READ)
            renew_every = self.settings.lease_s / RENEW_SHARE
            limits = Limits.of(self.settings)
            next_renewal, buffer = time.monotonic() + renew_every, b""
            ends = time.monotonic() + record.max_duration_s if record.max_duration_s else None
            while True:
                if selector.select(timeout=0.2):
                    chunk = os.read(events, 65536)
                    if not chunk:
                        return
                    *lines, buffer = (buffer + chunk).split(b"\n")
                    for line in lines:
                        self._event(json.loads(line), process, watch)
                elif process.poll() is not None:
                    return
                now = time.monotonic()
                if now >= next_renewal:
                    next_renewal = now + renew_every
                    if not self.ledger.renew(claim, lease_s=self.settings.lease_s):
                        self._kill(process, watch, "lease-lost")
                if self.stopping:
                    self._kill(process, watch, "service-stopped")
                if self.recycle and not watch.recycled and (excess := limits.excess(process.pid)):
                    self._recycle(process, claim, watch, excess)
                if watch.deadline is not None and now > watch.deadline + GRACE_S:
                    self._kill(process, watch, "timed-out")
                if ends is not None and now > ends:
                    self.ledger.request_cancel(claim.run_id, actor="max_duration")
                    if now > ends + GRACE_S + 30:
                        self._kill(process, watch, "max-duration")

    def _event(self, event: dict[str, Any], process: subprocess.Popen[bytes], watch: _Watch) -> None:
        if event.get("what") == "step":
            watch.deadline, watch.step, watch.item = event.get("deadline"), event.get("path", ""), event.get("item")
        elif event.get("what") in ("item", "items", "session"):
            watch.deadline = None
        if event.get("what") == "prompt" and self.answer is not None and process.stdin:
            watch.deadline = None
            threading.Thread(target=self._answer, args=(event, process), daemon=True).start()
            return
        self.on_event(event)

    def _answer(self, event: Mapping[str, Any], process: subprocess.Popen[bytes]) -> None:
        """In a thread of its own: the lease is renewed while the person thinks."""
        assert self.answer is not None and process.stdin is not None
        line = self.answer(event).encode() + b"\n"
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except (BrokenPipeError, ValueError):  # the run ended, or its pipe is closed: nobody waits for the answer
            return

    def _recycle(self, process: subprocess.Popen[bytes], claim: Claim, watch: _Watch, excess: Excess) -> None:
        """A run that has done items stops at its next safe point, to go on in a fresh process. One that has
        done none is let grow old, but not big: afresh it would only grow again."""
        counts = self.ledger.run(claim.run_id).counts
        if any(counts.get(status) for status in ENDED_ITEMS):
            watch.recycled = excess
            self.ledger.request_cancel(claim.run_id, actor=excess)
        elif excess == "memory-limit":
            watch.recycled = excess
            self._kill(process, watch, excess)

    def _kill(self, process: subprocess.Popen[bytes], watch: _Watch, why: str) -> None:
        if not watch.killed:
            watch.killed = why
            _kill_group(process.pid)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin:
            process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        _kill_group(process.pid)  # also what the child left behind (browsers, displays)
        process.wait()

    # ── its death ──
    def _write_down(self, process: subprocess.Popen[bytes], claim: Claim, watch: _Watch, words: str) -> None:
        record = self.ledger.run(claim.run_id)
        if record.status is not RunStatus.running or watch.killed == "lease-lost":
            return
        reason = watch.killed or "worker-crashed"
        kind = "application" if reason == "timed-out" else "engine"
        failure = FailureRecord(
            kind=kind,
            code=reason,
            message="",
            step_path=watch.step,
            run_id=claim.run_id,
            item_id=watch.item,
            details={"step": watch.step, "status": _told(process.returncode, words), "trace": words},
            effect="maybe",
        )
        self.ledger.end_abandoned(claim, reason, failure)


def _told(status: int, words: str) -> str:
    """`SIGSEGV`, or `exit code 1: KeyError, texts.py:120 in _read`: the last frame and what came after it."""
    lines = words.splitlines()
    frames = [line for line in lines if " in " in line]
    errors = [line for line in lines[-1:] if line not in frames]
    last = ", ".join((*errors, *frames[-1:]))
    return f"{ending(status)}: {last}" if last else ending(status)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:
        return

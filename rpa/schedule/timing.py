"""APScheduler proposes: it wakes the planner when something is due. What fires the planner and the ledger
decide."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from flows.failures import Failure
from rpa.schedule.decide import TOGETHER, Decision, Planner

RETRY_S = 5.0  # until a decision is tried again that the ledger could not take
MOST_NAMED = 10  # schedules in one log line
Log = Callable[..., None]


class Agenda(BaseTrigger):  # type: ignore[misc]
    """One trigger for all schedules: the next moment at which anything is due. What has come due is kept
    until it is taken."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._lock = threading.Lock()
        self._heap: list[tuple[datetime, str]] = []
        self._due: list[str] = []

    def add(self, name: str, after: datetime) -> None:
        """The schedule's next due time after a moment, when it has one."""
        plan = self.planner.plan(name)
        due = plan.next(after) if plan is not None else None
        if due is not None:
            heapq.heappush(self._heap, (due.at, name))

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        with self._lock:
            while self._heap and self._heap[0][0] <= now:
                _, name = heapq.heappop(self._heap)
                self._due.append(name)
                self.add(name, now)
            return self._heap[0][0] if self._heap else None

    def coming(self, number: int) -> list[tuple[datetime, str]]:
        """The next due times with their schedules, without changing anything."""
        with self._lock:
            return heapq.nsmallest(number, self._heap)

    def take(self) -> list[str]:
        with self._lock:
            taken, self._due = self._due, []
            return taken


class Timing:
    """APScheduler around one planner. Its one job only says «look now»; a tick decides from the ledger."""

    def __init__(self, planner: Planner, log: Log, lateness: Callable[[datetime | None], None]) -> None:
        self.planner, self.log, self.lateness = planner, log, lateness
        self.names = [n for n in planner.project.manifest.schedules if planner.plan(n) is not None]
        self.agenda = Agenda(planner)
        self._stopping = threading.Event()
        self._failed: dict[str, float] = {}
        self.scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    def start(self) -> None:
        """Decides what is overdue, then waits for the rest."""
        self.overdue()
        self.scheduler.add_job(self._look, self.agenda, id="agenda")
        self.scheduler.start()
        self._look()

    def overdue(self) -> None:
        """Decides what came due while no service ran; what comes next is put on the agenda."""
        now = datetime.now(UTC)
        self.planner.prepare(now)
        for name in self.names:
            self.agenda.add(name, self.planner.settled(name, now))
        self.agenda.get_next_fire_time(None, now)
        self._look()
        self._warm()

    def _warm(self) -> None:
        """Reads what is due next, so that its fire need not wait for the libraries that read flows."""
        for _, name in self.agenda.coming(1):
            with suppress(Failure):  # told when it is due
                self.planner.flow(name)

    def _look(self) -> None:
        names = list(dict.fromkeys(self.agenda.take()))
        for n in range(0, len(names), TOGETHER):
            if self._stopping.is_set():  # the next service finds the rest overdue
                return
            self.tick(*names[n : n + TOGETHER])

    def tick(self, *names: str) -> None:
        """Decides what came due of these, together. When the ledger cannot take it, each is tried again by
        itself, so that one that it refuses keeps no other back."""
        try:
            for decision in self.planner.tick_all(names):
                if decision.reason == "due":
                    self.lateness(decision.due)
                tell(self.log, decision)
        except Failure as failure:  # a full disk, a ledger out of reach: the due time stays undecided
            self._failed.update(dict.fromkeys(names, time.monotonic() + RETRY_S))
            shown = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
            self.log("tick-failed", schedule=shown, code=failure.code, reason=str(failure))

    def again(self) -> None:
        """Tries what the ledger could not take."""
        ripe = [name for name, at in list(self._failed.items()) if at <= time.monotonic()]
        for name in ripe:
            del self._failed[name]
            self.tick(name)

    def stop(self) -> None:
        self._stopping.set()
        if self.scheduler.running:
            self.scheduler.shutdown(wait=True)


def tell(log: Log, decision: Decision) -> None:
    log(
        "fired" if decision.run_id else "not-fired",
        schedule=decision.schedule,
        occurrence=decision.occurrence,
        run=decision.run_id,
        due=decision.due.isoformat() if decision.due else None,
        reason=decision.reason,
    )

"""The service: a scheduler that proposes, workers that claim, and the housekeeping between them."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.catalogue import known, text
from flows.failures import Failure
from rpa.app.capabilities import found_here
from rpa.app.project import Project
from rpa.ledger.durable import replace_file
from rpa.ledger.types import ItemStatus, RunRecord, RunStatus
from rpa.schedule.alerts import Alerts
from rpa.schedule.decide import Planner
from rpa.schedule.endpoint import Answer, Door, open_door, take_call
from rpa.schedule.handback import hand_back
from rpa.schedule.heartbeat import Heart
from rpa.schedule.manifest import Schedule
from rpa.schedule.metrics import Metrics
from rpa.schedule.pauses import paused, stopped_by_pause
from rpa.schedule.reading import shared_reading, with_shared_reading
from rpa.schedule.spans import Spans
from rpa.schedule.timing import Log, Timing, tell
from rpa.schedule.watch import Watcher
from rpa.settings import MANIFEST, Settings
from rpa.worker.orphans import sweep_orphans
from rpa.worker.supervisor import Supervisor, worker_name
from rpa.worker.upkeep import Upkeep

BEAT_S = 1.0  # between two rounds of housekeeping
JUMP_S = 5.0  # wall and monotonic clock apart by more: the wall clock was set
HEALTHY_S = 60.0  # without a round of housekeeping
PASSING = ("disk-full", "disk-low", "ledger-unreachable")  # what a worker waits for to pass
PASSING_S = 10.0
IDLE_S = 0.5  # of a worker without work
ORPHANS_S = 60.0  # between two looks for programs of lost workers
END_S = 30.0  # for a cancelled run to reach its safe point
_LINE = threading.Lock()


def log_line(event: str, **details: Any) -> None:
    """One JSON line on stderr."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **details}
    shown = json.dumps(line, ensure_ascii=False, default=str) + "\n"
    with _LINE:  # workers and scheduler tell at the same time
        sys.stderr.write(shown)
        sys.stderr.flush()


class Service:
    """Scheduler, workers and housekeeping in one process; each run is a child process of its own."""

    def __init__(
        self,
        settings: Settings,
        *,
        concurrency: int = 1,
        drain_s: float = 30.0,
        log: Log = log_line,
        can: Sequence[str] | None = None,
    ) -> None:
        self.settings, self.concurrency, self.drain_s = settings, concurrency, drain_s
        self.can = tuple(found_here(settings) if can is None else can)
        self._supervisors: list[Supervisor] = []
        self._next_sweep = 0.0
        self._spans = Spans.to(settings.telemetry) if settings.telemetry else None
        self._given_up: dict[str, str] = {}  # run → why its worker asked it to stop
        self.metrics, self._out = Metrics(), log
        self.stopping = threading.Event()
        self.broken: Failure | None = None
        self.ready = False
        self.beat = time.monotonic()
        self.ledger = Project(settings).ledger
        self._upkeep = Upkeep(self.ledger, settings)
        self._folder = tempfile.TemporaryDirectory(prefix="rpa-serve-")
        self._accepted = Path(self._folder.name) / MANIFEST  # what runs read, also when the file is broken
        self._child_settings = settings.model_copy(update={"manifest": self._accepted})
        self._stamp = self._manifest_stamp()
        self._use(Project(settings))

    def log(self, event: str, **details: Any) -> None:
        self.metrics.count(event, details)
        self._out(event, **details)

    def _use(self, project: Project) -> None:
        """Raises FlowFailure `manifest-invalid` before anything has changed."""
        planner = Planner(project, self.ledger)
        replace_file(self._accepted, project.manifest.text.encode())
        self.timing = Timing(planner, self.log, self.metrics.lateness)
        self.project, self.planner = project, planner
        self.watcher, self.alerts, self.heart = (
            Watcher(planner),
            Alerts(planner, self.log),
            Heart(project, self.log),
        )
        self.metrics.gauge("rpa_schedules", len(project.manifest.schedules))

    # ── modes ──
    def once(self) -> None:
        """Decides all that is due now, works until the queue is empty, tells, and returns."""
        self.timing.overdue()
        self._watch()
        supervisor = self._supervisor()
        while not self.stopping.is_set() and self._work_one(supervisor):
            pass
        self._clean_up()
        self._last_words()

    def run(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Until `stopping` is set. Then no run begins; running ones get `drain_s` to end, then are asked to
        stop at their next safe point. `port` 0: no endpoints. Raises the Failure that broke a worker."""
        door = open_door(self._door(), host, port) if port else None
        self.log(
            "service-started",
            concurrency=self.concurrency,
            can=self.can,
            schedules=len(self.project.manifest.schedules),
        )
        self._orphans()
        self._reading = shared_reading(self.settings, Path(self._folder.name))
        self._child_settings = with_shared_reading(self._child_settings, self._reading)
        workers = [threading.Thread(target=self._guarded, name=f"worker-{n}") for n in range(self.concurrency)]
        if door is not None:
            threading.Thread(target=door.serve_forever, daemon=True).start()
        try:
            self._begin(workers)
            self._housekeeping()
        finally:
            self._end(workers)
            if self._reading is not None:
                self._reading.close()
            if door is not None:
                door.shutdown()
        if self.broken is not None:
            raise self.broken

    def _begin(self, workers: list[threading.Thread]) -> None:
        for worker in workers:
            worker.start()
        self.timing.start()
        self.ready = True
        self.log("service-ready")

    def _end(self, workers: list[threading.Thread]) -> None:
        self.ready = False
        self.stopping.set()
        self.timing.stop()
        self._drain(workers)
        self._last_words()
        self.log("service-stopped")

    def _last_words(self) -> None:
        self.alerts.look(force=True)
        if self._spans is not None:
            self._spans.close()

    def _drain(self, workers: list[threading.Thread]) -> None:
        _join(workers, self.drain_s)
        if any(w.is_alive() for w in workers):
            for run in self._own():
                self.log("handing-back", run=run.id)
                self._given_up[run.id] = "service-stopped"
                self.ledger.request_cancel(run.id, actor="service-stopped")
            _join(workers, END_S)
        for supervisor in self._supervisors:  # a step that does not end
            supervisor.stopping = True
        _join(workers, END_S)

    def _own(self) -> list[RunRecord]:
        running = self.ledger.runs(status=[RunStatus.running], limit=None)
        return [r for r in running if r.worker == worker_name()]

    # ── the door ──
    def _door(self) -> Door:
        return Door(
            healthy=lambda: time.monotonic() - self.beat < HEALTHY_S,
            ready=lambda: {
                "ready": self.ready and not self.stopping.is_set(),
                "schedules": len(self.timing.names),
            },
            metrics=self._metrics,
            called=self._called,
        )

    def _called(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        status, answer = take_call(self.planner, path, headers, body)
        self.log("called", path=path, status=status, **answer)
        return status, answer

    def _metrics(self) -> str:
        counts = self.ledger.run_counts(datetime.now(UTC))
        self.metrics.gauge("rpa_runs", counts.get("queued", 0) + counts.get("running", 0))
        return self.metrics.text()

    # ── workers ──
    def _guarded(self) -> None:
        """A worker that fails stops the whole service, so that its keeper starts it afresh."""
        try:
            self._work()
        except Failure as failure:
            self.broken = failure
            self.log("worker-broken", code=failure.code, details=failure.details)
        finally:
            self.stopping.set()

    def _work(self) -> None:
        supervisor = self._supervisor()
        while not self.stopping.is_set():
            try:
                if not self._work_one(supervisor):
                    self._clean_up()
                    self.stopping.wait(IDLE_S)
            except Failure as failure:
                if failure.code not in PASSING:
                    raise
                self.log("worker-waits", code=failure.code, details=failure.details)
                self.stopping.wait(PASSING_S)

    def _clean_up(self) -> None:
        pruned = self._upkeep.when_idle()
        if pruned is not None:
            self.log("cleaned-up", **asdict(pruned))

    def _supervisor(self) -> Supervisor:
        made = Supervisor(self._child_settings, self.ledger, can=self.can, recycle=True)
        self._supervisors.append(made)
        return made

    def _work_one(self, supervisor: Supervisor) -> bool:
        record = None if paused(self.ledger) else supervisor.run_one()
        if record is not None:
            self._told(record)
            why = "paused" if stopped_by_pause(self.ledger, record.id) else supervisor.recycled
            self._go_on(record, self._given_up.pop(record.id, why))
        return record is not None

    def _go_on(self, run: RunRecord, why: str) -> None:
        """The rest of a run that was asked to stop for no fault of its own is queued for another process."""
        if why and run.status in (RunStatus.cancelled, RunStatus.abandoned) and run.reason != "memory-limit":
            self.log("handed-back", run=run.id, why=why, rest=hand_back(self.planner, run, why=why))

    def _told(self, run: RunRecord) -> None:
        bad = [
            ItemStatus.failed_business,
            ItemStatus.failed_application,
            ItemStatus.failed_flow,
            ItemStatus.in_doubt,
        ]
        for item in self.ledger.items(run_id=run.id, status=bad, limit=100):
            self.log(
                "item-ended",
                run=run.id,
                item=item.id,
                status=str(item.status),
                code=item.failure.code if item.failure else "",
            )
        took = (run.ended - run.started).total_seconds() if run.ended and run.started else None
        self.log(
            "run-ended",
            run=run.id,
            flow=run.flow_id,
            schedule=run.schedule,
            status=str(run.status),
            reason=run.reason,
            seconds=took,
            items=dict(run.counts),
        )
        if self._spans is not None:
            self._spans.tell(self.ledger, run)

    # ── housekeeping ──
    def _housekeeping(self) -> None:
        last_wall, last_steady = time.time(), time.monotonic()
        while not self.stopping.wait(BEAT_S):
            wall, steady = time.time(), time.monotonic()
            jump = (wall - last_wall) - (steady - last_steady)
            last_wall, last_steady = wall, steady
            if abs(jump) > JUMP_S:
                self.log("clock-jumped", seconds=round(jump, 1))
                self._restart(self.project)
            for part in (self._reload, self.timing.again, self._watch, self._tell, self._orphans):
                self._try(part)
            self.beat = time.monotonic()

    def _tell(self) -> None:
        self.alerts.look()
        self.heart.look()

    def _try(self, part: Callable[[], None]) -> None:
        """What fails for now (a full disk) is told, and tried again in the next round."""
        try:
            part()
        except (Failure, OSError) as error:
            self.log("housekeeping-failed", part=part.__name__, **told_of(error))
            self.stopping.wait(PASSING_S)

    def _orphans(self) -> None:
        """What lost workers of this machine left running."""
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + ORPHANS_S
            for program in sweep_orphans():
                self.log("orphan-ended", program=program)

    def _watch(self) -> None:
        for name in self.watcher.names:
            try:
                for decision in self.watcher.look(name):
                    tell(self.log, decision)
            except (Failure, OSError) as error:
                self.log("watch-failed", schedule=name, code=getattr(error, "code", "os-error"), reason=str(error))
                self.watcher.rest(name)

    def _manifest_stamp(self) -> tuple[int, int]:
        path = self.settings.project / self.settings.manifest
        stat = path.stat() if path.is_file() else None
        return (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)

    def _reload(self) -> None:
        """A changed flows.yaml is taken over when it is sound; a broken one is refused and the old one
        stays."""
        stamp = self._manifest_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        fresh = Project(self.settings)
        try:
            new = fresh.manifest.schedules
        except Failure as failure:
            self.log("manifest-refused", code=failure.code, reason=str(failure))
            return
        old = self.project.manifest.schedules
        self.log(
            "manifest-loaded",
            added=sorted(set(new) - set(old)),
            removed=sorted(set(old) - set(new)),
            changed={n: changes(old[n], new[n]) for n in set(new) & set(old) if new[n] != old[n]},
        )
        self._restart(fresh)

    def _restart(self, project: Project) -> None:
        self.timing.stop()
        self._use(project)
        self.timing.start()


def told_of(error: Failure | OSError) -> dict[str, str]:
    """{code, reason} for the log."""
    if not isinstance(error, Failure):
        return {"code": "os-error", "reason": str(error)}
    return {"code": error.code, "reason": text(error.code, **error.details) if known(error.code) else str(error)}


def changes(old: Schedule, new: Schedule) -> dict[str, list[Any]]:
    """{key: [before, after]} of what differs."""
    before, after = old.model_dump(exclude_none=True), new.model_dump(exclude_none=True)
    return {k: [before.get(k), after.get(k)] for k in sorted({*before, *after}) if before.get(k) != after.get(k)}


def _join(threads: list[threading.Thread], seconds: float) -> None:
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))

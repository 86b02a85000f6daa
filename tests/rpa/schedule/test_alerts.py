"""One message per incident, once over all services, over mail, chat and file; held back in quiet hours."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from flows.failures import ApplicationFailure, FlowFailure
from rpa.app.project import Project
from rpa.ledger.types import FailureRecord, RunStatus
from rpa.schedule.alerts import Alerts
from rpa.schedule.approval import approve_flow, author
from rpa.schedule.decide import Planner
from rpa.schedule.heartbeat import Heart
from rpa.schedule.watch import Watcher
from tests.rpa.schedule.conftest import Planning

SMTP, CHAT, IMAP = 18520, 18521, 18522
NOTED = "  s: {flow: note, trigger: {every: 1h}, notify: {%s}}\n"


def silent(event: str, **details: Any) -> None:
    """A log that nobody reads."""


def fail(planner: Planner, code: str = "timed-out") -> str:
    run_id = planner.run_now("s", actor="kim")
    claim, _ = planner.ledger.claim("w") or pytest.fail("nothing queued")
    picture = b"\x89PNG"
    planner.ledger.keep(
        claim,
        run_id=run_id,
        item_id=None,
        step_path="1",
        kind="screenshot",
        name="last.png",
        data=picture,
        media_type="image/png",
    )
    planner.ledger.end_run(claim, RunStatus.failed, failure=FailureRecord("application", code, "too slow"))
    return run_id


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_failure_is_told_once_with_cause_picture_and_replay(planning: Planning, folder: Path) -> None:
    one, two = (planning(NOTED % "on: [failed], file: told.jsonl") for _ in range(2))
    looks = [Alerts(p, silent) for p in (one, two)]
    for alerts in looks:
        alerts.look(force=True)
    run_id = fail(one)
    for alerts in (*looks, *looks):
        alerts.look(force=True)
    (told,) = lines(folder / "told.jsonl")
    assert told["subject"] == "[failed] s"
    assert f"rpa replay {run_id}" in told["text"]
    assert "timed-out" in told["text"]
    assert Path(told["picture"]).read_bytes() == b"\x89PNG"


def test_old_failures_are_not_news(planning: Planning, folder: Path) -> None:
    planner = planning(NOTED % "on: [failed], file: told.jsonl")
    fail(planner)
    Alerts(planner, silent).look(force=True)
    assert lines(folder / "told.jsonl") == []


def test_quiet_hours_hold_a_message_back(planning: Planning, folder: Path) -> None:
    now = datetime.now(UTC)
    local = now + timedelta(hours=9)
    quiet = f"{local - timedelta(hours=1):%H:%M}-{local + timedelta(hours=1):%H:%M}"
    planner = planning(NOTED % f'on: [failed], file: told.jsonl, quiet: "{quiet}"')
    alerts = Alerts(planner, silent)
    alerts.look(now - timedelta(hours=2), force=True)
    fail(planner)
    alerts.look(now, force=True)
    assert lines(folder / "told.jsonl") == []
    alerts.look(now + timedelta(hours=2), force=True)
    assert len(lines(folder / "told.jsonl")) == 1


def test_missed_late_stuck_and_circuit(planning: Planning, folder: Path) -> None:
    planner = planning(
        "  s: {flow: note, trigger: {every: 1h}, if_missed: none, due: 10m, on_overlap: queue, stop_after_failures: 1,"
        " notify: {on: [missed, late, stuck, circuit], file: told.jsonl}}\n"
    )
    now = datetime.now(UTC)
    alerts = Alerts(planner, silent)
    alerts.look(now - timedelta(minutes=1), force=True)
    planner.run_now("s", actor="kim")
    alerts.look(now + timedelta(minutes=40), force=True)
    assert {line["subject"] for line in lines(folder / "told.jsonl")} == {"[late] s", "[stuck] s"}
    claim, _ = planner.ledger.claim("w") or pytest.fail("nothing queued")
    planner.ledger.end_run(claim, RunStatus.failed)
    planner.tick("s", now)
    planner.tick("s", now + timedelta(hours=3, minutes=30))
    planner.fire("s", "now", due=None, reason="due")
    alerts.look(now + timedelta(minutes=41), force=True)
    assert {line["subject"] for line in lines(folder / "told.jsonl")[2:]} == {"[missed] s", "[circuit] s"}


class Inbox:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


def test_mail_through_a_real_server_and_again_when_it_was_down(
    planning: Planning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rpa.schedule.alerts.RETRY_S", 0.0)
    inbox = Inbox()
    made = planning(NOTED % "on: [failed], to: [ap@example.com]")
    project = Project(made.project.settings.model_copy(update={"smtp": f"smtp://127.0.0.1:{SMTP}"}))
    planner = Planner(project, made.ledger)
    alerts = Alerts(planner, silent)
    alerts.look(force=True)
    run_id = fail(planner)
    alerts.look(force=True)
    controller = Controller(inbox, hostname="127.0.0.1", port=SMTP)
    controller.start()
    try:
        alerts.look(force=True)
        alerts.look(force=True)
    finally:
        controller.stop()
    (mail,) = inbox.mails
    assert b"Subject: [failed] s" in mail
    assert f"rpa replay {run_id}".encode() in mail
    assert b'filename="screenshot.png"' in mail


@pytest.mark.parametrize(
    ("shape", "key"), [("slack", "text"), ("kakaowork", "text"), ("teams", "text"), ("plain", "message")]
)
def test_chat_shapes(planning: Planning, shape: str, key: str) -> None:
    bodies: list[Any] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", CHAT), Chat) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        planner = planning(NOTED % f'on: [failed], webhook: "http://127.0.0.1:{CHAT}/x", shape: {shape}')
        alerts = Alerts(planner, silent)
        alerts.look(force=True)
        fail(planner)
        alerts.look(force=True)
        server.shutdown()
    (body,) = bodies
    assert body[key].startswith("[failed] s\n")


def test_the_heart_beats_into_a_file(planning: Planning, folder: Path) -> None:
    planner = planning("  s: {flow: note, trigger: {every: 1h}}\n", "heartbeat: {file: alive/now.txt, every: 5m}\n")
    heart = Heart(planner.project, silent)
    heart.look()
    told = datetime.fromisoformat((folder / "alive" / "now.txt").read_text().strip())
    assert abs(datetime.now(UTC) - told) < timedelta(seconds=10)
    (folder / "alive" / "now.txt").unlink()
    heart.look()
    assert not (folder / "alive" / "now.txt").exists(), "not before five minutes"


def test_the_heart_beats_at_an_address_and_tells_when_nobody_hears(planning: Planning) -> None:
    beats: list[str] = []

    class Watch(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            beats.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    text = "  s: {flow: note, trigger: {every: 1h}}\n"
    planner = planning(text, f'heartbeat: {{url: "http://127.0.0.1:{CHAT}/ping"}}\n')
    told: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", CHAT), Watch) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Heart(planner.project, lambda event, **_: told.append(event)).look()
        server.shutdown()
    assert (beats, told) == (["/ping"], [])
    Heart(planner.project, lambda event, **_: told.append(event)).look()
    assert told == ["heartbeat-failed"]


def test_a_second_person_approves(planning: Planning) -> None:
    planner = planning("  s: {flow: note, trigger: {every: 1h}, require_approval: true}\n")
    flow, path = planner.project.flow("note"), planner.project.flow_path("note")
    decided = planner.fire("s", "one", due=None, reason="due")
    assert decided is not None and decided.reason == "not-approved"
    with pytest.raises(FlowFailure) as told:
        approve_flow(planner.ledger, flow, path, by=author(path) or "")
    assert told.value.code == "approval-own"
    approve_flow(planner.ledger, flow, path, by="second-person")
    decided = planner.fire("s", "two", due=None, reason="due")
    assert decided is not None and decided.run_id
    assert [(a.who, a.what) for a in planner.ledger.audit_log(subject=flow.revision)] == [("second-person", "approve")]


class Imap(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as a mailbox that is only looked at needs."""

    def handle(self) -> None:
        self.say("* OK ready")
        for raw in self.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            told, ok = self.answer(rest.upper(), rest)
            for line in told:
                self.say(line)
            self.say(f"{tag} {ok}")

    def answer(self, upper: str, rest: str) -> tuple[list[str], str]:
        server: Any = self.server
        if upper.startswith("CAPABILITY"):
            return ["* CAPABILITY IMAP4rev1"], "OK done"
        if upper.startswith("LOGIN"):
            return [], "OK in" if '"secret"' in rest else "NO refused"
        if upper.startswith("EXAMINE"):
            return [
                f"* {len(server.uids)} EXISTS",
                f"* OK [UIDVALIDITY {server.validity}] valid",
            ], "OK [READ-ONLY] done"
        if upper.startswith("UID SEARCH"):
            low = int(upper.split()[3].partition(":")[0])
            found = [u for u in server.uids if u >= low] or server.uids[-1:]  # `n:*` holds the last one always
            return ["* SEARCH " + " ".join(map(str, found))], "OK done"
        return [], "OK done"

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def imap() -> Iterator[Any]:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", IMAP), Imap) as server:
        server.daemon_threads = True
        server.uids, server.validity = [4], 77  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_new_mails_fire_once_also_when_the_server_numbers_anew(
    planning: Planning, imap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RPA_SECRET_MAIL_PASSWORD", "secret")
    planner = planning(
        f"  m: {{flow: note, trigger: {{mail: {{server: 127.0.0.1, port: {IMAP}, tls: false, user: ap}}}}, on_overlap: queue}}\n"
    )
    watcher, now = Watcher(planner), datetime.now(UTC)

    def look(minutes: int) -> list[str]:
        made = watcher.look("m", now + timedelta(minutes=minutes))
        for _ in made:
            claim, _run = planner.ledger.claim("w") or pytest.fail("nothing queued")
            planner.ledger.end_run(claim, RunStatus.succeeded)
        return [d.occurrence for d in made]

    assert look(0) == ["mail-77-4"]
    assert look(2) == []
    imap.uids = [4, 5, 9]
    assert look(4) == ["mail-77-9"]
    imap.uids, imap.validity = [1], 78
    assert look(6) == ["mail-78-1"]
    assert look(8) == []


def test_a_refused_mailbox_is_a_login_refused(planning: Planning, imap: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_SECRET_MAIL_PASSWORD", "wrong")
    planner = planning(
        f"  m: {{flow: note, trigger: {{mail: {{server: 127.0.0.1, port: {IMAP}, tls: false, user: ap}}}}}}\n"
    )
    with pytest.raises(ApplicationFailure) as told:
        Watcher(planner).look("m")
    assert told.value.code == "login-refused"

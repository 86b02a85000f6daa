"""A project like a user's, with a small office and a mailbox beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bots.tables.reading import read_rows
from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.ledger.crypto import create_key
from rpa.settings import load_settings
from tests.acceptance.library import mailbox
from tests.acceptance.library.office import PASSWORD, USER, Office, office
from tests.bots.desktop.conftest import FIRST, LAST

SECRETS = {
    "SHOP_USER": USER, "SHOP_PASSWORD": PASSWORD, "PORTAL_USER": USER, "PORTAL_PASSWORD": PASSWORD,
    "MAIL_USER": "ap", "MAIL_PASSWORD": mailbox.PASSWORD,
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """How a run ended: items and failures by key."""

    status: str
    outputs: dict[str, Any]
    items: dict[str, str]
    failures: dict[str, str]


class Folder:
    """A project whose flows run in this process: the real engine, ledger and bots."""

    def __init__(self, path: Path) -> None:
        self.path = path
        create_key(path / "key")
        (path / "flows.yaml").write_text("version: 1\ntimezone: Asia/Seoul\n")
        desktop = {"first_display": FIRST, "last_display": LAST}
        given = {"project": path, "key_file": str(path / "key"), "pace": 0, "desktop": desktop}
        self.project = Project(load_settings(given, environ={}))

    def run(self, flow: str, **inputs: str) -> Ran:
        loaded = self.project.flow(flow)
        values = self.project.inputs(loaded, inputs, self.project.settings.profile)
        return self.go_on(enqueue(self.project, loaded, values))

    def go_on(self, run_id: str) -> Ran:
        """Works on a queued run until it ends or waits."""
        ledger = self.project.ledger
        claim, record = ledger.claim("test", run_id=run_id) or pytest.fail("nothing is queued")
        execute(self.project.settings, claim, Silent())
        record, items = ledger.run(record.id), ledger.items(run_id=record.id)
        failures = {i.key: i.failure.code for i in items if i.failure}
        return Ran(str(record.status), record.outputs or {}, {i.key: str(i.status) for i in items}, failures)

    def write(self, name: str, text: str) -> str:
        return self.keep(name, text.encode())

    def keep(self, name: str, data: bytes) -> str:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(data)
        return name

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [dict(row) for row in read_rows(self.path / name)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"RPA_SECRET_{name}", value)
    return Folder(tmp_path)


@pytest.fixture
def site() -> Iterator[Office]:
    with office() as running:
        yield running

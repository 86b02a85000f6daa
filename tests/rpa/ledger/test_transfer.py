"""Backup, restore, export, import, upgrade."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rpa.ledger.errors import LedgerError
from rpa.ledger.operations import backup, export, health, import_, restore
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, RunStatus
from tests.rpa.ledger.helpers import KEY, attempt, claimed, enqueue, failure, intend, open_ledger, taken


def fill(ledger: Ledger) -> str:
    claim = claimed(ledger, inputs={"iban": "DE89"})
    item = taken(ledger, claim)
    ledger.record_attempt(claim, attempt(claim, item, failure=failure(), outcome="failed"), dict)
    ledger.keep(
        claim,
        run_id=claim.run_id,
        item_id=item.id,
        step_path="p",
        kind="html",
        name="p",
        data=b"page",
        media_type="text/html",
        encrypt=True,
    )
    intend(ledger, claim, item)
    ledger.end_item(claim, item.id, ItemStatus.in_doubt, failure=failure())
    ledger.end_run(claim, RunStatus.failed)
    enqueue(ledger, replay_of=claim.run_id, locks=("a",))
    return claim.run_id


def content(ledger: Ledger, run_id: str) -> list[object]:
    return [
        ledger.run(run_id),
        sorted(ledger.runs(), key=lambda run: run.id),  # those of one moment: each database has an order of its own
        ledger.items(masked=False),
        ledger.attempts(run_id, masked=False),
        ledger.writes(),
        ledger.failures(run_id),
        ledger.id,
        [a.sha256 for a in ledger.artifacts(run_id)],
    ]


def test_a_backup_restores_to_the_same(ledger: Ledger, tmp_path: Path) -> None:
    run_id = fill(ledger)
    made = backup(ledger, tmp_path / "backup")
    assert made.files == 1 and json.loads((tmp_path / "backup/backup.json").read_text())["schema"] == 1
    restored = tmp_path / "new/rpa.db"
    assert restore(tmp_path / "backup", restored, key=KEY) == []
    with open_ledger(tmp_path / "new") as again:
        assert content(again, run_id) == content(ledger, run_id)
        (kept,) = again.artifacts(run_id)
        assert again.artifact_bytes(kept.sha256) == b"page"
        assert enqueue(again) not in (run_id, "")
    for call, code in (
        (lambda: restore(tmp_path / "backup", restored, key=KEY), "ledger-not-empty"),
        (lambda: backup(ledger, tmp_path / "backup"), "file-exists"),
        (lambda: restore(tmp_path, tmp_path / "x/rpa.db", key=KEY), "backup-missing"),
    ):
        with pytest.raises(LedgerError) as caught:
            call()
        assert caught.value.code == code


def test_a_backup_while_others_write_is_consistent(tmp_path: Path) -> None:
    import threading

    with open_ledger(tmp_path) as ledger:
        stop = threading.Event()

        def work() -> None:
            claim = claimed(ledger)
            while not stop.is_set():
                ledger.record_attempt(claim, attempt(claim), dict)
                ledger.audit("w", "x", "y")

        writing = threading.Thread(target=work)
        writing.start()
        try:
            while not ledger.audit_log():
                time.sleep(0.01)
            for n in range(3):
                backup(ledger, tmp_path / f"b{n}")
                with open_ledger(tmp_path / f"b{n}") as copy:
                    assert copy.verify() == [] and copy.audit_log()
        finally:
            stop.set()
            writing.join()


def test_an_export_can_be_imported(ledger: Ledger, tmp_path: Path) -> None:
    run_id = fill(ledger)
    number = export(ledger, tmp_path / "rows.jsonl.gz")
    assert (
        import_(tmp_path / "rows.jsonl.gz", tmp_path / "new/rpa.db", key=KEY, artifacts=ledger.blobs.folder)
        == number
    )
    with open_ledger(tmp_path / "new", artifacts=ledger.blobs.folder) as again:
        assert content(again, run_id) == content(ledger, run_id) and again.verify() == []
        ids = {
            again.record_attempt(c := claimed(again), attempt(c), dict),
            *(a.id for a in again.attempts(run_id)),
        }
        assert len(ids) == 2


@pytest.mark.heavy
def test_a_ledger_moves_to_postgresql_and_back(tmp_path: Path, new_database: Callable[..., str]) -> None:
    with open_ledger(tmp_path) as ledger:
        run_id = fill(ledger)
        backup(ledger, tmp_path / "backup")
        before = content(ledger, run_id)
    url = new_database(empty=True)
    assert restore(tmp_path / "backup", url, key=KEY, artifacts=tmp_path / "pg") == []
    with Ledger.open(url, key=KEY, artifacts=tmp_path / "pg") as server:
        assert content(server, run_id) == before
        taken(server, claimed(server), "b")
        backup(server, tmp_path / "back")
        before = content(server, run_id)
    assert restore(tmp_path / "back", tmp_path / "again/rpa.db", key=KEY) == []
    with open_ledger(tmp_path / "again") as again:
        assert content(again, run_id) == before
        taken(again, claimed(again), "c")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "line 1"),
        ('{"schema": 9}', "schema 9"),
        ('{"schema": 1, "version": "9999"}', "version 9999"),
        ('{"schema": 1, "version": "0001", "ledger": "x"}\n{"table": "nothing", "row": {}}', "unknown table"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "rows.jsonl").write_text(line)
    with pytest.raises(LedgerError, match=reason) as caught:
        import_(tmp_path / "rows.jsonl", tmp_path / "rpa.db", key=KEY)
    assert caught.value.code == "import-invalid"


def test_nothing_is_imported_over_a_ledger(ledger: Ledger, tmp_path: Path) -> None:
    export(ledger, tmp_path / "rows.jsonl")
    with open_ledger(tmp_path / "other") as other, pytest.raises(LedgerError, match="ledger-not-empty"):
        import_(tmp_path / "rows.jsonl", other.database.url.database or "", key=KEY)


def test_health_says_what_is_wrong_and_never_raises(tmp_path: Path) -> None:
    path = tmp_path / "rpa.db"
    assert health(path, key=KEY)["code"] == "ledger-missing"
    open_ledger(tmp_path).close()
    found = health(path, key=KEY)
    assert found["ok"] and found["problems"] == [] and found["sqlite"]["safe"]
    assert health(path, key=bytes(32))["code"] == "key-wrong"
    path.write_bytes(b"no database at all" * 100)
    assert health(path, key=KEY)["code"] == "ledger-corrupt"

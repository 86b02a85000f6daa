"""Retention is on by default: whoever idles cleans the ledger up once a day."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpa.ledger.retention import Retention
from rpa.ledger.types import RunStatus
from rpa.settings import Settings
from rpa.worker.upkeep import Upkeep, retention
from tests.rpa.ledger.helpers import FakeClock, claimed, open_ledger


def settings(folder: Path, **more: float) -> Settings:
    return Settings(project=folder, **more)  # type: ignore[arg-type]


def test_an_idle_worker_removes_what_is_old_and_asks_again_later(tmp_path: Path) -> None:
    clock = FakeClock()
    with open_ledger(tmp_path, clock) as ledger:
        ledger.end_run(claimed(ledger), RunStatus.succeeded)
        clock.advance(days=31)
        upkeep = Upkeep(ledger, settings(tmp_path))
        first = upkeep.when_idle()
        assert first is not None and first.runs == 1 and ledger.runs() == []
        clock.advance(days=2)
        assert upkeep.when_idle() is None, "it does not ask the ledger at every idle moment"
        assert Upkeep(ledger, settings(tmp_path)).when_idle() is not None


def test_only_one_thread_cleans_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_ledger(tmp_path, FakeClock()) as ledger:
        upkeep = Upkeep(ledger, settings(tmp_path))
        inside: list[object] = []
        monkeypatch.setattr("rpa.worker.upkeep.maintain", lambda *_: inside.append(upkeep.when_idle()))
        monkeypatch.setattr("rpa.worker.upkeep.LOOK_S", -1.0)
        upkeep.when_idle()
        assert inside == [None]


def test_the_settings_say_how_long_things_are_kept(tmp_path: Path) -> None:
    assert retention(settings(tmp_path)) == Retention(30, 180, 365)
    assert retention(settings(tmp_path, keep_succeeded_days=0, keep_data_days=2)) == Retention(None, 180, 2)

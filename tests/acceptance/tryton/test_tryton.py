"""The ERP that demos and acceptance tests drive: prepared once, restored by a copy, asked through proteus."""

from __future__ import annotations

import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.tryton import making
from tests.acceptance.tryton.erp import Erp, ErpError, free_port
from tests.acceptance.tryton.faults import Fault

pytestmark = [
    pytest.mark.erp,
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed: no web client for Tryton"),
    pytest.mark.timeout(600),
]
EURO = {
    "supplier": "ACME GmbH", "number": "R-1", "date": "2013-03-05",
    "lines": [
        {"description": "Paper", "quantity": 2, "unit_price": "10.05", "rate": 19},
        {"description": "Discount", "quantity": 1, "unit_price": "-1.10", "rate": 19},
    ],
}
WON = {
    "supplier": "대리상사", "number": "K-1", "date": "2026-11-20", "currency": "KRW",
    "lines": [{"description": "용지", "quantity": 3, "unit_price": "3333", "rate": 10}],
}


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    with Erp(tmp_path_factory.mktemp("erp"), faulty=True) as running:
        yield running


def get(erp: Erp, timeout: float = 10) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{erp.port}/", timeout=timeout) as answer:
        return int(answer.status)


def test_prepared_database_is_whole_and_restored_in_no_time(erp: Erp, tmp_path: Path) -> None:
    began = time.perf_counter()
    shutil.copyfile(making.PREPARED, tmp_path / "copy.sqlite")
    assert time.perf_counter() - began < 0.5
    with sqlite3.connect(tmp_path / "copy.sqlite") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        years = copy.execute("SELECT count(*), min(start_date), max(end_date) FROM account_fiscalyear").fetchone()
        assert years == (14, "2013-01-01", "2026-12-31")
        assert copy.execute("SELECT count(*) FROM account_invoice").fetchone() == (0,)


def test_web_client_is_served(erp: Erp) -> None:
    assert get(erp) == 200


def test_what_is_booked_is_answered_and_gone_after_reset(erp: Erp) -> None:
    assert erp.bills() == []
    erp.book(EURO, WON, {**EURO, "number": "R-2", "post": False})
    euro, won, draft = erp.bills()
    assert (euro["supplier"], euro["number"], euro["date"], euro["currency"]) == ("ACME GmbH", "R-1", "2013-03-05", "EUR")
    assert (euro["state"], euro["booked"]) == ("posted", True)
    assert (euro["net"], euro["tax"], euro["total"]) == ("19.00", "3.61", "22.61")
    assert [(x["description"], x["amount"], x["taxes"]) for x in euro["lines"]] == [
        ("Paper", "20.10", ["Tax 19 %"]), ("Discount", "-1.10", ["Tax 19 %"]),
    ]
    assert (won["currency"], won["net"], won["tax"], won["total"], won["state"]) == ("KRW", "9999", "1000", "10999", "posted")
    assert (draft["state"], draft["booked"]) == ("draft", False)
    erp.reset()
    assert erp.bills() == []
    assert get(erp) == 200


def test_second_bill_of_the_same_number_is_questioned(erp: Erp) -> None:
    with pytest.raises(ErpError, match="is similar to"):
        erp.book({**EURO, "number": "R-9"}, {**EURO, "number": "R-9", "date": "2013-04-05"})


def test_faults_hit_as_told_and_end(erp: Erp) -> None:
    fault = erp.fault("error", "^GET /", times=1)
    with pytest.raises(urllib.error.HTTPError, match="503"):
        get(erp)
    assert get(erp) == 200
    assert fault.hits == 1
    erp.fault("drop_answer")
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        get(erp)
    erp.fault("hang", seconds=3)
    with pytest.raises(TimeoutError):
        get(erp, timeout=0.3)
    erp.fault("up")
    assert get(erp) == 200


def test_down_means_refused_and_start_brings_it_back_with_its_data(erp: Erp) -> None:
    erp.kill()
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(erp)
    erp.start()
    assert get(erp) == 200


def test_fault_counts_only_what_matches() -> None:
    fault = Fault("error", r"account\.invoice\.post", times=1)
    assert not fault.strikes("POST /erp/rpc/ model.party.party.read")
    assert fault.strikes('POST /erp/rpc/ {"method": "model.account.invoice.post"}')
    assert not fault.strikes('POST /erp/rpc/ {"method": "model.account.invoice.post"}')


def test_missing_program_is_named() -> None:
    with pytest.raises(ErpError, match="no-such-program is not installed"):
        making.call(["no-such-program"])


def test_free_port_is_free() -> None:
    port = free_port()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)

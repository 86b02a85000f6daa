"""The ready flows of the library run for real, each against a small double of what it works with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bots.browser.launch import find_browser
from rpa.review.answers import correct
from tests.acceptance.library.conftest import Folder
from tests.acceptance.library.mailbox import letter, mailbox
from tests.acceptance.library.office import PDF, Office
from tests.acceptance.library.receipt import receipt
from tests.bots.desktop.conftest import needs

PROGRAM = Path(__file__).with_name("timesheet.py")
TODAY = datetime.now(ZoneInfo("Asia/Seoul")).date()
LAST_MONTH = f"{TODAY.replace(day=1) - timedelta(days=1):%Y-%m}"
NO_BROWSER = "no Chromium, Chrome or Edge is installed"
ORDERS = "order,customer,item,quantity\n"


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Needs a browser."""
    return pytest.mark.browser(pytest.mark.skipif(find_browser() is None, reason=NO_BROWSER)(test))


def test_report_to_excel(folder: Folder) -> None:
    bookings = folder.write("b.csv", "account,amount\n6000,10.00\n4000,5.50\n6000,2.25\n")
    ran = folder.run("report_to_excel", bookings=bookings)
    assert (ran.status, ran.outputs["groups"]) == ("succeeded", 2)
    rows = folder.rows(f"out/report-{TODAY:%Y-%m}.xlsx")
    assert [(r["account"], float(r["amount"])) for r in rows] == [("4000", 5.5), ("6000", 12.25)]


def test_reconciliation(folder: Folder) -> None:
    bank = folder.write("bank.csv", "reference,amount\n007,10.00\nB,20.00\nC,30.00\n")
    books = folder.write("books.csv", "reference,amount\n007,10\nB,21.00\n7,5.00\n")
    ran = folder.run("reconciliation", bank=bank, books=books)
    assert (ran.status, ran.outputs) == ("succeeded", {"matched": 1, "open": 3})
    found = {r["reference"]: (r["what"], r["bank"], r["books"]) for r in folder.rows("out/open.csv")}
    assert found == {
        "B": ("amounts differ", "20.00", "21.00"),
        "C": ("only in the bank", "30.00", ""),
        "7": ("only in the books", "", "5.00"),
    }


def test_form_intake_enters_each_form_once(folder: Folder) -> None:
    later = TODAY + timedelta(days=3)
    text = f"id,name,email,date\n1,Kim  Hana,Kim@Example.com,{later}\n2,Lee,lee(at)example.com,{later}\n"
    ran = folder.run("form_intake", forms=folder.write("forms.csv", text))
    assert (ran.status, ran.items) == ("failed", {"1": "succeeded", "2": "failed_business"})
    assert ran.failures == {"2": "email-invalid"}
    text += f"3,Park,park@example.com,{later}\n"
    ran = folder.run("form_intake", forms=folder.write("forms.csv", text))
    assert (ran.status, ran.items) == ("succeeded", {"3": "succeeded"})
    assert [(r["id"], r["name"], r["email"]) for r in folder.rows("out/register.csv")] == [
        ("1", "Kim Hana", "kim@example.com"), ("3", "Park", "park@example.com"),
    ]  # fmt: skip


def test_mail_attachments_are_filed_and_noted_once(folder: Folder) -> None:
    letters = [
        letter(1, "Invoice 1", {"a.pdf": PDF, "../b.pdf": PDF + b"b"}),
        letter(2, "Invoice without a file", {}),
        letter(3, "Newsletter", {"c.pdf": PDF}),
    ]
    with mailbox(letters) as server:
        for expected in ({"<m1@test>": "succeeded", "<m2@test>": "failed_business"}, {}):
            ran = folder.run("mail_attachments", server="127.0.0.1", port=str(server.port), tls="false")
            assert ran.items == expected
    noted = folder.rows("out/attachments.csv")
    assert [(r["mail"], r["name"]) for r in noted] == [("<m1@test>", "a.pdf"), ("<m1@test>", "b.pdf")]
    filed = {p.name.partition("-")[2]: p.read_bytes() for p in (folder.path / "filed").iterdir()}
    assert filed == {"a.pdf": PDF, "b.pdf": PDF + b"b"}


HISTORY = """shop,voucher,amount
Kim Taxi,Travel,9
KIM TAXI,Travel,8
Kim  Taxi,Travel,7
Rose Tea House,Meals,5
Rose Tea House,Meals,6
Rose Tea House,Guests,5
"""


def test_expense_voucher_by_habit_and_by_a_person(folder: Folder) -> None:
    ride, tea = {"To the office": "30.00", "Night fee": "12.50"}, {"Green tea": "6.00", "Rice cake": "4.00"}
    folder.keep("inbox/taxi.pdf", receipt("KIM TAXI", "A-4711", "2026-11-02", ride, "42.50"))
    folder.keep("inbox/tea.pdf", receipt("ROSE TEA HOUSE", "B-0815", "2026-11-03", tea, "10.00"))
    ran = folder.run("expense_voucher", history=folder.write("h.csv", HISTORY))
    assert (ran.status, sorted(ran.items.values())) == ("waiting", ["succeeded", "waiting"])
    ledger = folder.project.ledger
    (asked,) = ledger.reviews(masked=False)
    offered = asked.question["extraction"]["details"]["voucher"]["alternatives"]
    assert [one["told"] for one in offered] == ["Meals (2 times)", "Guests (1 times)"]
    correct(ledger, asked.id, {"voucher": "Guests"}, by="kim")
    ran = folder.go_on(asked.run_id)
    assert (ran.status, ran.outputs) == ("succeeded", {"written": 2})
    columns = ("shop", "date", "amount", "voucher", "chosen")
    assert [tuple(r[c] for c in columns) for r in folder.rows("out/vouchers.csv")] == [
        ("KIM TAXI", "2026-11-02", "42.50", "Travel", "by habit"),
        ("ROSE TEA HOUSE", "2026-11-03", "10.00", "Guests", "by a person"),
    ]  # fmt: skip


@in_browser
def test_order_entry(folder: Folder, site: Office) -> None:
    orders = folder.write("o.csv", ORDERS + "4711,Müller & Söhne,Tea,2\n4713,Lee,Gold,1\n4714,Lee,Tea,0\n")
    ran = folder.run("order_entry", orders=orders, shop_url=f"{site.address}/shop")
    assert (ran.status, ran.items["4711"]) == ("failed", "succeeded")
    assert ran.failures == {"4713": "item-unknown", "4714": "quantity-invalid"}
    assert [(o["number"], o["customer"]) for o in site.orders] == [("4711", "Müller & Söhne")]


@in_browser
@pytest.mark.heavy
def test_an_order_that_was_saved_without_a_word_is_not_entered_again(folder: Folder, site: Office) -> None:
    """Half a minute: the flow waits for the confirmation, then looks whether it happened."""
    site.silent_saves = {"4712"}
    orders = folder.write("o.csv", ORDERS + "4712,Kim,Coffee,1\n")
    ran = folder.run("order_entry", orders=orders, shop_url=f"{site.address}/shop")
    assert (ran.items, len(site.orders)) == ({"4712": "succeeded"}, 1)


@in_browser
def test_statement_download(folder: Folder, site: Office) -> None:
    site.statements = {"DE01": ["2020-01", LAST_MONTH]}
    ran = folder.run("statement_download", portal_url=f"{site.address}/portal", accounts="DE01,DE02")
    assert ran.items == {f"DE01/{LAST_MONTH}": "succeeded", f"DE02/{LAST_MONTH}": "failed_business"}
    assert (ran.failures, site.logins) == ({f"DE02/{LAST_MONTH}": "statement-missing"}, 1)
    assert (folder.path / f"statements/DE01-{LAST_MONTH}.pdf").read_bytes() == PDF


@in_browser
def test_price_watch(folder: Folder, site: Office) -> None:
    site.prices = {"tea": "€ 4,50", "coffee": "1,204.00 €"}
    table = [f"{name},{site.address}/price/{name.lower()},5.00" for name in ("Tea", "Coffee")]
    products = folder.write("p.csv", "\n".join(["product,url,limit", *table, ""]))
    ran = folder.run("price_watch", products=products)
    assert (ran.status, ran.outputs) == ("succeeded", {"watched": 2})
    assert [(r["product"], r["date"], r["price"]) for r in folder.rows("out/prices.csv")] == [
        ("Tea", str(TODAY), "4.50"), ("Coffee", str(TODAY), "1204.00"),
    ]  # fmt: skip
    told = (folder.path / "out/price-alerts.jsonl").read_text("utf-8").splitlines()
    assert len(told) == 1 and "Tea costs 4.50" in told[0]


@needs("Xvfb", "openbox", "dbus-daemon", "xclip")
@pytest.mark.skipif(find_spec("_tkinter") is None, reason="this Python has no Tk")
@pytest.mark.desktop
@pytest.mark.heavy
@pytest.mark.xdist_group("desktop")
def test_desktop_timesheet(folder: Folder) -> None:
    """A program without accessibility: its labels are read from the screen."""
    rows = ["1,Alpha,2026-11-02,7.5", "2,Beta,2026-11-02,0.5", "3,Beta,2026-11-03,25"]
    hours = folder.write("h.csv", "\n".join(["id,project,day,hours", *rows, ""]))
    folder.write("rows.csv", "id,project,day,hours\n")
    given = {"hours": hours, "program": sys.executable, "export": "rows.csv"}
    arguments = json.dumps([str(PROGRAM), str(folder.path / "rows.csv")])
    ran = folder.run("desktop_timesheet", **given, arguments=arguments)
    assert ran.items == {"1": "succeeded", "2": "succeeded", "3": "failed_business"}
    assert ran.failures == {"3": "hours-impossible"}
    assert [",".join(r.values()) for r in folder.rows("rows.csv")] == rows[:2]

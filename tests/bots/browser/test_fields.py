"""Filling forms that resist."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bots.browser.totp import code_at
from flows.data import Secret
from flows.failures import Failure
from tests.bots.fakes import Doing

STANDS = """(words) => [...document.querySelectorAll('input,[role=switch]')]
  .filter((e) => (e.labels && e.labels[0] ? e.labels[0].innerText : e.innerText).trim().endsWith(words))
  .map((e) => e.checked || e.getAttribute('aria-checked') === 'true')"""


@pytest.fixture
def form(do: Doing, site: str) -> Doing:
    do("browser.open", f"{site}/form.html")
    return do


@pytest.mark.parametrize(
    ("target", "value", "stands"),
    [
        ("Invoice number", "2026-0001", "2026-0001"),
        ("Note", "two\nlines", "two\nlines"),
        ("Due date", date(2026, 3, 31), "2026-03-31"),
        ("Cost centre", 4711, "4711"),
        ("Phone", "01012345678", "010-1234-5678"),  # a mask
        ("Quantity", Decimal("1234.5"), "1,234.50"),  # two inputs that swap
        ("Keys only", "abc", "abc"),  # only real keys count
        ("Remarks", "rich text", "rich text"),  # contenteditable
        ("Type a city…", "Seoul 서울", "Seoul 서울"),
    ],
)
def test_fields_take_the_value(form: Doing, target: str, value: Any, stands: str) -> None:
    form("browser.fill", target=target, text=value)
    form("browser.click", {"css": "h1"})
    assert form("browser.read", target) == stands


def test_formatting_on_leaving_is_not_a_refusal(form: Doing) -> None:
    form("browser.fill", target="Amount", text=Decimal("1234.50"))
    form("browser.press", "Tab")
    assert form("browser.read", {"target": "Amount", "as": "money"}) == Decimal("1234.50")
    form("browser.fill", target="Amount", text=Decimal("2.00"))
    assert form("browser.read", {"target": "Amount", "as": "money"}) == Decimal("2.00")


def test_a_field_that_does_not_take_it_is_told(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target="Stubborn", text="yes")
    assert (caught.value.kind, caught.value.code) == ("application", "value-not-taken")
    assert caught.value.details["stands"] == "no"
    form("browser.fill", target="Stubborn", text="yes", check=False)


def test_a_secret_is_never_in_a_message(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target="Stubborn", text=Secret("pw", "hunter22"))
    assert "hunter22" not in str(caught.value.details)


@pytest.mark.parametrize("target", ["Read only", "Locked"])
def test_locked_fields_are_not_ready(form: Doing, target: str) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target=target, text="x", seconds=1)
    assert caught.value.code == "target-not-ready"


def test_clear_empties(form: Doing) -> None:
    form("browser.fill", target="Invoice number", text="1")
    form("browser.clear", "Invoice number")
    assert form("browser.read", "Invoice number") == ""


def test_suggestions_are_chosen(form: Doing) -> None:
    form("browser.fill", target="Supplier", text="kim", choose="Kim & Partner GmbH")
    assert form("browser.exists", "chosen: Kim & Partner GmbH")
    assert form("browser.read", "Supplier") == "Kim & Partner GmbH"


def test_a_suggestion_that_never_comes(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target="Supplier", text="kim", choose="Park & Co", seconds=2)
    assert caught.value.code == "option-missing"


def test_native_lists_wait_for_their_options(form: Doing) -> None:
    assert form("browser.select", target="Currency", option="Korean Won") == "Korean Won"
    assert form("browser.read", "Currency") == "Korean Won"
    assert form("browser.select", target="Tags", option=["Rent", "Travel"]) == ["Rent", "Travel"]
    assert form("browser.read", "Tags") == "Rent, Travel"


def test_an_option_that_is_not_offered(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.select", target="Currency", option="Yen", seconds=1.5)
    assert caught.value.code == "option-missing"
    assert "Euro" in caught.value.details["offered"]


def test_built_lists(form: Doing) -> None:
    assert form("browser.select", target="Country", option="Korea") == "Korea"
    assert form("browser.read", {"css": "#combo"}) == "Korea"


@pytest.mark.parametrize("target", ["Paid already", "Urgent", "Notify", "By mail"])
def test_boxes_of_every_make(form: Doing, target: str) -> None:
    form("browser.check", target)
    form("browser.check", target)
    assert form.bot.page.evaluate(STANDS, target) == [True]


def test_uncheck(form: Doing) -> None:
    form("browser.check", "Paid already")
    form("browser.uncheck", "Paid already")
    assert form.bot.page.evaluate("document.getElementById('paid').checked") is False


def test_text_is_no_field(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target={"css": "h1"}, text="x", seconds=2)
    assert (caught.value.kind, caught.value.code) == ("flow", "target-unfit")


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [code_at(secret, t, digits=8) for t in (59, 1111111109, 20000000000)] == [
        "94287082",
        "07081804",
        "65353130",
    ]


def test_a_bad_totp_secret_is_told() -> None:
    with pytest.raises(Failure) as caught:
        code_at("not base32!", 0)
    assert caught.value.code == "totp-secret-invalid"

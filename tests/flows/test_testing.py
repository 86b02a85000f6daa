
"""Test cases of flows: their file, their fakes, the comparison of what came out."""

from __future__ import annotations

from datetime import datetime

import pytest

from flows.failures import ApplicationFailure, FlowFailure
from flows.testing import Case, Fake, FakeBot, Performed, Result, differences, fake_catalog, fits, load_tests
from tests.flows.fakes import CATALOG

TEXT = """\
test: enter_bills
now: 2026-11-20T09:00
cases:
  - name: A clean bill
    inputs: {erp_url: "http://erp.test"}
    items: [{name: a.pdf, path: samples/a.pdf}]
    actions:
      - document.extract: {file: "samples/*.pdf"}
        gives: {fields: {total: 12.50}}
      - browser.exists:
        gives: false
      - browser.click: {target: {name: Save}}
        fails: {kind: application, code: target-missing}
    sees: [{text: Bill saved}]
    expect:
      status: succeeded
      items: {a.pdf: succeeded}
      outputs: {posted: 1}
"""


def case() -> Case:
    found, problems = load_tests(TEXT, catalog=CATALOG)
    assert found is not None and problems == []
    return found.cases[0]


def test_the_file() -> None:
    one = case()
    assert one.name == "A clean bill"
    assert one.now == datetime(2026, 11, 20, 9)
    assert one.items == ({"name": "a.pdf", "path": "samples/a.pdf"},)
    assert [f.action for f in one.fakes] == ["document.extract", "browser.exists", "browser.click"]


def test_all_problems_of_a_file_at_once() -> None:
    text = (
        TEXT.replace("browser.exists", "browser.exits").replace("file:", "fil:").replace("status:", "stats:")
    )
    _, problems = load_tests(text.replace("2026-11-20T09:00", "noon"), catalog=CATALOG)
    assert {d.code for d in problems} == {
        "unknown-action",
        "parameter-unknown",
        "key-unknown",
        "test-now-invalid",
    }
    assert load_tests("", catalog=CATALOG)[1][0].code == "test-empty"


def test_fakes_answer_in_order_and_keep_what_they_were_asked() -> None:
    performed = Performed()
    faked = fake_catalog(CATALOG, case(), performed)
    spec = faked["document.extract"]
    assert spec.call([], {"file": "samples/a.pdf", "doctype": "invoice"})["fields"]["total"] == pytest.approx(
        12.5
    )
    assert spec.outputs_of is CATALOG["document.extract"].outputs_of
    click = faked["browser.click"]
    with pytest.raises(ApplicationFailure) as caught:
        click.call([None], {"target": click.model(target={"name": "Save"}).target, "count": 1})
    assert caught.value.code == "target-missing"
    assert performed.actions[1] == ("browser.click", {"target": {"name": "Save"}, "count": 1})


def test_what_has_no_fake() -> None:
    faked = fake_catalog(CATALOG, Case("x"), Performed())
    assert faked["data.set"].call([], {"value": 3}) == 3
    assert faked["browser.open"].call([None], {"url": "x"}) is None
    assert faked["files.append"].call([], {"line": "x", "path": "y"}) is None
    with pytest.raises(FlowFailure) as caught:
        faked["browser.read"].call([None], {"target": None, "kind": "text"})
    assert caught.value.code == "fake-missing"


def test_a_fake_bot_sees_what_the_case_says() -> None:
    bot = FakeBot(case())
    assert bot.sees({"text": "Bill saved"})
    assert not bot.sees({"text": "Server error"})


def test_fitting() -> None:
    assert fits({"a": "x*"}, {"a": "xyz", "b": 1})
    assert not fits({"a": {"b": 1}}, {"a": {}})
    assert fits([1, "a"], [1, "a"]) and not fits([1], [1, 2])
    assert fits("a[1]*", "a[1] b")
    assert Fake("data.log", {}).fits("data.log", {"message": "x"})


def test_every_difference_is_told() -> None:
    expected = {
        "status": "succeeded", "items": {"a": "succeeded", "b": "failed_business"}, "outputs": {"posted": 1},
        "writes": [{"what": "bill"}], "done": ["browser.open", "browser.click"], "failure": None,
    }  # fmt: skip
    good = Result("succeeded", {"a": "succeeded", "b": "failed_business"}, {"posted": 1},
                  ({"what": "bill", "key": "7"},), ("browser.open", "data.log", "browser.click"), ())  # fmt: skip
    assert differences(expected, good) == []
    bad = Result("failed", {"a": "failed_business"}, {}, (), ("browser.click", "browser.open"), ("stopped",))
    assert [d.what for d in differences(expected, bad)] == [
        "status", "items.a", "items.b", "outputs.posted", "writes", "done", "failure",
    ]  # fmt: skip

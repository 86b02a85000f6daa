"""`rpa test`: a case is quick although the flow waits for minutes, and recorded values have their real types."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rpa.app.cases import Tried, try_file
from rpa.app.project import Project
from rpa.settings import load_settings

FLOW = """flow: slow
items:
  from: {list: [{key: a}]}
  key: "${item.key}"
session:
  ready: {text: Dashboard}
  steps:
    - browser.open: "http://erp.test"
steps:
  - id: bill
    document.extract: {file: a.pdf, doctype: invoice}
  - data.assert: {that: "${bill.fields.issue_date.year == 2026}", code: year-wrong, message: not this year}
  - id: saved
    writes: {what: bill, key: "${bill.fields.invoice_number}"}
    timeout: 10m
    retry: {tries: 1}
    browser.click: Save
    expect:
      - done: {text: Bill saved}
"""
CASES = """test: slow
cases:
  - name: one
    actions:
      - browser.open:
        gives: null
      - document.extract:
        gives: {doctype: invoice, fields: {invoice_number: "7", issue_date: "DATE"}, lines: [], needs_review: false}
    sees: [SEES]
"""
Try = Callable[..., Tried]


@pytest.fixture
def tried(tmp_path: Path) -> Try:
    def one(*, sees: str = "{text: Dashboard}, {text: Bill saved}", day: str = "2026-11-02") -> Tried:
        for name, text in {"flows/slow.yaml": FLOW, "tests/slow.yaml": CASES, "flows.yaml": "version: 1\n"}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text.replace("SEES", sees).replace("DATE", day), "utf-8")
        made = try_file(Project(load_settings({"project": tmp_path}, environ={})), tmp_path / "tests" / "slow.yaml")
        assert made.problems == ()
        return made.cases[0]

    return one


def test_a_date_of_a_document_is_a_date(tried: Try) -> None:
    assert tried().passed


def test_a_date_that_is_none_names_case_and_action(tried: Try) -> None:
    one = tried(day="2026-13-99")
    assert not one.passed
    assert any("fake-invalid" in line and "document.extract" in line for line in one.told)


@pytest.mark.parametrize(
    ("sees", "code"), [("{text: Bill saved}", "session-not-ready"), ("{text: Dashboard}", "ending-not-seen")]
)
def test_what_is_not_seen_is_not_waited_for(tried: Try, sees: str, code: str) -> None:
    began = time.monotonic()
    one = tried(sees=sees)
    assert time.monotonic() - began < 10  # the session waits half a minute, the write ten
    assert not one.passed
    assert any(code in line for line in one.told), one.told

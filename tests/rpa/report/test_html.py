"""A run's report is one file that shows what matters first and lets nothing in or out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from rpa.report.html import report_html
from rpa.report.story import run_story
from tests.rpa.report.conftest import Told


class _Page(HTMLParser):
    """Checks that tags close; collects what a browser would load and the texts of headings."""

    VOID = frozenset({"meta", "br", "img", "image"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [v or "" for k, v in attrs if k in ("src", "href") and tag != "a"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(told: Told, lang: str = "en") -> str:
    return report_html(run_story(told.ledger, told.run_id), lang, told.ledger.artifact_bytes)


def test_it_is_well_formed_and_needs_nothing_else(told: Told) -> None:
    page = _Page()
    page.feed(page_of(told))
    assert page.open == []
    assert "script" not in page.tags and "link" not in page.tags
    assert page.loads and all(address.startswith("data:") for address in page.loads)


def test_what_needs_somebody_comes_first_and_doubts_before_failures(told: Told) -> None:
    page = page_of(told)
    places = [page.index(text) for text in ("Needs somebody", "doubtful.pdf", "failing.pdf", "Timeline")]
    assert places == sorted(places)
    assert "[<code>field-hidden</code>]" in page and f"rpa replay {told.run_id}" in page
    opened = re.findall(r'<details class="item" id="i(\d+)" open>', page)
    assert opened == [str(told.items["doubtful"]), str(told.items["failing"])]


def test_the_timeline_has_a_bar_per_step_where_it_ran(told: Told) -> None:
    bar = r'<i class="(\w+)" style="left:([\d.]+)%;width:([\d.]+)%" title="([^"]+)"'
    bars = re.findall(bar, page_of(told))
    assert [(outcome, title) for outcome, _, _, title in bars] == [
        ("succeeded", "reading 0.50 s"), ("failed", "post/1:browser.fill 0.50 s"),
    ]
    assert [float(left) for _, left, _, _ in bars] == pytest.approx([40, 80], abs=0.1)
    assert [float(width) for *_, width, _ in bars] == pytest.approx([20, 20], abs=0.1)


def test_fields_stand_beside_their_page_with_the_place_marked(told: Told) -> None:
    page = page_of(told)
    assert "<td>total</td><td>119.00</td><td>Total 119.00</td><td>0.99</td><td>✓ total-adds-up</td>" in page
    assert "<tr><td>1</td><td>100.00</td><td>Bolts</td></tr>" in page
    assert re.search(r'<rect x="18\.0" y="54\.0" width="84\.0" height="18\.0" fill="rgb\(22,130,70\)"', page)


def test_names_and_values_cannot_become_markup(told: Told) -> None:
    page = page_of(told)
    assert "&lt;b&gt;Nordwind GmbH&lt;/b&gt;.png" in page and "<b>Nordwind" not in page


def test_a_picture_that_is_gone_is_told_and_the_rest_still_shown(told: Told) -> None:
    shot = next(a for a in told.ledger.artifacts(told.run_id) if a.kind == "screenshot")
    told.ledger.artifact_path(shot.sha256).unlink()
    page = page_of(told)
    assert "[<code>field-hidden</code>]" in page and "<img" not in page


def test_it_speaks_the_language_that_is_asked_for(told: Told) -> None:
    page = page_of(told, "ko")
    assert '<html lang="ko">' in page and "확인이 필요합니다" in page and "Needs somebody" not in page

"""Clicking, tabs, dialogs, dragging, scrolling, navigation and its failures."""

from __future__ import annotations

import socket

import pytest

from bots.browser.bot import Browser
from flows.failures import Failure
from tests.bots.browser.site import Handler
from tests.bots.fakes import Doing, FakeContext


def code_of(do: Doing, name: str, bare: object = None, **parameters: object) -> tuple[str, str]:
    with pytest.raises(Failure) as caught:
        do(name, bare, **parameters)
    return caught.value.kind, caught.value.code


def test_a_click_waits_until_the_button_is_enabled(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/form.html")
    do("browser.click", "Save")
    assert do.bot.sees({"title": "saved"})


def test_an_icon_is_clicked_by_its_hint(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/form.html")
    do("browser.click", "Delete this bill")
    assert do.bot.sees({"title": "deleted"})


def test_a_lost_click_is_noticed_and_repeated(do: Doing, site: str, ctx: FakeContext) -> None:
    do("browser.open", f"{site}/late.html")
    do("browser.click", target="Start", until={"text": "Started"})
    assert [code for code, _ in ctx.warned] == ["click-repeated"]


def test_a_click_that_sent_something_is_never_repeated(do: Doing, site: str, ctx: FakeContext) -> None:
    do("browser.open", f"{site}/late.html")
    Handler.log.clear()
    do("browser.click", target="Post", until={"contains": "Posted"})
    assert Handler.log.count(("POST", "/save")) == 1
    assert ctx.warned == []


def test_a_click_that_took_its_target_away_was_not_lost(do: Doing, site: str, ctx: FakeContext) -> None:
    do("browser.open", f"{site}/slow_effect.html")
    do("browser.click", target="Open the form", until={"text": "The form"}, seconds=8)
    assert ctx.warned == []


def test_a_click_without_effect(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/popups.html")
    assert code_of(do, "browser.click", target="Nothing", until={"text": "Never"}, seconds=2) == (
        "application",
        "no-effect",
    )


def test_conditions_on_answers(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/late.html")
    wanted = {"response": {"url": "*/save", "status": 201, "method": "post"}}
    do.bot.mark()
    assert not do.bot.sees(wanted)
    do("browser.click", "Post")
    do("browser.expect", that=wanted)
    do.bot.mark()
    assert not do.bot.sees(wanted)  # what was before the mark does not count


@pytest.mark.parametrize("bad", [{}, {"nope": 1}, {"text": ""}])
def test_what_is_no_condition(do: Doing, bad: dict[str, object]) -> None:
    with pytest.raises(Failure) as caught:
        do.bot.sees(bad)
    assert (caught.value.kind, caught.value.code) == ("flow", "condition-invalid")


def test_conditions_combine(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/form.html")
    sees = do.bot.sees
    assert sees({"url": "*/form.html", "text": "New bill"})
    assert not sees({"url": "*/other.html", "text": "New bill"})
    assert sees({"any": [{"text": "nothing"}, "New bill"]})
    assert sees({"not": {"text": "nothing"}, "absent": "nothing"})
    assert sees({"label": "Read only", "value": "fixed"})


def test_dialogs_nobody_announced_are_dismissed_and_recorded(do: Doing, site: str, ctx: FakeContext) -> None:
    do("browser.open", f"{site}/dialogs.html")
    do("browser.click", "Delete")
    assert do("browser.exists", "kept")
    assert ctx.warned == [("dialog-dismissed", {"type": "confirm", "message": "Really delete?"})]


def test_announced_dialogs_are_answered(do: Doing, site: str, ctx: FakeContext) -> None:
    do("browser.open", f"{site}/dialogs.html")
    do("browser.dialog", {"answer": "accept", "contains": "really"})
    do("browser.click", "Delete")
    assert do("browser.exists", "deleted")
    do("browser.dialog", {"answer": "accept", "text": "Kim"})
    do("browser.click", "Name")
    assert do("browser.exists", "name: Kim")
    assert do.bot.sees({"dialog": "your name*"})
    assert ctx.warned == []


def test_a_page_that_asks_before_it_is_left(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/dialogs.html")
    do("browser.click", "Arm")
    do("browser.goto", "/index.html")
    assert do.bot.sees({"title": "Awkward"})


def test_tabs(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/popups.html")
    do("browser.click", target="New tab", opens_tab=True)
    assert do("browser.exists", "Awkward site")
    do("browser.close_tab")
    assert do("browser.exists", "Popups")
    do("browser.click", target="Window", opens_tab=True)
    do("browser.fill", target="Invoice number", text="9")
    do("browser.switch_tab", "Popups")
    do("browser.switch_tab", "*form.html")
    assert do("browser.read", "Invoice number") == "9"
    do("browser.new_tab", "/index.html")
    assert len(do.bot.pages) == 3
    assert code_of(do, "browser.switch_tab", "*nowhere*", seconds=1) == ("application", "tab-missing")


def test_a_tab_that_never_opens(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/popups.html")
    assert code_of(do, "browser.click", target="Nothing", opens_tab=True, seconds=1)[1] == "tab-missing"


def test_lists_that_load_while_one_scrolls(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/scroll.html")
    do("browser.scroll", {"to": {"text": "Entry 97"}, "inside": {"css": "#box"}})
    assert do.bot.page.get_by_text("Entry 97", exact=True).bounding_box()["y"] < 400
    assert code_of(do, "browser.scroll", {"to": {"text": "Entry 500"}})[1] == "end-reached"


def test_dragging(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/drag.html")
    do("browser.drag", {"target": "Card A", "to": {"role": "list"}})
    assert do("browser.exists", "dropped")
    do("browser.drag", {"target": {"role": "slider"}, "to": {"role": "img", "name": "Goal"}})
    assert do("browser.exists", "slid")


def test_keys(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/form.html")
    do("browser.press", {"keys": "a", "target": "Invoice number", "times": 3})
    do("browser.press", "Backspace")
    assert do("browser.read", "Invoice number") == "aa"
    do("browser.press", "Shift+Tab")
    do("browser.press", "Tab")
    assert do("browser.focused") == "Invoice number*"
    assert code_of(do, "browser.press", "Hyperspace") == ("flow", "key-unknown")


def test_quiet_is_waited_for_within_an_application_of_one_page(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/onepage.html")
    do("browser.goto", url="#bills", until="quiet")
    assert do.bot.sees("At #bills")
    assert code_of(do, "browser.goto", url="#parties", until="quiet", seconds=1) == ("application", "navigation-failed")


def test_back_forward_reload(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/index.html")
    do("browser.click", "Form")
    do("browser.expect", that={"title": "Form"})
    do("browser.back")
    assert do.bot.sees({"title": "Awkward"})
    do("browser.forward")
    do("browser.reload")
    assert do.bot.sees({"title": "Form"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("/missing.html", "application", "http-error"),
        ("/status/503", "application", "http-error"),
        ("/status/429", "engine", "blocked-by-site"),
        ("/blocked", "engine", "blocked-by-site"),
        ("/invoice.pdf", "flow", "navigation-downloads"),
    ],
)
def test_answers_that_are_no_page(do: Doing, site: str, path: str, kind: str, code: str) -> None:
    assert code_of(do, "browser.open", site + path) == (kind, code)


def test_a_captcha_that_comes_up_later_stops_it(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/index.html")
    box = "<div class=h-captcha style='width:300px;height:80px'>Are you human?</div>"
    do.bot.page.set_content(box)
    assert code_of(do, "browser.click", "Continue", seconds=1) == ("engine", "blocked-by-site")
    do.bot.page.set_content(box + "<button>Continue</button>")
    do("browser.click", "Continue")  # one that is in nobody's way


def test_addresses_that_lead_nowhere(do: Doing, site: str) -> None:
    assert code_of(do, "browser.open", f"http://127.0.0.1:{free_port()}/") == (
        "application",
        "site-unreachable",
    )
    assert code_of(do, "browser.open", "http://no-such-host.invalid/") == ("application", "site-unreachable")
    assert code_of(do, "browser.open", "not an address") == ("flow", "url-invalid")
    assert code_of(do, "browser.open", f"{site}/slow?s=3", seconds=1) == ("application", "navigation-failed")


def test_a_browser_that_dies_is_told_and_comes_back(do: Doing, browser: Browser, site: str) -> None:
    do("browser.open", f"{site}/form.html")
    with pytest.raises(Failure) as caught:
        do("browser.open", "chrome://crash", seconds=5)
    assert caught.value.kind == "application"
    assert code_of(do, "browser.click", "Save", seconds=2)[1] == "page-crashed"
    browser.reset()
    do("browser.open", f"{site}/form.html")
    do("browser.click", "Save")

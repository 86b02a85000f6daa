"""One suite for every driver: programs over AT-SPI, recorded trees, and the Windows driver over stand-ins for
COM: on Windows itself it was never tried."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bots.desktop.bot import Desktop
from bots.desktop.driver import Application, Driver, DriverFrozen, DriverGone, Node, Tree, dump
from bots.desktop.fake import FakeDriver
from bots.desktop.uia import UiaDriver, connect
from bots.desktop.uia_words import ELEMENT_GONE, TIMED_OUT
from tests.bots.desktop.conftest import needs
from tests.bots.desktop.fake_com import FakeDesk
from tests.bots.fakes import FakeContext

RECORDED = [
    {"id": 0, "role": "application", "name": "recorded"},
    {"id": 1, "parent": 0, "role": "window", "name": "Untitled 1 - Mousepad", "box": [0, 0, 600, 400]},
    {"id": 2, "parent": 1, "role": "menubar", "box": [0, 0, 600, 25]},
    {"id": 3, "parent": 2, "role": "menu", "name": "File", "can": ["component", "action"], "box": [0, 0, 39, 25]},
    {"id": 4, "parent": 3, "role": "menuitem", "name": "Save", "states": ["enabled", "visible"]},
    {
        "id": 5, "parent": 1, "role": "textbox", "text": "", "can": ["component", "editable", "text"],
        "states": ["enabled", "sensitive", "showing", "visible", "focusable"], "box": [0, 25, 600, 375],
    },
]  # fmt: skip


@dataclass
class Looking:
    driver: Driver
    application: Application
    tree: Tree

    def first(self, role: str) -> Node:
        return next(n for n in self.tree.nodes if n.role == role and n.shows)


@pytest.fixture(
    params=["fake", "uia", pytest.param("atspi", marks=[pytest.mark.desktop, needs("mousepad", "Xvfb")])]
)
def looking(request: pytest.FixtureRequest) -> Iterator[Looking]:
    if request.param == "fake":
        fake = FakeDriver(RECORDED, "mousepad")
        yield Looking(fake, fake.applications()[0], fake.tree(fake.applications()[0]))
        return
    if request.param == "uia":
        uia = UiaDriver(FakeDesk(RECORDED).com())
        monkeypatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setattr("bots.desktop.uia._process_name", lambda _: "mousepad")
        yield Looking(uia, uia.applications()[0], uia.tree(uia.applications()[0]))
        return
    desktop: Desktop = request.getfixturevalue("desktop")
    ctx: FakeContext = request.getfixturevalue("ctx")
    desktop.start(["mousepad"])
    driver = desktop.driver
    assert driver is not None
    deadline = time.monotonic() + 15
    while not (found := [a for a in driver.applications() if a.name == "mousepad"]) or not [
        n for n in driver.tree(found[0]).nodes if n.role == "textbox" and n.shows
    ]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    ctx.begin()
    yield Looking(driver, found[0], driver.tree(found[0]))


def test_an_application_has_a_name_and_a_process(looking: Looking) -> None:
    assert looking.application.name == "mousepad"
    assert looking.application.pid > 0


def test_parents_come_before_their_children(looking: Looking) -> None:
    seen = set()
    for node in looking.tree.nodes:
        assert node.parent is None or node.parent in seen or node.parent not in looking.tree.by_ref
        seen.add(node.ref)


def test_windows_and_what_is_in_them(looking: Looking) -> None:
    window = looking.tree.windows()[0]
    assert window.name == "Untitled 1 - Mousepad"
    field = looking.first("textbox")
    assert looking.tree.window(field) == window
    assert window in list(looking.tree.above(field))
    assert field in list(looking.tree.under(window))


def test_a_closed_menu_does_not_show_its_entries(looking: Looking) -> None:
    save = next(n for n in looking.tree.nodes if n.name == "Save" and n.role == "menuitem")
    assert not save.shows
    assert looking.first("menu").shows


def test_a_field_takes_a_text_and_gives_it_back(looking: Looking) -> None:
    field = looking.first("textbox")
    for text in ("한글 <>@€ 😀\nzwei", "", "x"):
        assert looking.driver.set_text(field, text)
        assert looking.driver.text(field) == text
        assert looking.driver.texts([field, field]) == [text, text]


def test_what_is_no_field_takes_none(looking: Looking) -> None:
    assert not looking.driver.set_text(looking.first("menubar"), "x")
    assert looking.driver.value(looking.first("menubar")) is None
    assert looking.driver.shape(looking.first("menubar")) is None


def test_a_box_lies_inside_its_window(looking: Looking) -> None:
    window, field = looking.tree.windows()[0], looking.first("textbox")
    outer = looking.driver.box(looking.application, window, window)
    inner = looking.driver.box(looking.application, window, field)
    assert outer is not None and inner is not None
    assert outer.common(inner) == inner


def test_many_boxes_are_those_of_each(looking: Looking) -> None:
    driver, tree = looking.driver, looking.tree
    shown = [n for n in tree.nodes if n.shows]
    assert driver.boxes(tree, shown) == [driver.box(looking.application, tree.window(n), n) for n in shown]
    assert driver.boxes(tree, []) == []


def test_focus_is_told(looking: Looking) -> None:
    field = looking.first("textbox")
    assert looking.driver.focus(field)
    latest = time.monotonic() + 5  # the window manager hands the keyboard over when it comes to it
    while "focused" not in looking.driver.look(field).states and time.monotonic() < latest:
        time.sleep(0.05)
    assert "focused" in looking.driver.look(field).states


def test_actions_have_names_and_unknown_ones_do_nothing(looking: Looking) -> None:
    menu = looking.first("menu")
    assert "click" in looking.driver.actions(menu)
    assert not looking.driver.do(menu, "no such action")


def test_what_stands_at_a_point(looking: Looking) -> None:
    window, field = looking.tree.windows()[0], looking.first("textbox")
    box = looking.driver.box(looking.application, window, field)
    assert box is not None
    found = looking.driver.at(window, *box.center)
    assert found is not None and found.ref == field.ref


def test_a_recording_plays_back(looking: Looking) -> None:
    """What one driver shows, the fake driver shows again."""
    driver, tree = looking.driver, looking.tree
    boxes = {n.ref: b for n in tree.nodes if (b := driver.box(looking.application, tree.window(n), n))}
    again = FakeDriver(dump(tree, boxes, {}))
    played = again.tree(again.applications()[0])
    assert [(n.role, n.name, n.states) for n in played.nodes] == [
        (n.role, n.name, n.states) for n in tree.nodes
    ]


def test_the_fake_freezes_and_goes() -> None:
    fake = FakeDriver(RECORDED)
    fake.frozen = True
    with pytest.raises(DriverFrozen):
        fake.applications()
    fake.frozen, fake.gone = False, True
    with pytest.raises(DriverGone):
        fake.look(Node(("fake", "5"), "textbox", "", frozenset()))


def test_windows_errors_are_the_drivers_own() -> None:
    desk = FakeDesk(RECORDED)
    driver = UiaDriver(desk.com())
    tree = driver.tree(driver.applications()[0])
    desk.fails = TIMED_OUT
    with pytest.raises(DriverFrozen):
        driver.look(tree.nodes[-1])
    desk.fails = ELEMENT_GONE
    with pytest.raises(DriverGone):
        driver.text(tree.nodes[-1])


def test_windows_tables_buttons_and_labels() -> None:
    table = {"id": 2, "parent": 1, "role": "table", "can": ["table"], "rows": [["a", "1"], ["b", "2"]]}
    label = {"id": 4, "parent": 1, "role": "label", "name": "Amount"}
    field = {"id": 5, "parent": 1, "role": "textbox", "can": ["editable"], "labelled_by": 4}
    button = {"id": 3, "parent": 1, "role": "button", "name": "OK", "can": ["action"]}
    window = {"id": 1, "role": "window", "name": "Bills"}
    desk = FakeDesk([window, table, button, label, field])
    driver = UiaDriver(desk.com())
    nodes = {n.role: n for n in driver.tree(driver.applications()[0]).nodes}
    shape = driver.shape(nodes["table"])
    assert shape is not None and (shape.rows, shape.columns) == (2, 2)
    cells = driver.cells(nodes["table"], [(1, 0), (0, 1), (2, 0)])
    assert [c.name if c else None for c in cells] == ["b", "1", None]
    assert driver.actions(nodes["button"]) == ("click",)
    assert driver.do(nodes["button"], "click") and desk.invoked == ["OK"]
    assert driver.labels(nodes["textbox"]) == (nodes["label"].ref,)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has UI Automation")
def test_elsewhere_than_on_windows_there_is_no_ui_automation() -> None:
    with pytest.raises(DriverGone, match="UI Automation"):
        connect(1.0)


@pytest.mark.desktop
@needs("mousepad", "Xvfb")
def test_a_program_that_ended_is_gone(desktop: Desktop) -> None:
    desktop.start(["mousepad"])
    driver = desktop.driver
    assert driver is not None and desktop.current is not None
    deadline = time.monotonic() + 15
    while not (found := [a for a in driver.applications() if a.name == "mousepad"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    tree = driver.tree(found[0])
    desktop.end(desktop.current)
    with pytest.raises(DriverGone):
        driver.look(tree.nodes[-1])

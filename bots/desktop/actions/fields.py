"""Entering data: text, paste, choices, check boxes, numbers."""

from __future__ import annotations

from bots.base import Context
from bots.browser.values import Text, shown
from bots.desktop.accessible import role_fits
from bots.desktop.acting import unfit
from bots.desktop.bot import Desktop
from bots.desktop.conditions import target_of, wait_until
from bots.desktop.driver import CHECKED, MENU_ROLES, Node
from bots.desktop.entry import By, Check
from bots.desktop.failures_of import TAKEN
from bots.desktop.find import Place, ambiguous
from bots.desktop.target import Target
from bots.desktop.words import same
from flows.action import action
from flows.data import Secret
from flows.failures import ApplicationFailure


@action(
    "desktop.type",
    main="text",
    acts="screen",
    fails=TAKEN,
    examples=(
        "desktop.type: {target: {label: Amount}, text: '1234.50'}",
        "desktop.type: {target: Password, text: '${secrets.erp_password}'}",
    ),
)
def type_(
    desktop: Desktop, ctx: Context, *, target: Target, text: Text, by: By = "auto", check: Check = "exact"
) -> None:
    """Puts text into a field, replacing what stands there, reads it back and compares.

    `by`: `accessibility` or `clipboard` (auto tries them in this order), `selection` for old X programs
    (the middle mouse button pastes), or `keys` for programs that know none of them. `check: number`
    accepts a number that the program writes differently, `screen` reads it back by OCR, `none` does not
    look.
    """
    words = shown(text)
    if isinstance(text, Secret):
        ctx.mask(words)

    def put(place: Place) -> None:
        desktop.entry.fill(ctx, target, place, words, by, check, secret=isinstance(text, Secret))

    desktop.act.perform(ctx, target, "field", put)


@action(
    "desktop.paste",
    main="text",
    acts="screen",
    fails={**TAKEN, "keys-unknown": "flow", "window-missing": "application"},
    examples=('desktop.paste: {text: "A\\tB\\nC\\tD"}',),
)
def paste(desktop: Desktop, ctx: Context, *, text: Text, target: Target | None = None, keys: str = "Control+v") -> None:
    """Pastes text at the cursor, or where a click on `target` puts it. Does not read back: follow it with a
    check."""
    desktop.use(ctx)
    if target is not None:
        desktop.act.perform(ctx, target, "any", desktop.act.click)
    else:
        desktop.front(ctx)
    if isinstance(text, Secret):
        ctx.mask(text.reveal())
    desktop.entry.paste(shown(text), keys)
    desktop.pause()


@action(
    "desktop.check",
    main="target",
    acts="screen",
    fails=TAKEN,
    examples=("desktop.check: Send a copy", "desktop.check: {target: Send a copy, on: false}"),
)
def check(desktop: Desktop, ctx: Context, *, target: Target, on: bool = True) -> None:
    """Makes a check box, radio button or switch on (or off), and makes sure that it is."""

    def set_(place: Place) -> None:
        node = place.node
        if node is None:
            raise unfit(target, "its state cannot be read on the screen: use desktop.click and expect")
        if node.role not in CHECKED:
            raise unfit(target, f"it is a {node.role}")
        if ("checked" in node.states or "pressed" in node.states) is on:
            return
        desktop.act.click(place)
        if not wait_until(desktop, ctx, lambda: _is_on(desktop, node) is on, seconds=2.0):
            details = {"target": str(target), "value": "on" if on else "off", "stands": "off" if on else "on"}
            raise ApplicationFailure("value-not-taken", details=details)

    desktop.act.perform(ctx, target, "check", set_)


def _is_on(desktop: Desktop, node: Node) -> bool:
    driver = desktop.driver
    assert driver is not None
    return bool({"checked", "pressed"} & driver.look(node).states)


@action(
    "desktop.choose",
    acts="screen",
    fails={**TAKEN, "option-missing": "application"},
    examples=(
        "desktop.choose: {target: {label: Currency}, option: EUR}",
        "desktop.choose: {target: {role: tree, name: Accounts}, option: Assets > Bank}",
    ),
)
def choose(desktop: Desktop, ctx: Context, *, target: Target, option: str) -> None:
    """Chooses in a combo box, list, tab row or tree. In a tree `option` is a way down: `Assets > Bank`."""

    def pick(place: Place) -> None:
        node = place.node
        if node is None:
            raise unfit(target, "its choices cannot be read on the screen: click it, then click the option")
        if node.role == "combobox":
            _in_combo(desktop, ctx, target, place, option)
        elif role_fits("list", node.role):
            _in_tree(desktop, ctx, target, place, option)
        else:
            _in_row(desktop, ctx, target, place, option)

    desktop.act.perform(ctx, target, "any", pick)


def _in_combo(desktop: Desktop, ctx: Context, target: Target, place: Place, option: str) -> None:
    """Opens it and clicks the option, then makes sure that the box shows it."""
    if _combo_shows(desktop, place, option):
        return
    desktop.act.click(place)
    found = wait_until(desktop, ctx, lambda: bool(_options(desktop, place, option)), seconds=3.0)
    if not found:
        desktop.hand.press("Escape")
        details = {
            "target": str(target),
            "option": option,
            "offered": ", ".join(_offered(desktop, place)) or "-",
        }
        raise ApplicationFailure("option-missing", details=details)
    desktop.act.click(_options(desktop, place, option)[0])
    if not wait_until(desktop, ctx, lambda: _combo_shows(desktop, place, option), seconds=2.0):
        details = {"target": str(target), "value": option, "stands": _combo_text(desktop, place)}
        raise ApplicationFailure("value-not-taken", details=details)


def _options(desktop: Desktop, place: Place, option: str) -> list[Place]:
    """The options of this name that show now: those inside the box first, then those of an open list."""
    found = desktop.find.all(Target(name=option, nth=None), "press")
    offered = [p for p in found if p.node is not None and p.node.role in (*MENU_ROLES, "listitem", "option", "cell")]
    inside = [p for p in offered if _is_in(p, place)]
    return inside or offered


def _is_in(inner: Place, outer: Place) -> bool:
    return (
        inner.tree is not None
        and inner.node is not None
        and outer.node is not None
        and any(n.ref == outer.node.ref for n in inner.tree.above(inner.node))
    )


def _offered(desktop: Desktop, place: Place) -> list[str]:
    if place.tree is None or place.node is None or desktop.driver is None:
        return []
    tree = desktop.driver.tree(place.tree.application)
    node = tree.by_ref.get(place.node.ref)
    return (
        [n.name for n in tree.under(node) if n.name and n.role in (*MENU_ROLES, "listitem", "option")] if node else []
    )


def _combo_text(desktop: Desktop, place: Place) -> str:
    """What a combo box shows: its name, the text inside it, or its selected child."""
    driver = desktop.driver
    assert driver is not None and place.node is not None and place.tree is not None
    node = driver.look(place.node)
    if node.name and "text" not in node.can:
        return node.name
    chosen = driver.selected(node)
    if chosen:
        return chosen[0].name
    fields = [n for n in place.tree.under(place.node) if n.role == "textbox"]
    return driver.text(fields[0]) if fields else driver.text(node)


def _combo_shows(desktop: Desktop, place: Place, option: str) -> bool:
    return same(option, _combo_text(desktop, place))


def _in_row(desktop: Desktop, ctx: Context, target: Target, place: Place, option: str) -> None:
    """Tabs and radio groups: the child of that name."""
    tree, node = place.tree, place.node
    assert tree is not None and node is not None and desktop.driver is not None
    children = [n for n in tree.under(node) if n.shows and same(option, n.name) and n.ref != node.ref]
    if not children:
        names = sorted({n.name for n in tree.under(node) if n.shows and n.name})
        details = {"target": str(target), "option": option, "offered": ", ".join(names[:30]) or "-"}
        raise ApplicationFailure("option-missing", details=details)
    box = desktop.driver.box(tree.application, place.top, children[0])
    if box is None:
        raise unfit(target, "the option does not show")
    desktop.act.click(Place("accessible", box, str(children[0]), children[0], tree.application, tree, place.top))

    def chosen() -> bool:
        assert desktop.driver is not None
        return bool({"selected", "checked"} & desktop.driver.look(children[0]).states)

    if not wait_until(desktop, ctx, chosen, seconds=2.0):
        raise ApplicationFailure("value-not-taken", details={"target": str(target), "value": option, "stands": "-"})


def _in_tree(desktop: Desktop, ctx: Context, target: Target, place: Place, option: str) -> None:
    """Lists and trees: clicks the row, opening the rows above it with the keyboard. Every row on the way hangs
    under the one before it: equal names elsewhere in the tree do not count."""
    above: Place = place
    steps = [step.strip() for step in option.split(">")]
    for number, step in enumerate(steps):
        row = _row_under(desktop, ctx, target, place, above, step)
        desktop.act.click(row)
        if number < len(steps) - 1:
            desktop.hand.press("Shift+Right")
        above = row
    _expect_selected(desktop, ctx, target, above, option)


def _row_under(desktop: Desktop, ctx: Context, target: Target, tree: Place, above: Place, step: str) -> Place:
    """The one row of that name under another, which may be opening still. Raises `option-missing`,
    `target-ambiguous`."""
    found: list[Place] = []

    def there() -> bool:
        found[:] = _hanging(desktop, _rows_named(desktop, target, step), above)
        return bool(found)

    if not wait_until(desktop, ctx, there, seconds=2.0):
        offered = ", ".join(_rows_offered(desktop, tree)[:30]) or "-"
        details = {"target": str(target), "option": step, "offered": offered}
        raise ApplicationFailure("option-missing", details=details)
    if len(found) > 1:
        raise ambiguous(target, found)
    return found[0]


def _rows_named(desktop: Desktop, target: Target, name: str) -> list[Place]:
    rows = desktop.find.all(target_of({"row": {"*": name}, "in": target}))
    return rows or desktop.find.all(target_of({"name": name, "in": target}))


def _hanging(desktop: Desktop, rows: list[Place], above: Place) -> list[Place]:
    """Those of the rows that the program says hang under `above`, and those of which it says nothing."""
    driver = desktop.driver
    if driver is None or above.node is None:
        return rows
    known = [(row, driver.row_above(row.node) if row.node else None) for row in rows]
    return [row for row, up in known if up in (None, above.node.ref)]


def _expect_selected(desktop: Desktop, ctx: Context, target: Target, row: Place, option: str) -> None:
    driver, node = desktop.driver, row.node
    if driver is None or node is None or "selectable" not in node.states:
        return
    if not wait_until(desktop, ctx, lambda: "selected" in driver.look(node).states, seconds=2.0):
        details = {"target": str(target), "value": option, "stands": "-"}
        raise ApplicationFailure("value-not-taken", details=details)


def _rows_offered(desktop: Desktop, place: Place) -> list[str]:
    driver = desktop.driver
    shape = driver.shape(place.node) if driver is not None and place.node is not None else None
    if driver is None or shape is None or place.node is None:
        return _offered(desktop, place)
    cells = driver.cells(place.node, [(row, 0) for row in range(min(shape.rows, 30))])
    return [c.name for c in cells if c is not None and c.name]


@action(
    "desktop.set_value",
    main="value",
    acts="screen",
    fails=TAKEN,
    examples=("desktop.set_value: {target: {label: Zoom}, value: 80}",),
)
def set_value(desktop: Desktop, ctx: Context, *, target: Target, value: int) -> None:
    """Sets a slider, scroll bar or number field by accessibility, and reads it back."""

    def put(place: Place) -> None:
        driver, node = desktop.driver, place.node
        if driver is None or node is None or "value" not in node.can:
            raise unfit(target, "it has no number")
        driver.set_value(node, float(value))
        if not wait_until(desktop, ctx, lambda: driver.value(node) == float(value), seconds=2.0):
            details = {"target": str(target), "value": str(value), "stands": str(driver.value(node))}
            raise ApplicationFailure("value-not-taken", details=details)

    desktop.act.perform(ctx, target, "any", put)

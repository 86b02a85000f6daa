"""What may stand in `expect`, `ready` and `until`: targets, and the desktop's own things.

A bare text or a target mapping holds when it shows (`{window: "Saved*"}` is a window by its title). Beside or
instead of a target:

    absent: {text: Loading}      the target does not show
    dialog: "*similar*"          a window came since the mark whose title, or a text in it, is like this
    ended: true                  the current program has ended
    changed: {role: textbox}     it reads otherwise than right before the click (only in `until`)
    all: […] / any: […] / not: … of conditions

Several keys must all hold. The mark is set right before a committing step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bots.base import Context
from bots.desktop.driver import DriverGone, Tree
from bots.desktop.target import Target
from bots.desktop.words import same
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop

OWN = ("absent", "dialog", "ended", "changed", "all", "any", "not")
POLL = 0.05


def sees(desktop: Desktop, condition: Any) -> bool:
    """Whether the condition holds right now. Raises `condition-invalid` for what is none."""
    if isinstance(condition, Target):
        return desktop.find.count(condition, "read") > 0
    if not isinstance(condition, Mapping):
        return desktop.find.count(target_of(condition), "read") > 0
    own = {k: v for k, v in condition.items() if k in OWN}
    rest = {k: v for k, v in condition.items() if k not in OWN}
    if not own and not rest:
        raise FlowFailure("condition-invalid", details={"condition": "{}", "reason": "it is empty"})
    return all(_CHECKS[k](desktop, v) for k, v in own.items()) and (
        not rest or desktop.find.count(target_of(rest), "read") > 0
    )


def target_of(value: Any) -> Target:
    """`value` as a target. Raises `condition-invalid`."""
    try:
        return Target.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(str(p) for p in first['loc'])} {first['msg']}".strip()
        raise FlowFailure("condition-invalid", details={"condition": str(value), "reason": reason}) from None


def _dialog(desktop: Desktop, pattern: Any) -> bool:
    """A new window by its title, or by any text in it."""
    new = [w for w in desktop.server.windows() if w.id not in desktop.marked_windows and not w.minimised]
    wanted = str(pattern)
    if any(same(wanted, w.title) for w in new):
        return True
    titles = {w.title for w in new}
    trees: list[Tree] = desktop.find.trees()
    return any(
        same(wanted, n.name)
        for tree in trees
        for top in tree.windows()
        if top.name in titles or top.role in ("dialog", "alert")
        for n in tree.under(top)
        if n.shows and n.name
    )


def remember(desktop: Desktop, condition: Any) -> None:
    """Keeps how everything reads that a condition wants `changed`; called right before acting."""
    desktop.read_before = {str(t): _reading(desktop, t) for t in _watched(condition)}


def _watched(condition: Any) -> list[Target]:
    if not isinstance(condition, Mapping):
        return []
    inner = [*condition.get("all", ()), *condition.get("any", ()), condition.get("not")]
    own = [target_of(condition["changed"])] if "changed" in condition else []
    return [*own, *(t for one in inner for t in _watched(one))]


def _reading(desktop: Desktop, target: Target) -> str | None:
    """How it reads now; None when it does not show alone."""
    from bots.desktop.actions.reading import text_of

    found = next((f for way in target.ways() if (f := desktop.find.all(way, "read"))), [])
    try:
        return text_of(desktop, found[0]) if len(found) == 1 else None
    except DriverGone:
        return None


def _changed(desktop: Desktop, wanted: Any) -> bool:
    target = target_of(wanted)
    if str(target) not in desktop.read_before:
        reason = "`changed` belongs to `until`: it compares with how it read before the click"
        raise FlowFailure("condition-invalid", details={"condition": f"changed: {wanted}", "reason": reason})
    now = _reading(desktop, target)
    return now is not None and now != desktop.read_before[str(target)]


def _ended(desktop: Desktop, wanted: Any) -> bool:
    program = desktop.current
    return (program is None or not program.running) is bool(wanted)


_CHECKS: Mapping[str, Callable[[Desktop, Any], bool]] = {
    "absent": lambda desktop, target: desktop.find.count(target_of(target), "read") == 0,
    "dialog": _dialog,
    "ended": _ended,
    "changed": _changed,
    "all": lambda desktop, many: all(sees(desktop, c) for c in many),
    "any": lambda desktop, many: any(sees(desktop, c) for c in many),
    "not": lambda desktop, one: not sees(desktop, one),
}


def wait_until(
    desktop: Desktop,
    ctx: Context,
    holds: Callable[[], bool],
    seconds: float | None = None,
    *,
    living: bool = True,
) -> bool:
    """True as soon as `holds`, False when `seconds` (or the step's time) are over. `living`: the program
    must be."""
    limit = max(0.0, ctx.remaining() - 0.2)
    deadline = time.monotonic() + (limit if seconds is None else min(seconds, limit))
    while True:
        if holds():
            return True
        if living:
            desktop.check()
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL)


def await_condition(desktop: Desktop, ctx: Context, condition: Any, what: str) -> None:
    """Waits for an effect. Raises `no-effect`."""
    if not wait_until(desktop, ctx, lambda: sees(desktop, condition)):
        details = {"target": what, "clicks": 1, "until": str(condition)}
        raise ApplicationFailure("no-effect", details=details, effect="maybe")

"""What may stand in `expect`, `ready` and `until`: targets, and passing things of the browser.

A bare text or a target mapping holds when it shows. Beside or instead of a target:

    url: "*/bills/*"                        the address, with * for anything
    title: "Bills*"                         the tab's title
    absent: {text: Loading}                 the target does not show
    response: {url: "*/api/bills", status: 201, method: POST}   answered since the mark
    download: "*.pdf"                       a download began since the mark
    dialog: "*similar*"                     a dialog showed since the mark
    all: […] / any: […] / not: …            of conditions

Several keys must all hold. The mark is set right before a committing step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bots.browser.target import Target
from flows.failures import FlowFailure

if TYPE_CHECKING:
    from bots.browser.bot import Browser

OWN = ("url", "title", "absent", "response", "download", "dialog", "all", "any", "not")


def sees(browser: Browser, condition: Any) -> bool:
    """Whether the condition holds right now. Raises `condition-invalid` for what is none."""
    if not isinstance(condition, Mapping):
        return browser.find.count(target_of(condition)) > 0
    own = {k: v for k, v in condition.items() if k in OWN and not (k == "title" and _is_target_title(condition))}
    rest = {k: v for k, v in condition.items() if k not in own}
    if not own and not rest:
        raise FlowFailure("condition-invalid", details={"condition": "{}"})
    browser.pause(0)  # lets what happened meanwhile arrive
    return all(_CHECKS[k](browser, v) for k, v in own.items()) and (not rest or browser.find.count(target_of(rest)) > 0)


def _is_target_title(condition: Mapping[str, Any]) -> bool:
    """`title` beside the parts of a target means the element's title, alone it means the tab's."""
    return any(k in Target.model_fields and k not in ("title", *OWN) for k in condition)


def target_of(value: Any) -> Target:
    """`value` as a target. Raises `condition-invalid`."""
    try:
        return Target.model_validate(value)
    except ValidationError as error:
        reason = error.errors()[0]
        where = ".".join(str(p) for p in reason["loc"])
        raise FlowFailure(
            "condition-invalid", details={"condition": str(value), "reason": f"{where} {reason['msg']}"}
        ) from None


def _like(text: str, pattern: Any) -> bool:
    """Whole text, `*` for anything; [ has no meaning of its own."""
    return fnmatchcase(text.casefold(), str(pattern).casefold().replace("[", "[[]"))


def _url(browser: Browser, pattern: Any) -> bool:
    return _like(browser.page.url, pattern)


def _title(browser: Browser, pattern: Any) -> bool:
    return _like(browser.page.title(), pattern)


def _absent(browser: Browser, target: Any) -> bool:
    return browser.find.count(target_of(target)) == 0


def _response(browser: Browser, wanted: Any) -> bool:
    want = wanted if isinstance(wanted, Mapping) else {"url": wanted}
    return any(
        _like(seen.text, want.get("url", "*"))
        and _status(seen.details["status"], want.get("status"))
        and (not want.get("method") or str(want["method"]).upper() == seen.details["method"])
        for seen in browser.watch.since_mark("response")
    )


def _status(status: int, wanted: Any) -> bool:
    """`201`, `2xx`, or a list of such; without one any answer below 400."""
    if wanted is None:
        return status < 400
    if isinstance(wanted, list):
        return any(_status(status, w) for w in wanted)
    text = str(wanted).lower()
    return len(text) == 3 and all(w in ("x", s) for w, s in zip(text, str(status), strict=True))


def _download(browser: Browser, pattern: Any) -> bool:
    return any(_like(seen.text, pattern) for seen in browser.watch.since_mark("download"))


def _dialog(browser: Browser, pattern: Any) -> bool:
    return any(_like(seen.text, pattern) for seen in browser.watch.since_mark("dialog"))


_CHECKS: Mapping[str, Callable[[Browser, Any], bool]] = {
    "url": _url,
    "title": _title,
    "absent": _absent,
    "response": _response,
    "download": _download,
    "dialog": _dialog,
    "all": lambda browser, many: all(sees(browser, c) for c in many),
    "any": lambda browser, many: any(sees(browser, c) for c in many),
    "not": lambda browser, one: not sees(browser, one),
}

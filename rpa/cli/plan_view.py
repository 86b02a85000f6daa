"""How `rpa plan` looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.catalogue import text
from rpa.cli.show import as_json as print_json
from rpa.cli.show import say, table


def show_plan(plan: dict[str, Any], lang: str, *, as_json: bool) -> None:
    if as_json:
        print_json(plan)
        return
    say(f"{plan['flow']}  {plan['title']}  ({plan['profile']})")
    if plan["inputs"]:
        table((text("plan-inputs", lang), text("plan-value", lang)), list(plan["inputs"].items()))
    if plan["secrets"]:
        told = [(n, text("plan-secret-set" if s else "plan-secret-missing", lang, name=n)) for n, s in plan["secrets"].items()]
        table((text("plan-secret", lang), ""), told)
    for line in (*_items(plan["items"], lang), *_steps(plan, lang), *_next(plan["next"], lang)):
        say(line)


def _items(items: dict[str, Any] | None, lang: str) -> Iterator[str]:
    if items is None:
        yield text("plan-items-none", lang)
        return
    if items["found"] is None:
        yield text("plan-items-later", lang, source=items["from"])
        return
    todo = items["new"] + items["again"]
    yield text("plan-items", lang, found=items["found"], source=items["from"], todo=todo)
    for one in items["first"]:
        yield f"  {one['name']}  {text('plan-' + one['state'], lang, reason=one['reason'])}"
    if todo > len(items["first"]):
        yield "  " + text("plan-more", lang, count=todo - len(items["first"]))
    for reason, count in items["known"].items():
        yield "  " + text("plan-known", lang, count=count, reason=reason)
    if items["repeated"]:
        yield "  " + text("plan-repeated", lang, count=items["repeated"])


def _steps(plan: dict[str, Any], lang: str) -> Iterator[str]:
    for write in plan["writes"]:
        yield text("plan-write" if write["probed"] else "plan-write-unprobed", lang, **write)
    if not plan["writes"]:
        yield text("plan-nothing-written", lang)
    code = "plan-steps-lists" if plan["loops_over_lists"] else "plan-steps"
    yield text(code, lang, steps=plan["steps"], most=plan["attempts_at_most"])


def _next(coming: list[dict[str, Any]], lang: str) -> Iterator[str]:
    from rpa.schedule.wording import local_time, reason

    for one in coming:
        if one["at"] is None:
            yield text("plan-next-event", lang, **one)
            continue
        when = local_time(one["at"], one["at"].tzinfo, lang)
        skipped = f"  ({reason(one['skip'], lang)})" if one["skip"] else ""
        yield text("plan-next", lang, when=when, schedule=one["schedule"], profile=one["profile"]) + skipped
    if not coming:
        yield text("plan-next-never", lang)

"""How `rpa plan` looks."""

from __future__ import annotations

from typing import Any

from rpa.cli.show import as_json as print_json
from rpa.cli.show import say, table


def show_plan(plan: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(plan)
        return
    say(f"{plan['flow']}  {plan['title']}")
    table(("input", "value"), list(plan["inputs"].items()))
    if plan["secrets"]:
        table(("secret", ""), [(name, "set" if there else "MISSING") for name, there in plan["secrets"].items()])
    if plan["items"]:
        say(f"items from {plan['items']['from']}, {plan['items']['attempts']} attempt(s) each")
    for write in plan["writes"]:
        say(f"writes {write['what']} (line {write['line']}){'' if write['probed'] else ', not probed: a person settles doubts'}")
    say(f"{plan['steps']} steps, at most {plan['attempts_at_most']} step attempts an item (loops counted once)")

"""`make demo`: the main job, end to end, checked by asking the ERP itself.

Renders an inbox of supplier bills, starts Tryton on loopback, runs `enter_vendor_bills` over the folder,
compares what Tryton holds with the truth of the documents, approves what waits for a person, replays what failed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.acceptance.tryton.erp import CLERK, CLERK_PASSWORD, Erp, prepare

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "demo-project"
SEED = 7
out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def environment(erp: Erp) -> dict[str, str]:
    return {
        **os.environ, "RPA_KEY_FILE": str(FOLDER / "key"), "RPA_SECRET_ERP_USER": CLERK,
        "RPA_SECRET_ERP_PASSWORD": CLERK_PASSWORD,
    }


def rpa(arguments: Sequence[str], env: dict[str, str], *, quiet: bool = False) -> tuple[int, Any]:
    """Runs the command; its exit code and, with --json, what it printed."""
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(FOLDER), *arguments]
    if "--json" in arguments:
        done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=FOLDER)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else {"error": done.stderr}
    if not quiet:
        out.print(f"$ rpa {' '.join(arguments)}", style="bold")
    return subprocess.run(command, env=env, cwd=FOLDER).returncode, None


def make_project(erp: Erp) -> None:
    """The demo's project folder. It is kept between demos, so that a second one posts nothing twice."""
    from ocr.synthetic.demo import write_demo_inbox
    from rpa.ledger.crypto import create_key

    FOLDER.mkdir(exist_ok=True)
    if not (FOLDER / "inbox").exists():
        write_demo_inbox(FOLDER / "inbox", seed=SEED)
    if not (FOLDER / "key").exists():
        create_key(FOLDER / "key")
    (FOLDER / "flows.yaml").write_text(
        f'version: 1\ntimezone: Asia/Seoul\nprofiles:\n  default:\n    inputs: {{erp_url: "http://127.0.0.1:{erp.port}/", inbox: inbox}}\n'
    )


def truth() -> dict[str, dict[str, Any]]:
    """{file name: what the document says}."""
    lines = (FOLDER / "inbox" / "truth.jsonl").read_text("utf-8").splitlines()
    return {(d := json.loads(line))["file"]: d for line in lines}


def wanted(document: dict[str, Any]) -> dict[str, Any]:
    """The bill that a document describes, in the ERP's words."""
    bill, fields = document["bill"], document["fields"]
    return {
        "supplier": bill["supplier"], "number": bill["number"], "date": bill["date"], "currency": bill["currency"],
        **{name: Decimal(bill[name]) for name in ("net", "tax", "total")},
        "lines": [Decimal(line[amount_column(document)]) for line in fields["lines"]],
    }


def held(bill: dict[str, Any]) -> dict[str, Any]:
    """A bill of the ERP in the same form."""
    return {
        **{name: bill[name] for name in ("supplier", "number", "date", "currency")},
        **{name: Decimal(bill[name]) for name in ("net", "tax", "total")},
        "lines": [Decimal(line["amount"]) for line in bill["lines"]],
    }


def check_posted(bills: list[dict[str, Any]], documents: dict[str, dict[str, Any]]) -> list[str]:
    """Shows what the ERP holds for each document; returns what is wrong with it.

    Every document that should be posted must be there exactly once, with all its values; every posted bill must
    be the one of such a document.
    """
    posted = [held(b) for b in bills if b["state"] in ("posted", "paid")]
    problems = []
    table = Table("document", "supplier", "number", "date", "total", "", "in the ERP", box=None, header_style="bold")
    for name, document in documents.items():
        want, due = wanted(document), document["expect"] == "posted"
        times = posted.count(want)
        if times != int(due):
            problems.append(f"{name} is in the ERP {times} times, not {int(due)}")
        mark = {0: "–", 1: "✓"}.get(times, f"{times} times")
        table.add_row(name, want["supplier"], want["number"], want["date"], str(want["total"]), want["currency"], mark)
    described = [wanted(d) for d in documents.values()]
    problems += [f"no document describes this bill of the ERP: {bill}" for bill in posted if bill not in described]
    out.print(table)
    return problems


def answer_reviews(env: dict[str, str], documents: dict[str, dict[str, Any]]) -> None:
    """Plays the person: corrects what was read wrongly, rejects the bill whose sums do not hold."""
    _, found = rpa(["review", "list", "--json"], env)
    for review in found["reviews"]:
        name = Path(review["question"]["extraction"]["file"]).name
        document = documents.get(name)
        rpa(["review", "show", str(review["review"])], env)
        if document is None or document["expect"] != "posted":
            rpa(["review", "reject", str(review["review"]), "--reason", "the sums do not hold", "--no-run"], env)
        elif wrong := corrections(document, review):
            rpa(["review", "correct", str(review["review"]), "--no-run", *wrong], env)
        else:
            rpa(["review", "approve", str(review["review"]), "--no-run"], env)


def corrections(document: dict[str, Any], review: dict[str, Any]) -> list[str]:
    """FIELD=VALUE for every field and every amount of a line that was read differently from what is printed."""
    read = review["question"]["extraction"]
    printed = {k: v for k, v in document["fields"].items() if k != "lines"}
    fields = [f"{k}={v}" for k, v in printed.items() if str(read["fields"].get(k)) != str(v)]
    return fields + line_corrections(read["lines"], document["fields"]["lines"], amount_column(document))


def line_corrections(read: list[dict[str, Any]], printed: list[dict[str, Any]], column: str) -> list[str]:
    """`lines[N].COLUMN=VALUE` where an amount is wrong, `lines[N]=` where there is no such line."""
    pairs = [
        f"lines[{number}].{column}={line[column]}"
        for number, line in enumerate(printed, 1)
        if number > len(read) or str(read[number - 1].get(column)) != str(line[column])
    ]
    return pairs + [f"lines[{number}]=" for number in range(len(printed) + 1, len(read) + 1)]


def amount_column(document: dict[str, Any]) -> str:
    return "supply_amount" if document["doctype"] == "tax_invoice_kr" else "amount"


def why_not(run: str, env: dict[str, str]) -> dict[str, str]:
    """{file: status and code} of the run's items that did not succeed."""
    _, shown = rpa(["show", run, "--json"], env)
    return {i["name"]: f"{i['status']} {(i.get('failure') or {}).get('code', '')}".strip()
            for i in shown["items"] if i["status"] != "succeeded"}


def first_run(erp: Erp, env: dict[str, str], documents: dict[str, dict[str, Any]]) -> list[str]:
    """The run over the inbox, the person's answers, the replay; what went wrong."""
    code, _ = rpa(["run", "enter_vendor_bills"], env)
    _, runs = rpa(["runs", "--limit", "1", "--json"], env)
    run = runs["runs"][0]["run"]
    problems = [] if code == 1 else [f"rpa run ended with {code}, not with 1 (items for a person)"]
    out.rule("What the ERP says (asked through its own client library)")
    check_posted(erp.bills(), documents)
    stopped = why_not(run, env)
    for name, document in documents.items():
        expected = {"duplicate": "failed_business duplicate-bill", "review": "waiting"}.get(document["expect"])
        if expected and stopped.get(name) != expected:
            problems.append(f"{name} should have ended as {expected}, not as {stopped.get(name, 'succeeded')}")
    out.rule("A person answers what was uncertain; the replay does the rest, and nothing twice")
    answer_reviews(env, documents)
    rpa(["replay", run, "--dry-run"], env)
    rpa(["replay", run], env)
    return problems


def main() -> int:
    out.rule("Preparing")
    prepare()
    with Erp(FOLDER / "erp", keep=True) as erp:
        make_project(erp)
        env, documents = environment(erp), truth()
        before = [b for b in erp.bills() if b["state"] == "posted"]
        out.rule("Running the flow over the inbox")
        if before:
            rpa(["run", "enter_vendor_bills"], env)
            problems = []
        else:
            problems = first_run(erp, env, documents)
        out.rule("Result: what the ERP holds now")
        bills = erp.bills()
        problems += check_posted(bills, documents)
    posted = [b for b in bills if b["state"] == "posted"]
    out.print(f"posted before this demo: {len(before)}; now: {len(posted)}; drafts for a person: {len(bills) - len(posted)}")
    out.print(f"ledger: {FOLDER.name}/rpa.db\nscreenshots and documents: {FOLDER.name}/artifacts")
    look = f"RPA_KEY_FILE={FOLDER.name}/key rpa --project {FOLDER.name}"
    out.print(f"story of the run: {look} show last\nwhat was asked and answered: {look} review list --all", soft_wrap=True)
    for problem in problems:
        out.print(f"WRONG: {problem}", style="red")
    return 1 if problems else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--fresh"]:
        shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(main())

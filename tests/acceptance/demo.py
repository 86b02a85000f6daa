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
    f = document["fields"]
    korean = document["doctype"] == "tax_invoice_kr"
    return {
        "supplier": f["supplier_name"], "number": f["approval_number" if korean else "invoice_number"],
        "date": f["issue_date"], "total": Decimal(f["total_amount" if korean else "gross_total"]),
        "lines": [Decimal(line["supply_amount" if korean else "amount"]) for line in f.get("lines", [])],
    }


def matches(bill: dict[str, Any], want: dict[str, Any]) -> bool:
    amounts = [Decimal(line["amount"]) for line in bill["lines"]]
    return (
        bill["supplier"] == want["supplier"] and bill["number"] == want["number"] and bill["date"] == want["date"]
        and Decimal(bill["total"]) == want["total"] and amounts == want["lines"]
    )


def check_posted(bills: list[dict[str, Any]], documents: dict[str, dict[str, Any]]) -> tuple[list[str], int]:
    """Problems, and how many bills are right. Every posted bill must be the one of exactly one document."""
    posted = [b for b in bills if b["state"] in ("posted", "paid")]
    problems = []
    table = Table("document", "supplier", "number", "date", "total", "in the ERP", box=None, header_style="bold")
    right = 0
    for name, document in documents.items():
        want = wanted(document)
        same = [b for b in posted if matches(b, want)]
        right += len(same) == 1
        if len(same) > 1:
            problems.append(f"{name} is in the ERP {len(same)} times")
        table.add_row(name, want["supplier"], want["number"], want["date"], str(want["total"]), {0: "–", 1: "✓"}.get(len(same), "twice!"))
    for bill in posted:
        if not any(matches(bill, wanted(d)) for d in documents.values()):
            problems.append(f"the ERP holds a bill that no document describes: {bill['supplier']} {bill['number']} {bill['total']}")
    out.print(table)
    return problems, right


def answer_reviews(env: dict[str, str], documents: dict[str, dict[str, Any]]) -> None:
    """Plays the person: approves what was read rightly, rejects the bill whose sums do not hold."""
    _, found = rpa(["review", "list", "--json"], env)
    for review in found["reviews"]:
        name = Path(review["question"]["extraction"]["file"]).name
        document = documents.get(name)
        if document is None or not document.get("consistent", True):
            rpa(["review", "reject", str(review["review"]), "--reason", "the sums do not hold", "--no-run"], env)
        else:
            rpa(["review", "correct", str(review["review"]), "--no-run", *corrections(document, review)], env)


def corrections(document: dict[str, Any], review: dict[str, Any]) -> list[str]:
    """FIELD=VALUE for every header field that was read differently from what is printed."""
    read = review["question"]["extraction"]["fields"]
    truth_fields = {k: v for k, v in document["fields"].items() if k != "lines" and k in read}
    return [f"{k}={v}" for k, v in truth_fields.items() if str(read[k]) != str(v)] or ["currency=" + str(read.get("currency") or "")][:0]


def main() -> int:
    out.rule("Preparing")
    prepare()
    with Erp(FOLDER / "erp", keep=True) as erp:
        make_project(erp)
        env = environment(erp)
        documents = truth()
        before = len([b for b in erp.bills() if b["state"] == "posted"])
        out.rule("Running the flow over the inbox")
        code, _ = rpa(["run", "enter_vendor_bills"], env)
        if code not in (0, 1, 4):
            out.print(f"rpa run ended with {code}")
            return 1
        _, first = rpa(["runs", "--limit", "1", "--json"], env)
        out.rule("What the ERP says (asked through its own client library)")
        problems, right = check_posted(erp.bills(), documents)
        out.rule("A person answers what was uncertain, and the run goes on")
        answer_reviews(env, documents)
        rpa(["replay", first["runs"][0]["run"]], env)
        problems, right = check_posted(erp.bills(), documents)
        out.rule("Result")
        out.print(f"posted before this demo: {before}; right now: {right} of {len(documents)} documents")
        out.print(f"drafts left for a person: {len([b for b in erp.bills() if b['state'] == 'draft'])}")
        out.print(f"ledger: {FOLDER / 'rpa.db'}\nevidence: {FOLDER / 'artifacts'}\nreplay: rpa --project {FOLDER.name} replay {first['runs'][0]['run']}")
        for problem in problems:
            out.print(f"WRONG: {problem}", style="red")
        return 1 if problems or right < len(documents) - 2 else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--fresh"]:
        shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(main())

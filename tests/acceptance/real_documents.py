"""`python -m tests.acceptance.real_documents`: the flow over real invoices, checked by asking the ERP.

Fifteen invoices that nobody made for us (`$RPA_DATA/invoices`, the natural ones of `$RPA_DATA/facturx`), the
embedded XML barred, are read and posted in Tryton by `enter_vendor_bills`. What Tryton then holds
is asked back through its own client library and compared with the truth, field by field.

Exit 0: at least 8 posted, none wrong, and every other one has a reason.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from ocr.evaluate.compare import right
from ocr.evaluate.truth import Accepted, Truth, read_truth
from ocr.values import Value
from tests.acceptance.tryton.erp import CLERK, CLERK_PASSWORD, Erp

ROOT = Path(__file__).parents[2]
PORT = 18205
WANTED = 8
FIELDS = {
    "supplier": "supplier_name",
    "number": "invoice_number",
    "date": "issue_date",
    "currency": "currency",
    "net": "net_total",
    "tax": "tax_total",
    "total": "gross_total",
}
DECISIVE = ("supplier", "number", "date", "total")
PRINTED: Mapping[tuple[str, str], Accepted] = {
    ("fx_01c7f2c4b1", "issue_date"): ("2015-10-08",),  # the truth says 2014, the page prints 2015
    ("fx_01c7f2c4b1", "currency"): ("EUR",),
}
"""What the page prints where the truth file is known to be wrong."""

Verdict = Literal["right", "wrong", "missing", "untold"]
out = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


@dataclass
class Outcome:
    """What became of one document: the ERP's bill and its verdict by field, or why there is none."""

    truth: Truth
    status: str
    reason: str = ""
    bill: dict[str, Any] | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def wrong(self) -> list[str]:
        return [name for name in DECISIVE if self.verdicts.get(name) == "wrong"]


def documents(data: Path) -> list[Truth]:
    """The five of `invoices` and the natural ones of `facturx`."""
    found = [*read_truth(data / "invoices"), *read_truth(data / "facturx")]
    return [t for t in found if t.record.get("layout", "natural") == "natural"]


def accepted(truth: Truth, name: str) -> Accepted:
    return PRINTED.get((truth.id, FIELDS[name]), truth.fields.get(FIELDS[name], ()))


def judge(bill: Mapping[str, Any], truth: Truth) -> dict[str, Verdict]:
    """Each field of the ERP's bill against the truth; `untold` where the truth does not state it."""
    return {name: _verdict(bill.get(name), name, accepted(truth, name)) for name in FIELDS}


def _verdict(value: Any, name: str, wanted: Accepted) -> Verdict:
    if not wanted:
        return "untold"
    if value in (None, ""):
        return "missing"
    typed: Value = value
    if name in ("net", "tax", "total"):
        typed = Decimal(value)
    elif name == "date":
        typed = date.fromisoformat(value)
    return "right" if right(typed, "name" if name == "supplier" else "text", wanted) else "wrong"


def make_project(folder: Path, truths: Sequence[Truth]) -> None:
    """A project whose inbox holds the documents and nothing else: no truth, no XML beside them."""
    from rpa.ledger.crypto import create_key

    (folder / "inbox").mkdir(parents=True)
    for truth in truths:
        shutil.copyfile(truth.file, folder / "inbox" / truth.file.name)
    create_key(folder / "key")
    (folder / "flows.yaml").write_text(
        "version: 1\nprofiles:\n  default:\n"
        f'    inputs: {{erp_url: "http://127.0.0.1:{PORT}/", inbox: inbox}}\n'
    )


def rpa(folder: Path, *arguments: str) -> tuple[int, Any]:
    """The command as a person types it; its exit code and, with --json, what it says."""
    env = {
        **os.environ,
        "RPA_KEY_FILE": str(folder / "key"),
        "RPA_SECRET_ERP_USER": CLERK,
        "RPA_SECRET_ERP_PASSWORD": CLERK_PASSWORD,
    }
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(folder), *arguments]
    if "--json" in arguments:
        done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=ROOT)
        return done.returncode, json.loads(done.stdout)
    out.print(f"$ rpa {' '.join(arguments)}", style="bold")
    return subprocess.run(command, env=env, cwd=ROOT).returncode, None


def outcomes(
    truths: Sequence[Truth], items: Sequence[Mapping[str, Any]], bills: Sequence[dict[str, Any]]
) -> list[Outcome]:
    """Every document with its item of the run and the bill that it became; bills of no document are an error."""
    by_name = {str(item["name"]): item for item in items}
    posted = [bill for bill in bills if bill["state"] in ("posted", "paid")]
    found = [_outcome(truth, by_name[truth.file.name]) for truth in truths]
    for bill in posted:
        taker = _document_of(bill, [o for o in found if o.bill is None and o.status == "succeeded"])
        if taker is None:
            raise SystemExit(
                f"the ERP holds a bill that no succeeded item explains: {bill['supplier']} {bill['number']}"
            )
        taker.bill, taker.verdicts = bill, judge(bill, taker.truth)
    return found


def _document_of(bill: Mapping[str, Any], candidates: list[Outcome]) -> Outcome | None:
    """The document that agrees with the bill in most fields."""
    return max(candidates, key=lambda o: Counter(judge(bill, o.truth).values())["right"], default=None)


def _outcome(truth: Truth, item: Mapping[str, Any]) -> Outcome:
    failure = item.get("failure") or {}
    told = failure.get("detail") or failure.get("message") or ""
    return Outcome(truth, str(item["status"]), f"[{failure['code']}] {told}" if failure else "")


def add_questions(found: Sequence[Outcome], reviews: Sequence[Mapping[str, Any]]) -> None:
    """A waiting document's reason is the question that a person is asked."""
    for review in reviews:
        extraction = review["question"]["extraction"]
        for outcome in found:
            if outcome.status == "waiting" and outcome.truth.file.name == Path(extraction["file"]).name:
                messages = [str(f.get("message", "")) for f in extraction.get("findings", [])]
                outcome.reason = "; ".join(m for m in messages if m) or "a value is uncertain"


def show(found: Sequence[Outcome]) -> None:
    """One line a document, then right, wrong and missing for each field."""
    marks = {"right": "✓", "wrong": "WRONG", "missing": "missing", "untold": "·"}
    table = Table("document", "outcome", *FIELDS, "reason", box=None, header_style="bold")
    for o in found:
        cells = [marks[o.verdicts[name]] if o.bill else "" for name in FIELDS]
        table.add_row(o.truth.id, "posted" if o.bill else o.status, *cells, o.reason[:90])
    out.print(table)
    sums = Table(
        "field", "right", "wrong", "missing", "not stated by the truth", box=None, header_style="bold"
    )
    posted = [o for o in found if o.bill]
    for name in FIELDS:
        counted = Counter(o.verdicts[name] for o in posted)
        sums.add_row(name, *(str(counted[v]) for v in ("right", "wrong", "missing", "untold")))
    out.print(f"\nfields of the {len(posted)} posted bills, as the ERP holds them", style="bold")
    out.print(sums)


def problems(found: Sequence[Outcome]) -> list[str]:
    """What keeps this from being a success."""
    posted = [o for o in found if o.bill]
    told = [f"{o.truth.id} is posted with a wrong {', '.join(o.wrong)}" for o in posted if o.wrong]
    told += [f"{o.truth.id} is {o.status} and says no reason" for o in found if not o.bill and not o.reason]
    if len(posted) < WANTED:
        told.append(f"only {len(posted)} of {len(found)} posted; {WANTED} are wanted")
    return told


def run(folder: Path, data: Path) -> int:
    truths = documents(data)
    make_project(folder, truths)
    with Erp(folder / "erp", PORT) as erp:
        rpa(folder, "run", "enter_vendor_bills")
        _, listed = rpa(folder, "show", "last", "--json")
        _, asked = rpa(folder, "review", "list", "--json")
        found = outcomes(truths, listed["items"], erp.bills())
    add_questions(found, asked["reviews"])
    show(found)
    wrong = problems(found)
    for problem in wrong:
        out.print(f"WRONG: {problem}", style="red")
    out.print(f"project, ledger and evidence: {folder}")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("RPA_DATA", ROOT / "../shared/data"))
    )
    parser.add_argument(
        "--folder", type=Path, help="empty folder for the project; default: a temporary one, kept"
    )
    given = parser.parse_args()
    if not (given.data / "invoices" / "truth.jsonl").is_file():
        out.print(f"There are no documents in {given.data}; name their folder with --data or RPA_DATA.")
        return 2
    return run(given.folder or Path(tempfile.mkdtemp(prefix="real-documents-")), given.data)


if __name__ == "__main__":
    sys.exit(main())

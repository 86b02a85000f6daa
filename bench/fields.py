"""Fields beside other tools on the same documents: label rules alone, invoice2data, Tesseract with regular expressions.

    python -m bench.fields DATA_DIR [--invoice2data PYTHON] [--receipts N] [--offset N]

DATA_DIR holds `facturx`, `invoices` and `sroie`. Invoices: the natural ones of `facturx` and all of `invoices`, the
XML inside barred, none of their suppliers in training. invoice2data runs in the environment of PYTHON (installed
apart, for it is no dependency) with the templates that it ships. «Tesseract + regex» is the script that is usually
written first: OCR by Tesseract, then one pattern for each field. Scored as `rpa evaluate` does, normalised. Receipts are
our own reading with the shipped weights, which have seen these receipts: the figures out of fold are those of
`bench.fields_receipts`; here they only stand beside what Tesseract + regex makes of the same pictures.
"""  # noqa: E501

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ocr.doctypes import load_doctype
from ocr.errors import DocumentError
from ocr.evaluate.compare import right
from ocr.evaluate.truth import FAULTS, Truth, read_truth
from ocr.extract import extract_reading
from ocr.fields.label_finder import label_finder
from ocr.fields.typed import find_dates, find_money
from ocr.reading import read_one
from ocr.values import Field, Value

Answers = Mapping[str, Value]
Tool = Callable[[Truth], Answers]
CORE = {
    "invoice": ("supplier_name", "invoice_number", "issue_date", "gross_total"),
    "receipt": ("company", "date", "total"),
}
INVOICE2DATA = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from invoice2data import extract_data
from invoice2data.extract.loader import read_templates
templates = read_templates()
for line in sys.stdin:
    try:
        found = extract_data(line.strip(), templates=templates) or {}
    except Exception as error:
        found = {"error": type(error).__name__}
    print(json.dumps({k: str(v) for k, v in found.items() if not isinstance(v, (list, dict))}), flush=True)
"""
THEIR_NAMES = {
    "issuer": "supplier_name", "invoice_number": "invoice_number", "date": "issue_date",
    "amount": "gross_total", "currency": "currency", "vat": "supplier_tax_id", "amount_untaxed": "net_total",
    "amount_tax": "tax_total", "date_due": "due_date", "iban": "iban",
}  # fmt: skip
NUMBER = re.compile(
    r"(?:invoice|rechnung|facture|receipt|bill)s?[\s-]*(?:no|nr|number|nummer|n°|#)?[.:#\s]*"
    r"([A-Z0-9][\w/-]*\d[\w/-]*)",
    re.IGNORECASE,
)
TOTAL = re.compile(
    r"^.*\b(?:grand total|total|gesamt\w*|summe|rechnungsbetrag|amount due)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)


def ours(truth: Truth) -> Answers:
    reading = read_one(truth.file)
    return _values(extract_reading(reading, load_doctype(truth.doctype)).fields)


def labels_alone(truth: Truth) -> Answers:
    reading = read_one(truth.file)
    return _values(extract_reading(reading, load_doctype(truth.doctype), finder=label_finder()).fields)


def _values(fields: Mapping[str, Any]) -> Answers:
    return {name: item.value for name, item in fields.items() if isinstance(item, Field)}


def tesseract_and_regex(truth: Truth) -> Answers:
    """The first line, the first date, the greatest amount on a line that says total, a pattern."""
    text = read_one(truth.file, engine="tesseract", force_ocr=True).text
    lines = [line.strip() for line in text.splitlines() if sum(ch.isalpha() for ch in line) > 3]
    dates = [hit.value for hit in find_dates(text)]
    totals = [
        hit.value for match in TOTAL.finditer(text) for hit in find_money(match[0]) if hit.decimals == 2
    ]
    number = NUMBER.search(text)
    names = CORE[truth.doctype]
    found: dict[str, Value] = {
        names[0]: lines[0] if lines else None,
        names[-1]: max(totals) if totals else None,
        "issue_date" if truth.doctype == "invoice" else "date": dates[0] if dates else None,
    }
    if truth.doctype == "invoice" and number:
        found["invoice_number"] = number[1]
    return {name: value for name, value in found.items() if value is not None}


class Invoice2data:
    """The tool in its own environment, one process for all files."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, "-c", INVOICE2DATA], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def __call__(self, truth: Truth) -> Answers:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{truth.file}\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        return {
            ours: _typed(ours, found[theirs]) for theirs, ours in THEIR_NAMES.items() if found.get(theirs)
        }


def _typed(name: str, text: str) -> Value:
    if name.endswith("_date"):
        return date.fromisoformat(text[:10])
    return Decimal(text) if name.endswith("_total") else text


def score(tool: Tool, truths: Sequence[Truth]) -> dict[str, tuple[int, int, int]]:
    """(right, given, stated) for the core fields and for all header fields."""
    counts = {"core": [0, 0, 0], "all": [0, 0, 0]}
    for truth in truths:
        try:
            found = tool(truth)
        except DocumentError as error:
            print(f"{truth.id}: {error.message}")
            found = {}
        fields = load_doctype(truth.doctype).fields
        for name, accepted in truth.fields.items():
            if name not in fields or not accepted or (truth.id, name) in FAULTS:
                continue
            value = found.get(name)
            good = value is not None and right(value, fields[name].type, accepted)
            for group in ("core", "all") if name in CORE[truth.doctype] else ("all",):
                for at, add in enumerate((good, value is not None, True)):
                    counts[group][at] += int(add)
    return {group: (a, b, c) for group, (a, b, c) in counts.items()}


def table(title: str, tools: Mapping[str, Tool], truths: Sequence[Truth]) -> None:
    print(f"\n{title}: {len(truths)} documents\n")
    print("| tool | core fields P / R / F1 | all header fields P / R / F1 |\n| --- | --- | --- |")
    for name, tool in tools.items():
        counts = score(tool, truths)
        print(f"| {name} | {_shown(*counts['core'])} | {_shown(*counts['all'])} |", flush=True)


def _shown(good: int, given: int, stated: int) -> str:
    precision, recall = good / max(1, given), good / max(1, stated)
    f1 = 2 * good / max(1, given + stated)
    return f"{precision:.3f} / {recall:.3f} / **{f1:.3f}**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--invoice2data", help="the Python of an environment that has invoice2data")
    parser.add_argument("--receipts", type=int, default=40)
    parser.add_argument("--offset", type=int, default=0)
    asked = parser.parse_args()
    natural = [t for t in read_truth(asked.data / "facturx") if t.group == "natural"]
    tools: dict[str, Tool] = {"ours": ours, "label rules alone": labels_alone}
    others: dict[str, Tool] = {"Tesseract + regex": tesseract_and_regex}
    if asked.invoice2data:
        others["invoice2data, its own templates"] = Invoice2data(asked.invoice2data)
    table("invoices with a text layer", {**tools, **others}, [*natural, *read_truth(asked.data / "invoices")])
    receipts = read_truth(asked.data / "sroie")[asked.offset : asked.offset + asked.receipts]
    if receipts:
        table("receipts, pictures", {**tools, "Tesseract + regex": tesseract_and_regex}, receipts)


if __name__ == "__main__":
    main()

"""A GnuCash book for tests: made with a few accounts and vendors, and read back to see what was posted."""

from __future__ import annotations

import gzip
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

NAMES = "gnc act book cd cmdty trn split vendor addr invoice entry owner ts".split()
SPACES = {name: f"http://www.gnucash.org/XML/{name}" for name in NAMES}
EURO = "<cmdty:space>CURRENCY</cmdty:space><cmdty:id>EUR</cmdty:id>"
ACCOUNTS = {
    **{"Root Account": ("ROOT", ""), "Accounts Payable": ("PAYABLE", "Root Account")},
    **{"Expenses": ("EXPENSE", "Root Account"), "Bank": ("BANK", "Root Account")},
    **{"Office": ("EXPENSE", "Expenses"), "Travel": ("EXPENSE", "Expenses")},
}


def _guid(name: str) -> str:
    return name.encode().hex().ljust(32, "0")[:32]


def _account(name: str) -> str:
    kind, parent = ACCOUNTS[name]
    above = (
        f"<act:commodity>{EURO}</act:commodity><act:commodity-scu>100</act:commodity-scu>"
        f"<act:parent type='guid'>{_guid(parent)}</act:parent>"
    )
    return (
        f"<gnc:account version='2.0.0'><act:name>{name}</act:name><act:id type='guid'>{_guid(name)}</act:id>"
        f"<act:type>{kind}</act:type>{above if parent else ''}</gnc:account>"
    )


def _vendor(number: int, name: str) -> str:
    return (
        f"<gnc:GncVendor version='2.0.0'><vendor:guid type='guid'>{number:032x}</vendor:guid>"
        f"<vendor:name>{escape(name)}</vendor:name><vendor:id>{number:06}</vendor:id>"
        "<vendor:addr version='2.0.0'><addr:addr1>Street 1</addr:addr1></vendor:addr>"
        "<vendor:taxincluded>USEGLOBAL</vendor:taxincluded><vendor:active>1</vendor:active>"
        f"<vendor:currency>{EURO}</vendor:currency><vendor:use-tt>0</vendor:use-tt></gnc:GncVendor>"
    )


def write_book(path: Path, vendors: list[str]) -> None:
    """A new book without any transaction."""
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in SPACES.items())
    body = "".join([*map(_account, ACCOUNTS), *(_vendor(n, v) for n, v in enumerate(vendors, 1))])
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8" ?>\n<gnc-v2 {spaces}>\n'
        '<gnc:count-data cd:type="book">1</gnc:count-data>\n<gnc:book version="2.0.0">\n'
        f'<book:id type="guid">{_guid("book")}</book:id>\n'
        f'<gnc:commodity version="2.0.0">{EURO}</gnc:commodity>\n{body}\n</gnc:book>\n</gnc-v2>\n',
        "utf-8",
    )


def posted_bills(path: Path) -> list[tuple[str, str, str, str, Decimal]]:
    """Of each posted bill: number, vendor, description, expense account, amount, by number."""
    data = path.read_bytes()
    root = ElementTree.fromstring(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    vendors = _named(root, "GncVendor", "vendor:guid", "vendor:name")
    accounts = _named(root, "account", "act:id", "act:name")
    amounts = {
        _text(t, "trn:id"): max(Fraction(_text(s, "split:value")) for s in t.iterfind(".//trn:split", SPACES))
        for t in root.iterfind(".//gnc:transaction", SPACES)
    }
    entries = {_text(e, "entry:bill"): e for e in root.iterfind(".//gnc:GncEntry", SPACES)}
    found = []
    for bill in root.iterfind(".//gnc:GncInvoice", SPACES):
        transaction, entry = _text(bill, "invoice:posttxn"), entries[_text(bill, "invoice:guid")]
        if transaction:
            vendor, account = vendors[_text(bill, ".//owner:id")], accounts[_text(entry, "entry:b-acct")]
            amount = Decimal(amounts[transaction].numerator) / amounts[transaction].denominator
            found.append(
                (_text(bill, "invoice:id"), vendor, _text(entry, "entry:description"), account, amount)
            )
    return sorted(found)


def _text(node: ElementTree.Element, path: str) -> str:
    return node.findtext(path, "", SPACES)


def _named(root: ElementTree.Element, kind: str, key: str, name: str) -> dict[str, str]:
    return {_text(n, key): _text(n, name) for n in root.iterfind(f".//gnc:{kind}", SPACES)}

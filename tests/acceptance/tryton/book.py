"""Runs in Tryton's own environment: enters supplier invoices through proteus, as another clerk would.

Usage: python book.py DATABASE < bills.json
A bill: {supplier, number, date, currency, post, lines: [{description, quantity, unit_price, rate}]}; `rate` is
the tax in percent, `post` false leaves a draft. Prints the list of the new ids.
"""

import datetime
import json
import os
import sys
from decimal import Decimal

from proteus import Model, config


def only(model, *domain):
    found = Model.get(model).find(list(domain))
    if len(found) != 1:
        raise SystemExit(f"{model} {domain}: {len(found)} found, one needed")
    return found[0]


def party(name):
    Party = Model.get("party.party")
    found = Party.find([("name", "=", name)])
    if found:
        return found[0]
    new = Party(name=name)
    new.save()
    return new


def entered(bill):
    invoice = Model.get("account.invoice")(type="in")
    invoice.party = party(bill["supplier"])
    invoice.reference = bill["number"]
    invoice.invoice_date = datetime.date.fromisoformat(bill["date"])
    invoice.currency = only("currency.currency", ("code", "=", bill.get("currency", "EUR")))
    for each in bill["lines"]:
        line = invoice.lines.new()
        line.account = only("account.account", ("code", "=", f"P{int(each.get('rate', 0)):02}"))
        line.description = each["description"]
        line.quantity = float(each["quantity"])
        line.unit_price = Decimal(str(each["unit_price"]))
    invoice.save()
    if bill.get("post", True):
        invoice.click("post")
    return invoice.id


if __name__ == "__main__":
    config.set_trytond(sys.argv[1], user="admin", config_file=os.environ["TRYTOND_CONFIG"])
    print(json.dumps([entered(bill) for bill in json.load(sys.stdin)]))

"""Runs in Tryton's own environment: prints what the ERP holds as JSON.

Usage: python oracle.py DATABASE [bills|parties|users] [STATE]
"""

import json
import os
import sys

from proteus import Model, config


def bill(invoice):
    return {
        "id": invoice.id,
        "state": invoice.state,
        "supplier": invoice.party.name,
        "number": invoice.reference,
        "own_number": invoice.number,
        "date": invoice.invoice_date.isoformat() if invoice.invoice_date else None,
        "currency": invoice.currency.code,
        "net": str(invoice.untaxed_amount),
        "tax": str(invoice.tax_amount),
        "total": str(invoice.total_amount),
        "booked": invoice.move is not None and invoice.move.state == "posted",
        "lines": [line(each) for each in invoice.lines],
        "taxes": [
            {"description": t.description, "base": str(t.base), "amount": str(t.amount), "manual": t.manual}
            for t in invoice.taxes
        ],
    }


def line(each):
    return {
        "description": each.description,
        "quantity": str(each.quantity),
        "unit_price": str(each.unit_price),
        "amount": str(each.amount),
        "account": each.account.code if each.account else None,
        "taxes": [t.name for t in each.taxes],
    }


def bills(state=None):
    domain = [("type", "=", "in"), *([("state", "=", state)] if state else [])]
    return [bill(i) for i in Model.get("account.invoice").find(domain, order=[("id", "ASC")])]


def parties():
    found = Model.get("party.party").find([], order=[("id", "ASC")])
    return [{"id": p.id, "name": p.name, "code": p.code} for p in found]


def users():
    return [{"id": u.id, "login": u.login, "name": u.name} for u in Model.get("res.user").find([])]


if __name__ == "__main__":
    config.set_trytond(sys.argv[1], user="admin", config_file=os.environ["TRYTOND_CONFIG"])
    what = {"bills": bills, "parties": parties, "users": users}[sys.argv[2] if len(sys.argv) > 2 else "bills"]
    print(json.dumps(what(*sys.argv[3:])))

"""Runs in Tryton's own environment: prints every supplier invoice as JSON."""

import json
import os
import sys

from proteus import Model, config


def described(invoice):
    return {
        "id": invoice.id,
        "state": invoice.state,
        "supplier": invoice.party.name,
        "number": invoice.reference,
        "date": invoice.invoice_date.isoformat() if invoice.invoice_date else None,
        "currency": invoice.currency.code,
        "net": str(invoice.untaxed_amount),
        "tax": str(invoice.tax_amount),
        "total": str(invoice.total_amount),
        "lines": [
            {
                "description": line.description,
                "quantity": str(line.quantity),
                "unit_price": str(line.unit_price),
                "amount": str(line.amount),
                "taxes": [t.name for t in line.taxes],
            }
            for line in invoice.lines
        ],
    }


config.set_trytond(sys.argv[1], user="admin", config_file=os.environ["TRYTOND_CONFIG"])
Invoice = Model.get("account.invoice")
print(json.dumps([described(i) for i in Invoice.find([("type", "=", "in")], order=[("id", "ASC")])]))

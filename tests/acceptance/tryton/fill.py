"""Runs in Tryton's own environment: fills an empty database with a company that can book supplier bills.

Usage: python fill.py DATABASE_FILE  (TRYTON_PASSWORD holds the administrator's password)
"""

import datetime
import os
import sys
from decimal import Decimal
from pathlib import Path

from proteus import Model, Wizard, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
from trytond.modules.account_invoice.tests.tools import create_payment_term, set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

MODULES = ("account_invoice", "purchase", "sale", "account_statement")
RATES = (0, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27)
CURRENCIES = {
    "EUR": ("Euro", "€", "0.01", "1"),
    "USD": ("U.S. Dollar", "$", "0.01", "1.1"),
    "GBP": ("Pound Sterling", "£", "0.01", "0.85"),
    "KRW": ("Won", "₩", "1", "1500"),
    "CHF": ("Swiss Franc", "CHF", "0.01", "0.95"),
    "MYR": ("Ringgit", "RM", "0.01", "4.7"),
}


def activate(names):
    Module = Model.get("ir.module")
    Module.click(Module.find([("name", "in", names)]), "activate")
    Wizard("ir.module.activate_upgrade").execute("upgrade")
    ConfigItem = Model.get("ir.module.config_wizard.item")
    for item in ConfigItem.find([("state", "!=", "done")]):
        item.state = "done"
        item.save()


def add_currencies():
    Currency = Model.get("currency.currency")
    Rate = Model.get("currency.currency.rate")
    for code, (name, symbol, rounding, rate) in CURRENCIES.items():
        currency = Currency(name=name, code=code, symbol=symbol, rounding=Decimal(rounding))
        currency.digits = 0 if code == "KRW" else 2
        currency.save()
        Rate(date=datetime.date(2000, 1, 1), rate=Decimal(rate), currency=currency).save()


def add_years(company):
    for year in range(2013, 2027):
        span = (datetime.date(year, 1, 1), datetime.date(year, 12, 31))
        fiscalyear = set_fiscalyear_invoice_sequences(create_fiscalyear(company, span))
        fiscalyear.start_date, fiscalyear.end_date = span
        fiscalyear.save()
        fiscalyear.click("create_period")


def add_accounts(company):
    """One expense account a tax rate, with the tax as its default: choosing the account chooses the tax."""
    Account = Model.get("account.account")
    expense = get_accounts(company)["expense"]
    for rate in RATES:
        account = Account(name=f"Purchases {rate} %", code=f"P{rate:02}", type=expense.type, company=company)
        account.parent = expense.parent
        if rate:
            tax = create_tax(Decimal(rate) / 100, company)
            tax.name = tax.description = f"Tax {rate} %"
            tax.save()
            account.taxes.append(tax)
        account.save()


def set_exchange_accounts(company):
    """Where the rest of converting a foreign bill goes; without them a bill in won cannot be posted."""
    exchange, = get_accounts(company)["revenue"].duplicate(default={"name": "Currency Exchange", "code": "XCH"})
    configuration = Model.get("account.configuration")(1)
    configuration.currency_exchange_credit_account = exchange
    configuration.currency_exchange_debit_account = exchange
    configuration.save()


def add_clerk():
    """The user whom the bot logs in as: books, but administers nothing."""
    User, Group = Model.get("res.user"), Model.get("res.group")
    user = User(name="AP Clerk", login="clerk", password=os.environ["TRYTON_CLERK_PASSWORD"])
    for group in Group.find([("name", "in", ["Accounting", "Accounting Party", "Account", "Party Administration"])]):
        user.groups.append(group)
    user.company = get_company()
    user.companies.append(get_company())
    user.save()


def main(database):
    config.set_trytond(Path(database).stem, user="admin", config_file=os.environ["TRYTOND_CONFIG"])
    activate(MODULES)
    add_currencies()
    create_company(currency=Model.get("currency.currency").find([("code", "=", "EUR")])[0])
    company = get_company()
    company.party.name = "Daeri Demo GmbH"
    company.party.save()
    add_years(company)
    create_chart(company)
    add_accounts(company)
    set_exchange_accounts(company)
    create_payment_term().save()
    add_clerk()


if __name__ == "__main__":
    main(sys.argv[1])

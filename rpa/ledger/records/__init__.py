"""The ledger's tables. Their classes never leave `rpa/ledger/`; `types.py` holds what others see.

`*_exact` columns are envelopes of the project key, for the engine alone; `*_shown` columns hold the masked
form for show, report, log, search and export. Everything that happened is appended; runs, items and writes
carry their present state beside it.

Making a table class takes milliseconds, and a command that looks needs few of them: each family is loaded when one of
its tables is first named.

The migrations make the tables. Indexes over some rows only are so on PostgreSQL too, but say it there: naming that
option here would load PostgreSQL's dialect at each start, also for a file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, Table

if TYPE_CHECKING:
    from rpa.ledger.records.facts import counter as counter
    from rpa.ledger.records.facts import meta as meta
    from rpa.ledger.records.facts import state as state
    from rpa.ledger.records.failures import failure as failure
    from rpa.ledger.records.items import item as item
    from rpa.ledger.records.items import run_item as run_item
    from rpa.ledger.records.kept import artifact as artifact
    from rpa.ledger.records.kept import blob as blob
    from rpa.ledger.records.people import audit as audit
    from rpa.ledger.records.people import review as review
    from rpa.ledger.records.runs import flow_revision as flow_revision
    from rpa.ledger.records.runs import run as run
    from rpa.ledger.records.runs import run_want as run_want
    from rpa.ledger.records.service import firing as firing
    from rpa.ledger.records.service import worker as worker
    from rpa.ledger.records.steps import attempt as attempt
    from rpa.ledger.records.steps import event as event
    from rpa.ledger.records.writes import write as write
    from rpa.ledger.records.writes import write_step as write_step

_FAMILIES = {
    "runs": ("flow_revision", "run", "run_want"),
    "items": ("item", "run_item"),
    "steps": ("attempt", "event"),
    "failures": ("failure",),
    "writes": ("write", "write_step"),
    "kept": ("blob", "artifact"),
    "people": ("review", "audit"),
    "service": ("firing", "worker"),
    "facts": ("state", "meta", "counter"),
}
_HOME = {name: family for family, names in _FAMILIES.items() for name in names}


def _load(name: str) -> Table:
    try:
        family = _HOME[name]
    except KeyError:
        raise AttributeError(f"no such table: {name}") from None
    found: Table = getattr(import_module(f"{__name__}.{family}"), name)
    globals()[name] = found
    return found


if not TYPE_CHECKING:
    __getattr__ = _load


def all_tables() -> MetaData:
    """The whole schema."""
    from sqlmodel import SQLModel

    for name in _HOME:
        _load(name)
    return SQLModel.metadata

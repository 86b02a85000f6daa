"""Numbered migrations of the ledger's schema. `HEAD` is the newest; a ledger at `HEAD` opens without
Alembic."""

HEAD = "0004"

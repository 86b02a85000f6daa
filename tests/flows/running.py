"""Runs a test case of a flow through the real engine and a real ledger, with fakes in place of bots: as
`rpa test` does."""

from __future__ import annotations

from rpa.app.cases import run_case

__all__ = ["run_case"]

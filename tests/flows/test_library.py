"""The ready flows of the library: they check without an error or a warning against the real actions."""

from __future__ import annotations

from pathlib import Path

import pytest

import flows
from bots.catalog import catalog
from flows.diagnostics import render
from flows.loader import load

LIBRARY = Path(flows.__file__).parent / "library"
READY = sorted(LIBRARY.glob("*.yaml"))


@pytest.mark.skipif(not READY, reason="flows/library holds no flow yet")
@pytest.mark.parametrize("path", READY, ids=lambda p: p.stem)
def test_a_ready_flow_checks(path: Path) -> None:
    found = load(path, catalog=catalog(), library=LIBRARY).diagnostics
    assert found == [], render(found)

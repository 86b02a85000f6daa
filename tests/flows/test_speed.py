"""Checking stays quick for large flows. CPU seconds, so that a busy machine changes nothing."""

from __future__ import annotations

import time

import pytest

from bench.check import flow
from bots.catalog import catalog
from flows.loader import load


@pytest.mark.parametrize("wrong", [False, True], ids=["sound", "wrong"])
@pytest.mark.parametrize(("steps", "limit"), [(200, 0.5), (2000, 3.0)])
def test_checking_a_large_flow(steps: int, limit: float, wrong: bool) -> None:
    text, actions = flow(steps, wrong=wrong), catalog()
    began = time.process_time()
    loaded = load(text, catalog=actions)
    assert time.process_time() - began < limit
    assert bool(loaded.diagnostics) is wrong

"""The service for half an hour under disturbance: nothing lost, nothing twice, nothing left, memory flat."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.acceptance.soak import soak

MINUTES = float(os.environ.get("RPA_SOAK_MINUTES", "30"))


@pytest.mark.heavy
@pytest.mark.browser
@pytest.mark.timeout(MINUTES * 60 + 1200)
def test_the_service_keeps_its_promises_while_everything_around_it_fails(tmp_path: Path) -> None:
    told = soak(tmp_path, MINUTES, seed=7)
    print(json.dumps(told, default=str))  # figures for those who look (-s)
    shutil.rmtree(tmp_path / "kept", ignore_errors=True)
    assert told["orders"] > MINUTES
    assert (told["lost"], told["twice"], told["unfinished"], told["left"]) == ([], [], [], []), told
    first, _, last = told["memory_mb"]
    assert last - first <= 20, told["memory_mb"]

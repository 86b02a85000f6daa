"""`rpa inspect` and `rpa record --desktop`, as an author calls them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bots.desktop.target import Target

DISPLAYS = os.environ.get("RPA_TEST_DISPLAYS", "70-89").split("-")
NEEDED = ("Xvfb", "openbox", "dbus-daemon", "xclip", "galculator")
MISSING = [name for name in NEEDED if shutil.which(name) is None]


def drives(test: Callable[..., None]) -> Callable[..., None]:
    """A test that opens displays."""
    missing = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
    marked: Callable[..., None] = pytest.mark.desktop(pytest.mark.xdist_group("desktop")(missing(test)))
    return marked


def rpa(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (project / "rpa.toml").write_text(
        f"[desktop]\nfirst_display = {DISPLAYS[0]}\nlast_display = {DISPLAYS[1]}\n", "utf-8"
    )
    (project / "flows.yaml").write_text("version: 1\n", "utf-8")
    outside = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(project), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=outside)


@drives
def test_inspect_gives_targets_and_a_picture(tmp_path: Path) -> None:
    done = rpa(tmp_path, "inspect", "galculator", "--json", "--picture", str(tmp_path / "seen.png"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["schema"] == 1
    (program,) = told["programs"]
    assert program["accessible"] and program["program"] == "galculator"
    targets = [Target.model_validate(yaml.safe_load(t["target"])) for t in program["things"] if t["target"]]
    assert "=" in {t.name for t in targets}
    assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")


@drives
def test_record_writes_a_flow_that_checks(tmp_path: Path) -> None:
    out = tmp_path / "flows" / "taken.yaml"
    words = ("record", "galculator", "--desktop", "--virtual", "--seconds", "1", "--out", str(out))
    done = rpa(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(out.read_text("utf-8"))["session"] == {"steps": [{"desktop.start": "galculator"}]}
    assert rpa(tmp_path, "check", str(out)).returncode == 0


def test_record_asks_what_to_record(tmp_path: Path) -> None:
    assert rpa(tmp_path, "record", "galculator").returncode == 2
    assert rpa(tmp_path, "record", "--desktop", "--virtual").returncode == 2


def test_without_a_display_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    done = rpa(tmp_path, "inspect")
    assert done.returncode == 3
    assert "display-missing" in done.stderr + done.stdout

"""A secret that a flow types is found nowhere on disk afterwards, in no form, in no archive, in no picture."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.browser.launch import find_browser
from bots.browser.redact import forms
from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.ledger.crypto import create_key
from rpa.ledger.types import RunStatus
from rpa.settings import load_settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge is installed"),
]
CANARY = "Kanarienvogel8172"
PAGE = """<!doctype html><title>Sign in</title><body style="font-size:28px"><p>Please sign in</p>
<label>User <input id=u></label><label>Password <input id=p type=password></label>
<button onclick="console.log('got ' + p.value); out.textContent = 'You typed ' + p.value;
 localStorage.x = p.value; document.title = p.value">Log in</button><p id=out></p>"""
FLOW = """flow: canary
inputs: {page: text}
secrets: [password]
steps:
  - browser.open: "${inputs.page}"
  - browser.fill: {target: User, text: kim}
  - browser.fill: {target: Password, text: "${secrets.password}"}
  - browser.click: Log in
  - browser.screenshot: after
  - id: said
    browser.read: {css: "#out"}
  - data.log: "${said}"
  - browser.click: Nowhere
    timeout: 1s
"""


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below `folder`, and what is inside of archives."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        yield str(path), data
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from ((f"{path}!{name}", archive.read(name)) for name in archive.namelist())


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What a failed run with full evidence leaves on disk."""
    monkeypatch.setenv("RPA_SECRET_PASSWORD", CANARY)
    keys, folder = tmp_path / "keys", tmp_path / "project"
    keys.mkdir()
    (folder / "flows").mkdir(parents=True)
    create_key(keys / "key")
    (folder / "flows.yaml").write_text("version: 1\n")
    (folder / "flows" / "canary.yaml").write_text(FLOW)
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    given = {"project": folder, "key_file": str(keys / "key"), "pace": 0, "evidence": "full", "browser": {"video": True}}
    project = Project(load_settings(given, environ={}))
    run_id = enqueue(project, project.flow("canary"), {"page": page.as_uri()})
    claim, _ = project.ledger.claim("test", run_id=run_id) or pytest.fail("nothing queued")
    assert execute(project.settings, claim, Silent()) == RunStatus.failed
    codes = {failure.code for failure in project.ledger.failures(run_id)}
    assert codes == {"target-missing"}  # it came as far as the last step
    return list(_contents(folder))


def test_a_typed_secret_is_nowhere_on_disk(left: list[tuple[str, bytes]]) -> None:
    assert any(name.endswith(".trace") and "!" in name for name, _ in left)  # archives were looked into
    assert any(data.startswith(b"\x89PNG") for _, data in left)
    assert any(b"You typed" in data for _, data in left)  # the page's HTML is there, without the value
    wanted = [f.encode() for f in forms(CANARY)] + [CANARY.encode("utf-16-le")]
    assert [name for name, data in left if any(w in data for w in wanted)] == []


def _read(picture: bytes) -> str:
    return subprocess.run(["tesseract", "-", "-"], input=picture, capture_output=True, check=True).stdout.decode()


def _frames(film: bytes, folder: Path) -> list[bytes]:
    """Every different picture of a film."""
    (folder / "film.mp4").write_bytes(film)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(folder / "film.mp4"), "-vsync", "0", str(folder / "%04d.png")]
    subprocess.run(command, check=True)
    return [path.read_bytes() for path in sorted(folder.glob("*.png"))]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="the program tesseract is not installed")
def test_no_frame_of_the_film_shows_a_typed_secret(left: list[tuple[str, bytes]], tmp_path: Path) -> None:
    films = [data for _, data in left if data[4:8] == b"ftyp"]
    assert len(films) == 1
    frames = _frames(films[0], tmp_path)
    assert len(frames) >= 6  # one for each step that went well
    first, last = _read(frames[0]).lower(), _read(frames[-1]).lower()
    assert "sign in" in first and "sign in" in last
    assert CANARY.lower()[:10] not in last.replace(" ", "")


@pytest.mark.heavy
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="the program tesseract is not installed")
def test_no_picture_shows_a_typed_secret(left: list[tuple[str, bytes]], tmp_path: Path) -> None:
    pictures = [d for _, d in left if d.startswith((b"\x89PNG", b"\xff\xd8"))]
    pictures += [frame for _, d in left if d[4:8] == b"ftyp" for frame in _frames(d, tmp_path)]
    texts = [_read(picture) for picture in pictures]
    assert any("sign in" in t.lower() for t in texts)  # the pictures can be read
    assert [t for t in texts if CANARY.lower()[:10] in t.lower().replace(" ", "")] == []

"""Broken input through the real command line: what is said (golden files), the exit code, and what is remembered.

A message must say what, where and how to mend it; every document must be in the ledger with its reason.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from rpa.ledger.crypto import create_key
from tests.acceptance.tryton.erp import free_port

GOLDEN = Path(__file__).parent / "golden"
READ = """flow: read
items:
  from: {files: "inbox/*"}
  key: "${item.name}"
  attempts: 1
steps:
  - id: bill
    document.extract: {file: "${item.path}", doctype: invoice}
"""
ERP = """flow: erp
steps:
  - browser.open: "http://127.0.0.1:PORT/"
    timeout: 40s
"""
SECRET = """flow: secret
secrets: [erp_password]
steps:
  - browser.open: "http://127.0.0.1:PORT/"
  - browser.fill: {target: Password, text: "${secrets.erp_password}"}
"""
UNKNOWN = """flow: unknown
steps:
  - browser.opn: "http://127.0.0.1:8000/"
"""
BROKEN = """flow: broken
steps:
  - browser.open: "http://127.0.0.1:8000/
  - browser.click: {role: button, name: OK
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
Rpa = Callable[..., tuple[int, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "flows.yaml").write_text("version: 1\n", "utf-8")
    (tmp_path / "flows").mkdir()
    (tmp_path / "inbox").mkdir()
    create_key(tmp_path / "key")
    return tmp_path


@pytest.fixture
def rpa(project: Path) -> Rpa:
    def run(*arguments: str, **more: str) -> tuple[int, str]:
        env = {k: v for k, v in os.environ.items() if not k.startswith("RPA_")}
        command = [sys.executable, "-m", "rpa.cli.main", "--project", str(project), *arguments]
        done = subprocess.run(
            command, env={**env, "RPA_KEY_FILE": str(project / "key"), "COLUMNS": "120", **more}, cwd=project,
            capture_output=True, text=True, timeout=120,
        )
        return done.returncode, _same_every_time(done.stdout + done.stderr, project)

    return run


def _same_every_time(text: str, project: Path) -> str:
    """Without this run's id, folder, port and time."""
    text = text.replace(str(project), "PROJECT")
    text = re.sub(r"r-\d{8}-[a-z0-9]{6}", "RUN", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\(about \d+ s left\)", "(about N s left)", text)
    text = re.sub(r"약 \d+초", "약 N초", text)
    return re.sub(r"\d+\.\d s\b", "N s", text)


def documents(inbox: Path) -> dict[str, str]:
    """Writes the broken documents; {name: the code that each must end with}."""
    (inbox / "empty.png").write_bytes(b"")
    (inbox / "huge.png").write_bytes(_huge_png(20_000, 20_000))
    (inbox / "no-pages.pdf").write_bytes(_pdf_without_pages())
    (inbox / "text.pdf").write_text("Dear Sir, please find our invoice below.\n", "utf-8")
    sealed = Canvas(str(inbox / "sealed.pdf"), encrypt=StandardEncryption("secret", "owner"))
    sealed.drawString(72, 700, "Invoice 1")
    sealed.save()
    Image.new("RGB", (64, 64), "white").save(inbox / "half.jpg")
    half = (inbox / "half.jpg").read_bytes()
    (inbox / "half.jpg").write_bytes(half[: len(half) // 2])
    return {
        "empty.png": "file-empty", "half.jpg": "image-broken", "huge.png": "image-too-large",
        "no-pages.pdf": "pdf-broken", "sealed.pdf": "pdf-encrypted", "text.pdf": "file-unsupported",
    }


def _huge_png(width: int, height: int) -> bytes:
    """A true PNG of one bit a pixel that is small as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 1)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _pdf_without_pages() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF\n"
    )


@pytest.mark.parametrize("lang", ("en", "ko"))
def test_broken_documents_are_told_apart_and_remembered(project: Path, rpa: Rpa, golden, lang: str) -> None:
    expected = documents(project / "inbox")
    (project / "flows" / "read.yaml").write_text(READ, "utf-8")
    code, said = rpa("--lang", lang, "run", "read")
    golden(GOLDEN / f"documents.{lang}.txt", said)
    assert code == 1
    _, shown = rpa("show", "last", "--json")
    items = json.loads(shown)["items"]
    assert {i["name"]: i["failure"]["code"] for i in items} == expected
    assert {i["status"] for i in items} == {"failed_business"}


FLOWS = {"yaml-broken": (BROKEN, 2), "yaml-bomb": (BOMB, 2), "action-unknown": (UNKNOWN, 2)}


@pytest.mark.parametrize("lang", ("en", "ko"))
@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_that_cannot_run_is_refused_before_it_begins(
    project: Path, rpa: Rpa, golden, name: str, lang: str
) -> None:
    text, expected = FLOWS[name]
    (project / "flows" / f"{name}.yaml").write_text(text.replace("PORT", "8000"), "utf-8")
    code, said = rpa("--lang", lang, "run", f"flows/{name}.yaml")
    golden(GOLDEN / f"{name}.{lang}.txt", said)
    assert code == expected
    assert json.loads(rpa("runs", "--json")[1])["runs"] == []


@pytest.mark.parametrize("lang", ("en", "ko"))
def test_a_missing_secret_is_found_before_anything_is_begun(project: Path, rpa: Rpa, golden, lang: str) -> None:
    (project / "flows" / "secret.yaml").write_text(SECRET.replace("PORT", "8000"), "utf-8")
    code, said = rpa("--lang", lang, "run", "secret")
    golden(GOLDEN / f"secret-missing.{lang}.txt", said)
    assert code == 2
    shown = json.loads(rpa("show", "last", "--json")[1])
    assert (shown["status"], shown["items"], shown["attempts"]) == ("failed", [], [])


@pytest.mark.parametrize("lang", ("en", "ko"))
def test_a_missing_browser_says_what_to_install(project: Path, rpa: Rpa, golden, lang: str) -> None:
    (project / "flows" / "erp.yaml").write_text(ERP.replace("PORT", "8000"), "utf-8")
    code, said = rpa("--lang", lang, "run", "erp", RPA_BROWSER_PATH=str(project / "no-such-browser"))
    golden(GOLDEN / f"browser-missing.{lang}.txt", said)
    assert code == 3
    run = json.loads(rpa("runs", "--json")[1])["runs"][0]
    assert run["status"] == "failed"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ("en", "ko"))
def test_an_erp_that_is_down_fails_the_item_and_offers_the_replay(project: Path, rpa: Rpa, golden, lang: str) -> None:
    (project / "flows" / "erp.yaml").write_text(ERP.replace("PORT", str(free_port())), "utf-8")
    code, said = rpa("--lang", lang, "run", "erp")
    golden(GOLDEN / f"erp-down.{lang}.txt", said)
    assert code == 1
    assert "rpa replay RUN" in said
    item = json.loads(rpa("items", "--json")[1])["items"][0]
    assert item["status"] == "failed_application"


@pytest.mark.parametrize("path", ("../outside.txt", "/etc/hostname", "inbox/../../outside.txt"))
def test_a_flow_cannot_leave_its_folder(project: Path, rpa: Rpa, path: str) -> None:
    (project / "flows" / "out.yaml").write_text(
        f"flow: out\nsteps:\n  - files.write: {{path: {json.dumps(path)}, text: x}}\n    repeatable: true\n", "utf-8"
    )
    code, said = rpa("run", "out")
    assert code == 2
    assert "[path-outside]" in said
    assert not (project.parent / "outside.txt").exists()

"""`rpa read` and `rpa extract`: passwords and limits from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rpa.cli.main import app
from tests.ocr.pages.files import LINES, text_pdf


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rpa(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=given)


def test_a_password_opens_an_encrypted_pdf(tmp_path: Path) -> None:
    text_pdf(tmp_path / "secret.pdf", password="sesame")
    (tmp_path / "password").write_text("sesame\n")
    refused = rpa("read", "secret.pdf")
    assert (refused.exit_code, "pdf-encrypted" in refused.stderr) == (1, True)
    assert "--password-file" in refused.stderr
    opened = rpa("read", "--password-file", "password", "secret.pdf")
    assert opened.stdout.split("\n")[: len(LINES)] == LINES
    assert rpa("read", "--password-file", "-", "secret.pdf", given="sesame\n").stdout == opened.stdout
    assert rpa("read", "--password-file", "-", "secret.pdf", given="wrong\n").exit_code == 1


def test_a_password_opens_what_is_extracted(tmp_path: Path) -> None:
    text_pdf(tmp_path / "secret.pdf", password="sesame")
    assert "pdf-encrypted" in rpa("extract", "secret.pdf").stderr
    assert "NW-2026-00417" in rpa("extract", "--password-file", "-", "secret.pdf", given="sesame\n").stdout


def test_limits_of_pages_and_time(tmp_path: Path) -> None:
    text_pdf(tmp_path / "long.pdf", pages=40)
    assert rpa("read", "--max-pages", "40", "long.pdf").exit_code == 0
    assert "document-too-long" in rpa("read", "--max-pages", "39", "long.pdf").stderr
    assert "document-timeout" in rpa("read", "--max-seconds", "0.001", "long.pdf").stderr


def test_several_processes_give_every_file_its_line(tmp_path: Path) -> None:
    text_pdf(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").write_bytes(b"")
    text_pdf(tmp_path / "c.pdf")
    told = rpa("read", "--processes", "2", "--json", "a.pdf", "b.pdf", "c.pdf")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["file"] for line in lines] == ["a.pdf", "b.pdf", "c.pdf"]
    assert [line.get("error", {}).get("code") for line in lines] == [None, "file-empty", None]
    assert told.exit_code == 1

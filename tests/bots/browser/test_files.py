"""Files into pages and out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.browser.filetypes import file_type
from flows.failures import Failure
from tests.bots.browser.site import PDF
from tests.bots.fakes import Doing, FakeContext


@pytest.fixture
def files(do: Doing, site: str, tmp_path: Path) -> Doing:
    (tmp_path / "a.pdf").write_bytes(PDF)
    (tmp_path / "b.txt").write_text("b")
    do("browser.open", f"{site}/files.html")
    return do


@pytest.mark.parametrize("target", ["Attachment", "Choose file", "Scan", {"css": "#hiddenfile"}])
def test_upload_fields_of_every_make(files: Doing, target: object) -> None:
    assert files("browser.upload", target=target, file="a.pdf") == ["a.pdf"]
    assert files("browser.exists", f"a.pdf:{len(PDF)}")


def test_several_files(files: Doing) -> None:
    files("browser.upload", target="Papers", file=["a.pdf", "b.txt"])
    assert files("browser.exists", {"contains": "b.txt:1"})
    with pytest.raises(Failure) as caught:
        files("browser.upload", target="Attachment", file=["a.pdf", "b.txt"])
    assert caught.value.code == "upload-refused"


def test_dropping_a_file(files: Doing) -> None:
    files("browser.upload", target="Drop here", file="b.txt", drop=True)
    assert files("browser.exists", "dropped b.txt")


def test_a_file_that_is_not_there(files: Doing) -> None:
    with pytest.raises(Failure) as caught:
        files("browser.upload", target="Attachment", file="none.pdf")
    assert (caught.value.kind, caught.value.code) == ("flow", "file-missing")


@pytest.mark.parametrize("link", ["Invoice", "In a tab"])
def test_downloads(files: Doing, ctx: FakeContext, link: str) -> None:
    got = files("browser.download", {"target": link, "type": "pdf", "to": "out/"})
    assert (got["name"], got["type"], got["size"]) == ("invoice 4711.pdf", "pdf", len(PDF))
    assert (ctx.project / "out" / "invoice 4711.pdf").read_bytes() == PDF
    assert [a.name for a in ctx.saved] == ["invoice 4711.pdf"]


def test_a_download_that_a_script_makes(files: Doing) -> None:
    got = files("browser.download", {"target": "Export", "type": "csv"})
    assert Path(got["path"]).read_text() == "a,b\n1,2\n"


def test_a_download_by_address(files: Doing) -> None:
    assert files("browser.download", url="/invoice.pdf")["type"] == "pdf"


@pytest.mark.parametrize(
    ("link", "code"),
    [("Fake", "download-wrong-type"), ("Cut", "download-failed"), ("Drop here", "download-failed")],
)
def test_downloads_that_are_not_what_they_say(files: Doing, link: str, code: str) -> None:
    with pytest.raises(Failure) as caught:
        files("browser.download", {"target": link, "type": "pdf"}, seconds=2.5)
    assert (caught.value.kind, caught.value.code) == ("application", code)


def test_nothing_is_put_outside_the_project(files: Doing) -> None:
    with pytest.raises(Failure) as caught:
        files("browser.download", {"target": "Invoice", "to": "../elsewhere.pdf"})
    assert caught.value.code == "path-outside"


def test_pictures_and_prints(files: Doing) -> None:
    whole = Path(files("browser.screenshot", {"name": "whole", "full": True}))
    part = Path(files("browser.screenshot", {"name": "part", "target": "Drop here"}))
    assert whole.read_bytes()[:4] == part.read_bytes()[:4] == b"\x89PNG"
    assert part.stat().st_size < whole.stat().st_size
    assert Path(files("browser.pdf", {"to": "out/page.pdf"})["path"]).read_bytes()[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (PDF, "pdf"),
        (b"<!DOCTYPE html><p>", "html"),
        (b"<?xml version='1.0'?><a/>", "xml"),
        (b'{"a": 1}', "json"),
        (b"a;b\n1;2\n", "csv"),
        (b"words", "text"),
        (b"\0\1\2", "data"),
        (b"\x89PNG\r\n", "png"),
        (b"PK\x03\x04broken", "data"),
    ],
)
def test_types_by_content(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert file_type(path) == kind

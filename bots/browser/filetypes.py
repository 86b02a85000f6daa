"""What a file is, told by its first bytes, not by its name."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Literal, TypeAlias

FileType: TypeAlias = Literal[
    "pdf",
    "png",
    "jpg",
    "gif",
    "tif",
    "zip",
    "xlsx",
    "docx",
    "ods",
    "odt",
    "xls",
    "xml",
    "html",
    "json",
    "csv",
    "text",
]

MEDIA: dict[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "tif": "image/tiff",
    "zip": "application/zip",
    "xml": "application/xml",
    "html": "text/html",
    "json": "application/json",
    "csv": "text/csv",
    "text": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)


def file_type(path: Path) -> str:
    """`pdf`, `xlsx`, …; `text` for other readable text, `data` for the rest, `empty` for nothing."""
    head = path.open("rb").read(4096)
    if not head:
        return "empty"
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    return _zipped(path) if head.startswith(b"PK\x03\x04") else _written(path, head)


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                kind = archive.read("mimetype").decode("ascii", "replace")
                return next((n for n in ("ods", "odt") if MEDIA[n] == kind), "zip")
    except zipfile.BadZipFile:
        return "data"
    return (
        "xlsx"
        if any(n.startswith("xl/") for n in names)
        else "docx"
        if any(n.startswith("word/") for n in names)
        else "zip"
    )


def _written(path: Path, head: bytes) -> str:
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "data"
    text = head.decode("utf-8-sig", "replace").lstrip().lower()
    if text.startswith(("<!doctype html", "<html")) or "<body" in text:
        return "html"
    if text.startswith("<"):
        return "xml"
    if text.startswith(("{", "[")) and _is_json(path):
        return "json"
    lines = [line for line in text.splitlines()[:5] if line]
    return "csv" if len(lines) > 1 and any(all(s in line for line in lines) for s in ",;\t") else "text"


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


def fits(found: str, wanted: str) -> bool:
    """Whether a file of type `found` may pass as `wanted`: any text may be called csv or text."""
    return found == wanted or (wanted in ("csv", "text") and found in ("csv", "text", "json"))

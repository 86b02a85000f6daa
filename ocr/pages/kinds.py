"""What a file really is, by its first bytes; the name only serves the message."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from ocr.errors import DocumentError

Kind: TypeAlias = Literal["pdf", "image"]

_IMAGE_STARTS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"BM",
    b"GIF87a",
    b"GIF89a",
)
_FIX = "PDF, PNG, JPEG, TIFF, WebP, BMP and GIF are read. Open the file in a viewer and export it as PDF."


def kind_of(path: Path, max_bytes: int) -> Kind:
    """`pdf` or `image`. Raises DocumentError for a file that is missing, empty, too large or of another
    kind."""
    start = _start_of(path, max_bytes)
    if b"%PDF-" in start:
        return "pdf"
    if start.startswith(_IMAGE_STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return "image"
    raise DocumentError(
        "file-unsupported", f"{path.name} is {_described(start)}.", _FIX, details={"file": path.name}
    )


def _start_of(path: Path, max_bytes: int) -> bytes:
    if path.is_dir():
        raise DocumentError(
            "file-is-folder",
            f"{path} is a folder, not a document.",
            f"Name the files in it, for example {path}/*.pdf.",
            kind="flow",
            details={"path": path},
        )
    if not path.is_file():
        raise DocumentError(
            "file-missing",
            f"There is no file {path}.",
            "Check the path.",
            kind="flow",
            details={"path": path},
        )
    size = path.stat().st_size
    if size == 0:
        raise DocumentError(
            "file-empty",
            f"{path.name} is empty (0 bytes).",
            "Ask the sender for the document again.",
            details={"file": path.name},
        )
    if size > max_bytes:
        raise DocumentError(
            "document-too-large",
            f"{path.name} has {size:,} bytes; at most {max_bytes:,} are read.",
            "Split or compress it.",
            details={"file": path.name, "bytes": size, "limit": max_bytes},
        )
    try:
        with path.open("rb") as stream:
            return stream.read(1024)
    except OSError as error:
        raise DocumentError(
            "file-unreadable",
            f"{path} cannot be opened: {error.strerror}.",
            "Check the permissions.",
            kind="engine",
            details={"path": path, "reason": error.strerror},
        ) from error


def _described(start: bytes) -> str:
    if start.startswith(b"PK\x03\x04"):
        return "a ZIP or Office file, not a document that can be read"
    if start[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "a HEIC photo, which is not read"
    try:
        start.decode("utf-8")
    except UnicodeDecodeError:
        return "of an unknown kind"
    return "plain text, neither a PDF nor a picture"

"""What a file really is, by its first bytes; the name only serves the message."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import features

from ocr.errors import DocumentError

Kind: TypeAlias = Literal["pdf", "image"]

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF = (b"avif", b"avis")
"""Major brands of ISO base media files (ISO/IEC 23008-12)."""

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
    if start[4:8] == b"ftyp" and start[8:12] in (*_HEIC, *_AVIF):
        return _photo(path.name, start)
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


def _photo(name: str, start: bytes) -> Kind:
    """A telephone's photo, where a library here decodes it: Pillow most AVIF, pillow-heif the others."""
    compatible = start[: int.from_bytes(start[:4], "big")]
    avif = any(brand in compatible for brand in _AVIF)
    if features.check("avif") if avif else find_spec("pillow_heif"):
        return "image"
    raise DocumentError(
        "photo-unsupported",
        f"{name} is {'an AVIF' if avif else 'a HEIC'} photo, and nothing here decodes it.",
        "Install the library that does: pip install pillow-heif; or export the photo as JPEG.",
        details={"file": name, "kind": "AVIF" if avif else "HEIC"},
    )


def _described(start: bytes) -> str:
    if start.startswith(b"PK\x03\x04"):
        return "a ZIP or Office file, not a document that can be read"
    try:
        start.decode("utf-8")
    except UnicodeDecodeError:
        return "of an unknown kind"
    return "plain text, neither a PDF nor a picture"

"""Opening a document of any supported kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ocr.pages.kinds import kind_of
from ocr.pages.limits import Limits
from ocr.pages.page import Page


class Document(Protocol):
    """An open document. Pages come one at a time, so that a thousand of them never stand in memory at
    once."""

    @property
    def embedded_xml(self) -> bytes | None:
        """The e-invoice inside the PDF (Factur-X, ZUGFeRD, XRechnung), as bytes."""

    def pages(self) -> Iterator[Page]: ...


@contextmanager
def open_document(
    path: Path, limits: Limits | None = None, *, password: str | None = None
) -> Iterator[Document]:
    """The document at `path`, closed at the end of the `with`.

    Raises DocumentError: file-missing, file-empty, file-too-large, file-unsupported, file-unreadable,
    pdf-encrypted, pdf-broken, image-broken, image-too-large, document-too-long.
    """
    bounds = limits or Limits()
    if kind_of(path, bounds.bytes) == "pdf":
        from ocr.pages.pdf import open_pdf

        with open_pdf(path, bounds, password) as pdf:
            yield pdf
    else:
        from ocr.pages.image import open_image

        with open_image(path, bounds) as image:
            yield image

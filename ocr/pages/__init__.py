"""Files become pages: pictures to read, or the words of a PDF's text layer where that layer can be
trusted."""

from ocr.pages.document import Document, open_document
from ocr.pages.limits import Limits
from ocr.pages.page import Page, Picture

__all__ = ["Document", "Limits", "Page", "Picture", "open_document"]

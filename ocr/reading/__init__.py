"""Reading: from pages to words and lines with boxes and scores.

    for reading in read(["a.pdf", "b.jpg"]): ...
    reading = read_one("a.pdf", engine="batched")

Nothing heavy is imported before the first document is read.
"""

from ocr.reading.documents import read, read_one
from ocr.reading.engines import available_engines
from ocr.reading.failed import FailedReading

__all__ = ["FailedReading", "available_engines", "read", "read_one"]

"""How much one document may cost. A document beyond a limit is refused, never half read in silence."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ocr.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Limits:
    """`pixels` counts one page as decoded, `working_pixels` is what a larger page is scaled down to for
    reading, `seconds` is wall time for one document. An A3 page at 600 dpi has 70 million pixels."""

    bytes: int = 256 * 1024 * 1024
    pages: int = 1000
    pixels: int = 100_000_000
    working_pixels: int = 16_000_000
    seconds: float = 300.0

    def check_pixels(self, width: int, height: int) -> None:
        if width * height > self.pixels:
            raise DocumentError(
                "image-too-large",
                f"The page is too large: {width} × {height} pixels; at most {self.pixels:,} pixels are read.",
                "Scan it at a lower resolution (300 dpi is plenty).",
                details={"size": f"{width} × {height}", "limit": f"{self.pixels:,}"},
            )

    def check_pages(self, count: int) -> None:
        if count > self.pages:
            raise DocumentError(
                "document-too-long",
                f"The document has {count} pages; at most {self.pages} are read.",
                "Split it into smaller documents.",
                details={"pages": count, "limit": self.pages},
            )


@dataclass(frozen=True, slots=True)
class Deadline:
    """Wall time left for one document."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raises DocumentError `document-timeout` once the time is over."""
        if time.monotonic() - self.started > self.seconds:
            raise DocumentError(
                "document-timeout",
                f"Reading the document took longer than {self.seconds:g} seconds.",
                "Split it, scan it at a lower resolution, or allow more time.",
                details={"seconds": f"{self.seconds:g}"},
            )

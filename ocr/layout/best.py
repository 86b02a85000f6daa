"""The finder to use where nothing else is asked for: label rules, and the model where it was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ocr.doctypes.model import Doctype
from ocr.fields.finder import FieldFinder, Row
from ocr.fields.label_finder import label_finder
from ocr.layout.rerank import Found, Reranked, shipped_weights
from ocr.values import Reading


class Shipped:
    """The shipped model as a `FieldFinder` that loads when first asked: other doctypes never pay for it."""

    name = "layout-small"

    def candidates(self, reading: Reading, doctype: Doctype) -> Found:
        """What the model proposes. Raises DocumentError `layout-weights-missing`."""
        return _model().candidates(reading, doctype)

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The model's line items."""
        return _model().rows(reading, doctype)


@lru_cache(maxsize=1)
def _model() -> FieldFinder:
    from ocr.layout.finder import LayoutFinder  # onnxruntime loads when first used

    return LayoutFinder()


@lru_cache(maxsize=1)
def best_finder() -> FieldFinder:
    """Label rules alone where no weights were fitted on real pages (all but receipts), else both."""
    return Reranked(label_finder(), Shipped()) if shipped_weights() else label_finder()

"""The finder to use where nothing else is asked for: label rules and the shipped model, weighed together."""

from __future__ import annotations

from functools import lru_cache

from ocr.fields.finder import FieldFinder
from ocr.fields.label_finder import label_finder
from ocr.layout.finder import LayoutFinder
from ocr.layout.rerank import Reranked


@lru_cache(maxsize=1)
def best_finder() -> FieldFinder:
    """Label rules and model as one. Raises DocumentError `layout-weights-missing` where there are no weights.

    Where the re-ranker was not fitted on real pages (all but receipts) the label rules lead.
    """
    return Reranked(label_finder(), LayoutFinder())

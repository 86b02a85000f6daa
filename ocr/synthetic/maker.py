"""`make`: a document of any kind from a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from ocr.errors import DocumentError
from ocr.synthetic import trade
from ocr.synthetic.deal import deal, region_of
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.sheet import Sheet

Composer: TypeAlias = Callable[[str, Random, Random], Sheet]


def _items(content: Random) -> int:
    return content.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 28, 45))


def invoice(language: str, content: Random, style: Random) -> Sheet:
    made = deal(region_of(language, content), content, count=_items(content))
    draft = trade.open_draft(made, style, shows=trade.optional(style))
    trade.compose(draft, "invoice", trade.invoice_entries(draft))
    return draft.sheet

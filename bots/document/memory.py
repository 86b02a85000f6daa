"""What corrections taught about vendors, kept encrypted between runs under `vendor-memory`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bots.base import Context

if TYPE_CHECKING:
    from ocr.fields.finder import FieldFinder

STATE = "vendor-memory"


def finder_with_memory(ctx: Context) -> FieldFinder | None:
    """The usual finder with what is known of vendors; None while nothing is."""
    from ocr.fields.memory import PlainStore, RememberingFinder
    from ocr.layout.best import best_finder

    with ctx.state(STATE) as known:
        store = PlainStore({key: dict(value) for key, value in known.items()})
    return RememberingFinder(best_finder(), store) if store.data else None


def learn_from_answer(
    ctx: Context, extraction: Mapping[str, Any], corrected: Mapping[str, Any]
) -> str | None:
    """Remembers for the document's vendor what a person corrected, and what stays of what they let pass.

    Returns the vendor's key.

    Nothing is learned from a document that can no longer be read: the answer itself stands all the same.
    """
    from ocr.doctypes import load_doctype
    from ocr.errors import DocumentError
    from ocr.extract import extract
    from ocr.fields.memory import PlainStore, confirmed, learn, recognise

    try:
        doctype = load_doctype(str(extraction["doctype"]))
        kept = confirmed(doctype, extraction.get("fields") or {})
        answers = {**kept, **{name: str(value) for name, value in corrected.items() if value is not None}}
        if not answers:
            return None
        seen = extract(ctx.path(str(extraction["file"])), doctype, embedded_xml=False)
    except DocumentError as error:
        ctx.log("nothing was learned about the vendor", reason=error.code)
        return None
    assert seen.reading is not None
    with ctx.state(STATE) as known:
        store = PlainStore(known)
        knowledge = learn(seen, answers, doctype, recognise(seen.reading, store))
        if knowledge is None:
            return None
        store.put(knowledge)
    return knowledge.key

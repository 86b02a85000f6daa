"""`review.…`: what is uncertain goes to a person; the answer is the step's recorded output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from bots.base import Context
from bots.document.memory import learn_from_answer
from flows.action import action
from flows.failures import BusinessFailure


class Reviewed(TypedDict, total=False):
    """What a review adds to the extraction that it gives back."""

    reviewed: bool
    by: str
    corrected: list[str]


@action(
    "review.ask",
    main="extraction",
    passes="extraction",
    fails={"review-rejected": "business"},
    examples=('review.ask: {extraction: "${reading}"}',),
)
def ask(
    ctx: Context, *, extraction: dict[str, Any], require: list[str] | None = None, always: bool = False
) -> Reviewed:
    """Asks a person to check an extraction, but only when one is needed.

    Passes straight through when the document needs no review. `require` names fields without which the item
    cannot go on; a missing one asks a person. `always: true` asks every time. Corrections are remembered for the
    document's vendor and used on its next document (`rpa vendors`).
    """
    missing = [name for name in require or [] if extraction.get("fields", {}).get(name) is None]
    if not (extraction.get("needs_review") or always or missing):
        return cast(Reviewed, {**extraction, "reviewed": False})
    answer = ctx.ask({"kind": "extraction", "extraction": extraction, "missing": missing})
    reviewed = _answered(extraction, answer)
    learn_from_answer(ctx, extraction, answer.get("fields") or {})
    return cast(Reviewed, reviewed)


def _answered(extraction: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    if answer.get("status") == "rejected" or answer.get("rejected"):
        raise BusinessFailure("review-rejected", details={"by": answer.get("by"), "reason": answer.get("reason", "")})
    fields = {**extraction["fields"], **(answer.get("fields") or {})}
    return {
        **extraction,
        "fields": fields,
        "lines": answer.get("lines") or extraction["lines"],
        "needs_review": False,
        "reviewed": True,
        "by": answer.get("by"),
        "corrected": sorted(answer.get("fields") or {}),
    }


@action(
    "review.confirm",
    main="question",
    fails={"review-rejected": "business"},
    examples=('review.confirm: "Pay ${bill.fields.gross_total} to ${bill.fields.supplier_name}?"',),
)
def confirm(ctx: Context, *, question: str, show: dict[str, Any] | None = None) -> bool:
    """Asks a person a yes-or-no question and waits for the answer. No ends the item as a business failure."""
    answer = ctx.ask({"kind": "confirm", "question": question, "show": show or {}})
    if answer.get("status") == "rejected" or answer.get("rejected"):
        raise BusinessFailure("review-rejected", details={"by": answer.get("by"), "reason": answer.get("reason", "")})
    return True

"""A correction in review is used on the vendor's next document, and can be taken away."""

from __future__ import annotations

from pathlib import Path

from bots.document.actions import extract
from bots.document.memory import learn_from_answer
from bots.review.actions import ask
from flows.data import decode
from tests.bots.fakes import FakeContext
from tests.ocr.pages.files import text_pdf


def _bill(folder: Path, number: str, amount: str) -> str:
    lines = [
        "Zorvex Trading Ltd.", "12 Harbour Street", "London E1 6AN", "", "", f"Our token: {number}",
        "Written on: 3 March 2026", "", f"You owe us: GBP {amount}", "www.zorvex.com",
    ]  # fmt: skip
    return text_pdf(folder / f"{number}.pdf", lines=lines).name


def test_a_correction_helps_with_the_next_document_of_the_vendor(tmp_path: Path) -> None:
    answer = {"fields": {"invoice_number": "ZX-100", "supplier_name": "Zorvex Trading Ltd."}, "by": "kim"}
    ctx = FakeContext(tmp_path, seconds=60, answer=answer)
    first = extract(ctx, file=_bill(tmp_path, "ZX-100", "80.00"))
    assert first["fields"]["invoice_number"] is None and first["needs_review"]
    reviewed = ask(ctx, extraction={**first, "file": "ZX-100.pdf"})
    assert reviewed["fields"]["invoice_number"] == "ZX-100"
    (vendor,) = decode(ctx.states["vendor-memory"])
    assert "zorvex" in vendor

    second = extract(ctx, file=_bill(tmp_path, "ZX-107", "95.50"))
    assert second["fields"]["invoice_number"] == "ZX-107"

    del ctx.states["vendor-memory"]
    assert extract(ctx, file="ZX-107.pdf")["fields"]["invoice_number"] is None


def test_an_answer_without_corrections_or_without_its_file_teaches_nothing(tmp_path: Path) -> None:
    ctx = FakeContext(tmp_path, seconds=60)
    extraction = {"doctype": "invoice", "file": "gone.pdf"}
    assert learn_from_answer(ctx, extraction, {}) is None
    assert learn_from_answer(ctx, extraction, {"invoice_number": "1"}) is None
    assert ctx.logged == [("nothing was learned about the vendor", {"reason": "file-missing"})]

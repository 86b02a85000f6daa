"""Two scans of one paper look near; two invoices of one supplier are told apart by their numbers."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from ocr.fields.hints import PastInvoice, hints
from ocr.fields.looks import looks, looks_of, near


def paper(number: str = "ZX-100", total: str = "80.00", logo: int = 40) -> Image.Image:
    page = Image.new("L", (620, 880), 255)
    draw = ImageDraw.Draw(page)
    draw.rectangle((400, 30, 400 + 4 * logo, 30 + logo), fill=90)
    for n in range(18):
        draw.text((60, 200 + 28 * n), f"Position {n} of the order as agreed {n * 7}", fill=0)
    draw.text((60, 120), f"Invoice {number}", fill=0)
    draw.text((400, 800), f"Total {total}", fill=0)
    return page


def scanned(page: Image.Image) -> Image.Image:
    """Again: turned a little, blurred, compressed, another size."""
    turned = page.rotate(0.4, fillcolor=255).filter(ImageFilter.GaussianBlur(1)).resize((500, 710))
    data = io.BytesIO()
    turned.save(data, "JPEG", quality=50)
    return Image.open(data)


def test_a_second_scan_is_near_and_another_letterhead_is_not() -> None:
    assert near(looks(paper()), looks(scanned(paper())))
    upside = paper().rotate(180)
    assert not near(looks(paper()), looks(upside))


INVOICE = PastInvoice("a.pdf", "Zorvex Ltd.", picture=looks(paper()), numbers=frozenset({"100", "80", "00", "2024"}))


@pytest.mark.parametrize(
    ("numbers", "found"),
    [({"100", "80", "00", "2024"}, ["duplicate-picture"]), ({"101", "95", "00", "2024"}, []), (set(), [])],
)
def test_alike_pages_are_one_paper_only_with_the_same_numbers(numbers: set[str], found: list[str]) -> None:
    other = replace(INVOICE, id="b.jpg", picture=looks(scanned(paper())), numbers=frozenset(numbers))
    assert [f.code for f in hints(other, [INVOICE])] == found


def test_what_cannot_be_drawn_has_no_looks(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 broken")
    assert looks_of(tmp_path / "a.pdf") is None
    paper().save(tmp_path / "b.png")
    assert looks_of(tmp_path / "b.png") == looks(paper().convert("RGB"))


def test_an_account_is_shown_by_its_end_only() -> None:
    known = replace(INVOICE, picture=None, iban="DE88200800000970375700")
    (found,) = hints(replace(known, id="b", iban="GB29NWBK60161331926819"), [known])
    assert found.message == "The bank account …6819 is new for this supplier; known: …5700."
    assert found.details == {"account": "…6819", "known": "…5700"}

"""PDF files: words of the text layer, the judge, embedded e-invoices, refusals."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from ocr.errors import DocumentError
from ocr.pages import Limits, Page, open_document
from ocr.pages.judge import is_cipher
from tests.ocr.pages.files import LINES, text_pdf, with_attachment
from tests.ocr.reading.paper import english_invoice


def pages(path: Path, **options: object) -> list[Page]:
    with open_document(path, **options) as document:  # type: ignore[arg-type]
        return list(document.pages())


def refusal(path: Path, **options: object) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        pages(path, **options)
    return caught.value


def words(page: Page) -> list[str]:
    assert page.text is not None
    return [word.text for word in page.text.words]


def test_the_text_layer_gives_words_with_places(tmp_path: Path) -> None:
    (page,) = pages(text_pdf(tmp_path / "a.pdf"))
    assert page.rung == "text"
    assert words(page) == " ".join(LINES).split()
    first = page.text.words[0]  # type: ignore[union-attr]
    assert first.box.x0 == pytest.approx(72 / 595.3, abs=0.005)
    assert first.box.y0 < (842 - 760) / 842 < first.box.y1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_pages_read_upright(tmp_path: Path, rotation: int) -> None:
    """The page is shown turned, so its text runs in another direction, and words stay whole."""
    (page,) = pages(text_pdf(tmp_path / "a.pdf", rotation=rotation))
    assert words(page) == " ".join(LINES).split()
    assert all(0 <= w.box.x0 <= w.box.x1 <= 1 and 0 <= w.box.y0 <= w.box.y1 <= 1 for w in page.text.words)  # type: ignore[union-attr]
    first = next(word for word in page.text.words if word.text == "Northwind")  # type: ignore[union-attr]
    upright = (72 / 595.3, (842 - 765) / 842)
    turned = {
        90: (1 - upright[1], upright[0]),
        180: (1 - upright[0], 1 - upright[1]),
        270: (upright[1], 1 - upright[0]),
    }
    assert first.box.x0 - 0.03 <= turned[rotation][0] <= first.box.x1 + 0.03
    assert first.box.y0 - 0.03 <= turned[rotation][1] <= first.box.y1 + 0.03


def test_text_printed_beside_the_paper_is_not_on_the_page(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    pen.drawString(72, 700, "Seen on the page by everybody")
    pen.drawString(900, 700, "hidden")
    pen.drawString(72, -50, "below")
    pen.save()
    (page,) = pages(tmp_path / "a.pdf")
    assert words(page) == ["Seen", "on", "the", "page", "by", "everybody"]


def test_letters_placed_one_by_one_become_words(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    pen.setFont("Helvetica", 12)
    x = 72.0
    for char in "Balance billing total 1,250.00":
        if char != " ":
            pen.drawString(x, 700, char)
            pen.drawString(x + 0.3, 700, char)  # fake bold
        x += pen.stringWidth(char, "Helvetica", 12)
    pen.save()
    (page,) = pages(tmp_path / "a.pdf")
    assert words(page) == ["Balance", "billing", "total", "1,250.00"]


def test_columns_are_lines_of_their_own_in_one_row(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    for y, row in ((700, ("Desk lamp", "12", "294.00")), (680, ("Paper", "40", "130.00"))):
        for x, text in zip((72, 300, 450), row, strict=True):
            pen.drawString(x, y, text)
    pen.save()
    (page,) = pages(tmp_path / "a.pdf")
    assert [line.text for line in page.text.lines] == ["Desk lamp", "12", "294.00", "Paper", "40", "130.00"]  # type: ignore[union-attr]


def scan(path: Path) -> Path:
    Image.fromarray(english_invoice().pixels).save(path)
    return path


def test_a_scan_without_layer_goes_to_ocr(tmp_path: Path) -> None:
    (page,) = pages(text_pdf(tmp_path / "a.pdf", picture=scan(tmp_path / "scan.png"), lines=[]))
    assert (page.rung, page.text) == ("ocr", None)


def test_an_invisible_layer_under_a_scan_is_not_believed(tmp_path: Path) -> None:
    (page,) = pages(text_pdf(tmp_path / "a.pdf", picture=scan(tmp_path / "scan.png"), invisible=True))
    assert page.rung == "ocr"


def test_a_pasted_scan_beside_text_makes_the_page_mixed(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    pen.drawString(72, 790, "The purchase order follows as a picture, please send everything soon")
    pen.drawImage(str(scan(tmp_path / "scan.png")), 50, 60, 480, 640)
    pen.save()
    with open_document(tmp_path / "a.pdf") as document:
        (page,) = document.pages()
    assert page.rung == "mixed"
    assert "purchase" in words(page)


def test_the_picture_of_a_mixed_page_lacks_the_layers_words(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    pen.drawString(72, 790, "The purchase order follows as a picture")
    pen.drawImage(str(scan(tmp_path / "scan.png")), 50, 60, 480, 640)
    pen.save()
    with open_document(tmp_path / "a.pdf") as document:
        for page in document.pages():
            pixels = page.draw().pixels
    top = pixels[: int(pixels.shape[0] * 0.08)]
    assert top.min() == 255


def test_a_photo_without_letters_keeps_the_page_text(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    photo = Image.new("RGB", (400, 300), (120, 160, 200))
    ImageDraw.Draw(photo).ellipse((100, 80, 300, 240), fill=(220, 200, 90))
    photo.save(tmp_path / "photo.png")
    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    pen.drawString(72, 780, "A catalogue page with a picture and a few words that say what it is")
    pen.drawImage(str(tmp_path / "photo.png"), 72, 300, 400, 300)
    pen.save()
    (page,) = pages(tmp_path / "a.pdf")
    assert page.rung == "text"


def test_a_shifted_encoding_is_seen_as_a_cipher() -> None:
    text = "Please transfer the amount due within fourteen days to the account given below"
    plain = text.split(" ")
    shifted = [
        "".join(chr((ord(c) - 97 + 3) % 26 + 97) if c.islower() else c for c in word) for word in plain
    ]
    assert not is_cipher(plain)
    german = "Bitte überweisen Sie den Rechnungsbetrag innerhalb von vierzehn Tagen"
    assert not is_cipher(german.split(" "))
    assert not is_cipher(["NW-2026-00417", "1,250.00", "EUR", "GmbH"] * 4)
    assert not is_cipher(["세금계산서", "주식회사", "214-87-15673"] * 8)
    assert is_cipher(shifted) or is_cipher(
        ["3OHDVH", "WUDQVIHU", "WKH", "DPRXQW", "GXH", "ZLWKLQ", "IRXUWHHQ", "GDBV"] * 2
    )


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "rechnung.xml"])
def test_an_embedded_invoice_is_found(tmp_path: Path, name: str) -> None:
    xml = b'<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn"/>'
    path = with_attachment(text_pdf(tmp_path / "a.pdf"), name, xml)
    with open_document(path) as document:
        assert document.embedded_xml == xml


def test_other_attachments_are_no_invoice(tmp_path: Path) -> None:
    path = with_attachment(text_pdf(tmp_path / "a.pdf"), "notes.xml", b"<notes/>")
    with open_document(path) as document:
        assert document.embedded_xml is None


def test_encrypted_pdfs_need_their_password(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "secret.pdf", password="sesame")
    error = refusal(path)
    assert (error.code, "password" in error.fix) == ("pdf-encrypted", True)
    assert refusal(path, password="wrong").code == "pdf-encrypted"
    assert len(pages(path, password="sesame")) == 1


def test_damaged_pdfs_are_refused(tmp_path: Path) -> None:
    whole = text_pdf(tmp_path / "a.pdf").read_bytes()
    (tmp_path / "head.pdf").write_bytes(whole[:30])
    (tmp_path / "noise.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 8)
    assert {refusal(tmp_path / n).code for n in ("head.pdf", "noise.pdf")} == {"pdf-broken"}


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    pdf = pdfium.PdfDocument.new()
    pdf.save(str(tmp_path / "none.pdf"))
    pdf.close()
    assert refusal(tmp_path / "none.pdf").code == "pdf-broken"


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    assert refusal(text_pdf(tmp_path / "a.pdf", pages=3), limits=Limits(pages=2)).code == "document-too-long"


def test_a_huge_page_is_drawn_within_bounds(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    pen = canvas.Canvas(str(tmp_path / "a.pdf"), pagesize=(14_000, 14_000))
    pen.rect(100, 100, 5000, 5000, fill=1)
    pen.save()
    with open_document(tmp_path / "a.pdf", Limits(working_pixels=1_000_000)) as document:
        for page in document.pages():
            picture = page.draw()
            assert picture.width * picture.height <= 1_002_000

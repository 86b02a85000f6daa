"""The document maker: exact truth, equal pages from equal seeds, sums that hold."""

from __future__ import annotations

import time
from decimal import Decimal

import numpy as np
import pypdfium2 as pdfium
import pytest

from ocr.errors import DocumentError
from ocr.synthetic import KINDS, make
from ocr.synthetic.degrade import KINDS as DAMAGES

MONEY_SUMS = {
    "invoice": ("net_total", "tax_total", "gross_total"),
    "purchase_order": ("net_total", "tax_total", "gross_total"),
    "tax_invoice_kr": ("supply_amount", "tax_amount", "total_amount"),
}


@pytest.mark.parametrize("kind", tuple(KINDS))
def test_equal_seeds_give_equal_documents(kind: str) -> None:
    first, second, other = make(kind, seed=7), make(kind, seed=7), make(kind, seed=8)
    assert first.truth == second.truth
    assert first.picture_bytes() == second.picture_bytes()
    assert first.truth.words != other.truth.words


def test_style_seed_changes_looks_but_not_content() -> None:
    plain, restyled = make("tax_invoice_kr", seed=3), make("tax_invoice_kr", seed=3, style=99)
    kept = {"supplier_name", "buyer_business_number", "supply_amount"}
    assert all(plain.truth.fields[name] == restyled.truth.fields[name] for name in kept)
    assert [w.box for w in plain.truth.words] != [w.box for w in restyled.truth.words]


@pytest.mark.parametrize("kind", tuple(KINDS))
def test_words_lie_on_the_page_and_do_not_overlap(kind: str) -> None:
    crossings = total = 0
    for seed in range(12):
        document = make(kind, seed=seed)
        for page in range(1, len(document.sheet.pages) + 1):
            words = [w for w in document.truth.words if w.page == page]
            boxes = np.array([w.box for w in words])
            assert boxes[:, :2].min() >= -0.002 and boxes[:, 2:].max() <= 1.002, (kind, seed)
            width = np.minimum(boxes[:, None, 2], boxes[None, :, 2]) - np.maximum(
                boxes[:, None, 0], boxes[None, :, 0]
            )
            height = np.minimum(boxes[:, None, 3], boxes[None, :, 3]) - np.maximum(
                boxes[:, None, 1], boxes[None, :, 1]
            )
            tall = boxes[:, 3] - boxes[:, 1]
            crossed = (width > 0.004) & (height > 0.4 * np.minimum(tall[:, None], tall[None, :]))
            crossings += int(np.triu(crossed, 1).sum())
            total += len(words)
    assert crossings <= 0.004 * total, f"{crossings} overlaps among {total} words"


@pytest.mark.parametrize("kind", ("invoice", "purchase_order", "tax_invoice_kr", "utility_bill"))
def test_printed_sums_hold(kind: str) -> None:
    tested = 0
    for seed in range(30):
        truth = make(kind, seed=seed).truth
        net, tax, gross = (truth.fields.get(name) for name in MONEY_SUMS[truth.doctype])
        if net and tax and gross:
            assert Decimal(net) + Decimal(tax) == Decimal(gross)
            tested += 1
    assert tested > 10


@pytest.mark.parametrize("kind", tuple(KINDS))
def test_every_truth_value_is_marked_on_words_and_back(kind: str) -> None:
    for seed in range(15):
        truth = make(kind, seed=seed).truth
        marked = {w.field for w in truth.words if w.field and w.row is None}
        assert marked - {"currency"} <= set(truth.fields), (kind, seed)
        assert set(truth.fields) - {"currency"} <= marked, (kind, seed)


def test_fields_are_left_out_at_random() -> None:
    shown = [set(make("invoice", seed=seed, lang="en").truth.fields) for seed in range(60)]
    for name in ("due_date", "iban", "order_reference", "supplier_tax_id"):
        share = sum(name in fields for fields in shown) / len(shown)
        assert 0.02 < share < 0.98, name


@pytest.mark.parametrize("kind", ("invoice", "receipt", "tax_invoice_kr"))
def test_pdf_text_layer_stands_where_the_truth_says(kind: str) -> None:
    pytest.importorskip("reportlab", reason="reportlab is not installed")
    document = make(kind, seed=11)
    pdf = pdfium.PdfDocument(document.pdf_bytes())
    assert len(pdf) == len(document.sheet.pages)
    page, sheet = pdf[0], document.sheet.pages[0]
    text = page.get_textpage()
    words = [w for w in document.truth.words if w.page == 1]
    hits = 0
    for word in words:
        x0, y0, x1, y1 = word.box
        left, right = x0 * sheet.width - 1, x1 * sheet.width + 1
        bottom, top = (1 - y1) * sheet.height - 1, (1 - y0) * sheet.height + 1
        hits += word.text in text.get_text_bounded(left, bottom, right, top)
    assert hits >= 0.95 * len(words)


@pytest.mark.parametrize("harm", (None, *DAMAGES))
def test_boxes_follow_the_damage(harm: str | None) -> None:
    """Ink is found inside the words' boxes and hardly ever in the gap left of a line."""
    document = make("receipt", seed=21, lang="en", degrade=harm)
    image = np.asarray(document.images()[0].convert("L"), dtype=np.float32)
    height, width = image.shape
    inside = []
    for word in document.truth.words:
        x0, y0, x1, y1 = (int(v * s) for v, s in zip(word.box, (width, height, width, height), strict=True))
        crop = image[max(0, y0) : y1 + 1, max(0, x0) : x1 + 1]
        around = image[max(0, y0 - 9) : y1 + 9, max(0, x0 - 9) : x1 + 9]
        if len(word.text) > 2 and crop.size:
            inside.append(np.percentile(crop, 3) <= np.percentile(around, 3) + 18)
    assert np.mean(inside) > 0.95


def test_unknown_kinds_and_languages_are_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        make("invoice", lang="xx", seed=1)
    assert caught.value.code == "synthetic-unknown" and "'xx'" in caught.value.message
    with pytest.raises(DocumentError):
        make("poem", seed=1)


def test_speed_is_above_a_hundred_pages_a_minute() -> None:
    started, pages = time.process_time(), 0
    for seed in range(10):
        document = make(tuple(KINDS)[seed % len(KINDS)], seed=seed, degrade="any")
        pages += len(document.images())
        assert document.truth.words
    assert pages / (time.process_time() - started) > 100 / 60

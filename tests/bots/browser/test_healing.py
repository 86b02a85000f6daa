"""A page was rebuilt: reads recognise their target, writes only recommend, empty matches never pass."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bots.browser.crops import alike_crops, as_picture
from flows.failures import Failure
from tests.bots.fakes import Doing, FakeContext

BEFORE = """<section aria-label="Totals"><label for=g>Gross total</label><input id=g name=gross
value="119.00"> <label for=n>Net total</label><input id=n name=net value="100.00"></section><button id=pay
name=pay>Pay now</button><button>Cancel</button>"""
AFTER = """<section aria-label="Totals"><label for=g>Grand total</label><input id=g name=gross value="238.00">
<label for=n>Net amount</label><input id=n name=net value="200.00"></section><button id=pay
name=pay>Pay</button><button>Cancel</button>"""


@pytest.fixture
def page(do: Doing, site: str) -> Doing:
    do("browser.open", f"{site}/index.html")
    do.bot.memory._known = None
    do.bot.page.set_content(BEFORE)
    return do


def test_a_read_recognises_its_target_and_says_so(page: Doing, ctx: FakeContext) -> None:
    assert page("browser.read", "Gross total") == "119.00"
    page.bot.page.set_content(AFTER)
    page.bot.memory._known = None  # another run: only what was kept counts
    assert page("browser.read", "Gross total", seconds=1) == "238.00"
    code, details = ctx.warned[-1]
    assert code == "target-healed"
    assert details["patch"] == '{"label": "Grand total"}'
    assert ctx.notes["healing"]["score"] >= 72
    assert ctx.notes["healing"]["looks"] >= 80  # the same box with other digits in it
    was, now = (Image.open(ref.path) for ref in ctx.saved)
    assert (was.format, now.format) == ("JPEG", "JPEG")
    assert 100 <= was.width <= 160 and was.height < was.width


def test_no_secret_is_in_the_small_picture(page: Doing, ctx: FakeContext) -> None:
    style = '<p><label>Code <input value=%s style="font:20px sans-serif;width:150px"></label>'
    crops = []
    for value, secrets in (("hunter22", []), ("Kanarien", []), ("hunter22", ["hunter22"])):
        page.bot.page.set_content(style % value)
        page.bot.memory._known, ctx.masked = {}, secrets
        page("browser.read", "Code")
        crops += [entry["crop"] for entry in page.bot.memory._known.values()]
    assert len(crops) == 3
    covered = Image.open(io.BytesIO(as_picture(crops[2]))).convert("L")
    middle = covered.crop((20, 10, covered.width - 20, covered.height - 10))
    assert middle.getextrema()[1] < 90  # the cover, edge to edge
    assert alike_crops(crops[0], crops[1]) > alike_crops(crops[0], crops[2])


def test_a_click_is_never_moved_by_itself(page: Doing, ctx: FakeContext) -> None:
    page.bot.page.evaluate("document.getElementById('pay').onclick = () => { document.title = 'paid'; }; null")
    page("browser.click", "Pay now")
    page.bot.page.set_content(AFTER)
    page.bot.page.evaluate("document.title = 'fresh'; pay.onclick = () => { document.title = 'paid'; }; null")
    with pytest.raises(Failure) as caught:
        page("browser.click", "Pay now", seconds=1)
    assert caught.value.code == "target-missing"
    assert ctx.warned[-1][0] == "target-moved"
    assert page.bot.page.title() == "fresh"


def test_what_is_not_alike_is_missing(page: Doing, ctx: FakeContext) -> None:
    page("browser.read", "Gross total")
    page.bot.page.set_content("<label>Phone <input name=phone value=1></label>")
    with pytest.raises(Failure) as caught:
        page("browser.read", "Gross total", seconds=1)
    assert caught.value.code == "target-missing"
    assert not ctx.warned


def test_twins_are_not_guessed(page: Doing, ctx: FakeContext) -> None:
    page("browser.read", "Gross total")
    twin = '<section aria-label="Totals"><label>Grand total<input name=gross value=1></label></section>'
    page.bot.page.set_content(twin + twin)
    with pytest.raises(Failure):
        page("browser.read", "Gross total", seconds=1)
    assert not ctx.warned

"""A canary secret must be in no evidence: text is searched in every encoding, pictures are read by OCR."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from bots.browser.bot import Browser
from bots.browser.redact import HIDDEN, forms, redact
from flows.data import Secret
from tests.bots.browser.conftest import CATALOG
from tests.bots.fakes import Doing, FakeContext

CANARY = "Canary&7731/Xyzzy"
PAGE = """<!doctype html><meta charset=utf-8><body style="font:24px sans-serif"><h1>Evidence</h1>
<p><label>User <input style="font-size:24px;width:320px" oninput="echo.textContent='You typed '+this.value;
attr.setAttribute('value', this.value);
    link.href='/q?x='+encodeURIComponent(this.value)+'&b='+btoa('u:'+this.value);
console.log('typed '+this.value)"></label></p>
<p>Visible words</p><p id=echo></p><input id=attr style="font-size:24px;width:320px"> <a id=link>link</a>
<iframe srcdoc="<body style='font:24px sans-serif'><p id=p></p>" style="width:500px;height:90px"></iframe>
<script>document.querySelector('input').addEventListener('input', (e) => {
 frames[0].document.body.innerHTML = '<p>Frame ' + e.target.value.replace('&', '&amp;') + '</p>';
     });</script>"""


def read(picture: bytes) -> str:
    """What OCR reads in a picture, twice as large."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    big = io.BytesIO()
    image.resize((image.width * 2, image.height * 2)).save(big, "PNG")
    done = subprocess.run(["tesseract", "-", "-", "--psm", "11"], input=big.getvalue(), capture_output=True, check=True)
    return done.stdout.decode()


needs_ocr = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")


def leaks(data: bytes) -> list[str]:
    return [form for form in forms(CANARY) if form.encode() in data]


@needs_ocr
def test_pictures_and_text_show_no_secret(do: Doing) -> None:
    do.bot.page.set_content(PAGE)
    plain = do.bot.page.screenshot
    do("browser.fill", target="User", text=Secret("user", CANARY))
    assert "7731" in read(plain())  # without the mask OCR would see it
    items = {item.kind: item for item in do.bot.evidence([CANARY])}
    assert set(items) == {"screenshot", "html", "console"}
    seen = read(items["screenshot"].data)
    assert "Visible words" in seen
    assert "7731" not in seen and "anary" not in seen
    assert all(not leaks(item.data) for item in items.values())
    assert HIDDEN in items["html"].data.decode() and HIDDEN in items["console"].data.decode()
    assert do.bot.page.evaluate("document.querySelectorAll('[data-rpa-covered]').length") == 0


@needs_ocr
def test_a_screenshot_step_covers_it_too(do: Doing) -> None:
    do.bot.page.set_content(PAGE)
    do("browser.fill", target="User", text=Secret("user", CANARY))
    assert "7731" not in read(Path(do("browser.screenshot", "now")).read_bytes())


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Doing]:
    ctx = FakeContext(tmp_path, evidence="full")
    bot = Browser()
    bot.open(ctx)
    yield Doing(CATALOG, bot, ctx)
    bot.close()


def test_traces_open_and_hold_no_secret(full: Doing, site: str) -> None:
    full("browser.open", f"{site}/form.html")
    full("browser.fill", target="Invoice number", text="4711")
    full("browser.fill", target="Note", text=Secret("note", CANARY))
    full("browser.click", "Save draft")
    traces = [item for item in full.bot.evidence([CANARY]) if item.kind == "trace"]
    assert len(traces) == 2  # recording paused while the secret was typed
    for trace in traces:
        archive = zipfile.ZipFile(io.BytesIO(trace.data))
        assert archive.testzip() is None
        assert any(name.endswith(".trace") for name in archive.namelist())
        assert not any(leaks(archive.read(name)) for name in archive.namelist())
    after = zipfile.ZipFile(io.BytesIO(traces[1].data))
    assert not any(name.endswith((".jpeg", ".png")) for name in after.namelist())
    full("browser.click", "Save draft")  # recording goes on
    assert any(item.kind == "trace" for item in full.bot.evidence([CANARY]))


def test_nothing_is_left_on_the_disk(full: Doing, site: str) -> None:
    full("browser.open", f"{site}/form.html")
    full("browser.fill", target="Note", text=Secret("note", CANARY))
    folder = full.bot.evidence_of.folder()
    full.bot.close()
    assert not folder.exists()


def test_every_encoding_is_replaced() -> None:
    carried = [
        CANARY,
        quote(CANARY),
        quote(CANARY, safe=""),
        "Canary&amp;7731/Xyzzy",
        *(base64.b64encode(("x" * n + CANARY + "tail").encode()).decode() for n in range(4)),
    ]
    for text in carried:
        cleaned = redact(f"before {text} after", [CANARY])
        assert HIDDEN in cleaned, text
        assert "7731" not in cleaned
    assert redact("nothing here", [CANARY, ""]) == "nothing here"


MOVING = """<!doctype html><body style="font:40px sans-serif"><p id=n>0</p><label>Code <input id=c></label>
<script>let i = 0; setInterval(() => { n.textContent = String(i += 1); }, 100);</script>"""


@needs_ocr
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
def test_the_film_is_live_until_a_secret_is_in_hand(tmp_path: Path) -> None:
    ctx = FakeContext(tmp_path, evidence="full", browser={"video": True})
    bot = Browser()
    bot.open(ctx)
    try:
        do = Doing(CATALOG, bot, ctx)
        bot.page.set_content(MOVING)
        do("browser.wait", "1s")
        live = _pictures(bot, tmp_path)
        ctx.mask(CANARY)
        do("browser.fill", target="Code", text=Secret("code", CANARY))
        do("browser.wait", "1200ms")
        covered = _pictures(bot, tmp_path)
    finally:
        bot.close()
    assert len(live) >= 6  # it moves ten times a second
    assert 3 <= len(covered) < len(live)
    assert not any("7731" in read(picture) for picture in covered)


def _pictures(bot: Browser, folder: Path) -> list[bytes]:
    """The pictures of the film so far."""
    (item,) = [item for item in bot.evidence([]) if item.kind == "video"]
    place = Path(tempfile.mkdtemp(dir=folder))
    (place / "film.mp4").write_bytes(item.data)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(place / "film.mp4"), "-vsync", "0", str(place / "%04d.png")]
    subprocess.run(command, check=True)
    return [path.read_bytes() for path in sorted(place.glob("*.png"))]

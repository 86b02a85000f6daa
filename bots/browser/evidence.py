"""What shows the state of the browser after a failure, with nothing secret in it.

Pictures: every element that holds a secret, or into which one was typed, is covered. Text: every form of
every secret is replaced. Traces: recording pauses while a secret is typed; what was recorded later is kept
without pictures.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.base import EvidenceItem
from bots.browser.filming import Filming
from bots.browser.find import engine_call
from bots.browser.redact import redact
from bots.browser.trace import clean_trace

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Locator, Page

    from bots.browser.bot import Browser

MASK_COLOUR = "#333333"
PICTURE_TIMEOUT_MS = 10_000
MARK = "data-rpa-covered"
# Marks the smallest elements that hold one of the secrets, in their text or as the value of a field.
_MARK_HOLDERS = """(rpa, arg) => {
  const [mark, secrets] = arg;
  const plain = (s) => (s || '').replace(/\\s+/g, '').toLowerCase();
  const wanted = secrets.map(plain).filter(Boolean);
  const holds = (s) => { const t = plain(s); return wanted.some((w) => t.includes(w)); };
  let found = 0;
  for (const el of rpa.select(document, 'body *')) {
    const field = el.matches('input,textarea,select');
    const own = field ? holds(el.value) || holds(rpa.valueOf(el)) : holds(el.textContent) &&
        ![...el.children].some((c) => holds(c.textContent));
    if (own || holds(el.getAttribute('placeholder')) ||
        holds(el.getAttribute('alt'))) { el.setAttribute(mark, ''); found += 1; }
  }
  return found;
}"""
_UNMARK = "(rpa, mark) => rpa.select(document, '[' + mark + ']').forEach((el) => el.removeAttribute(mark))"


class Evidence:
    """Collects evidence for one browser and remembers where secrets were typed."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.covered: list[tuple[Page, Locator]] = []
        self.typed: set[str] = set()
        self._tracing = False
        self._cuts = 0
        self._parts: list[tuple[Path, bool]] = []
        self._folder: Path | None = None
        self.film = Filming(browser)

    # ---- lifetime ----
    def forget(self) -> None:
        """A new browser context begins: no page of it holds anything yet."""
        self.covered = []
        self.typed = set()
        self._tracing = False
        self._parts = []
        self.film.forget()

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="rpa-evidence-"))
        return self._folder

    def begin(self) -> None:
        """Starts the trace of a new context, when full evidence is wanted."""
        if self.browser.settings.evidence == "full":
            self.browser.context.tracing.start(screenshots=True, snapshots=True)
            self._tracing = True

    # ---- secrets ----
    def cover(self, locator: Locator, value: str) -> None:
        self.film.uncast()
        self.covered.append((self.browser.page, locator))
        self.typed.add(value)

    @contextmanager
    def untraced(self) -> Iterator[None]:
        """While this lasts nothing is recorded in the trace."""
        tracing = self._tracing
        if tracing:
            self._cut()
        try:
            yield
        finally:
            if tracing:
                self.browser.context.tracing.start_chunk()
                self._tracing = True

    def _cut(self) -> None:
        """Ends the present part of the trace."""
        self._cuts += 1
        path = self.folder() / f"trace-{self._cuts}.zip"
        self.browser.context.tracing.stop_chunk(path=path)
        self._parts.append((path, bool(self.typed)))
        self._tracing = False

    # ---- collecting ----
    def collect(self, secrets: list[str]) -> list[EvidenceItem]:
        """Screenshot, page HTML, console, and the trace so far."""
        secrets = sorted({*secrets, *self.typed})
        items = self.traces(secrets)
        page = self.live_page()
        if page is not None:
            items += [self._console(secrets), self._html(page, secrets), *self._picture(page, secrets)]
        items += self.film.taken()
        if items and self.browser.settings.evidence == "full" and not self._tracing and page is not None:
            self.browser.context.tracing.start_chunk()
            self._tracing = True
        return items

    def live_page(self) -> Page | None:
        """The page that can be looked at now."""
        page = self.browser.current
        return None if page is None or page.is_closed() or self.browser.watch.crashed else page

    def _console(self, secrets: list[str]) -> EvidenceItem:
        tabs = [f"tab: {p.url}" for p in self.browser.pages]
        text = "\n".join([*tabs, *self.browser.watch.console])
        return EvidenceItem("console", "console.txt", redact(text, secrets).encode(), "text/plain", masked=True)

    def _html(self, page: Page, secrets: list[str]) -> EvidenceItem:
        parts = [page.content()]
        for frame in page.frames[1:6]:
            content = self._frame_html(frame)
            parts.append(f"<!-- frame {frame.url} -->\n{content}")
        return EvidenceItem("html", "page.html", redact("\n".join(parts), secrets).encode(), "text/html", masked=True)

    def _frame_html(self, frame: Frame) -> str:
        try:
            return frame.content()
        except self.browser.playwright_error as error:
            return f"<!-- not readable: {error} -->"

    def _picture(self, page: Page, secrets: list[str]) -> list[EvidenceItem]:
        data = self.screenshot(page, secrets)
        return [EvidenceItem("screenshot", "page.png", data, "image/png", masked=True)]

    def screenshot(self, page: Page, secrets: list[str], **options: Any) -> bytes:
        """A PNG of the page with every element that holds a secret covered."""
        frames = [f for f in page.frames if not f.is_detached()]
        try:
            if secrets:
                for frame in frames:
                    engine_call(frame, _MARK_HOLDERS, [MARK, secrets])
            masks = [frame.locator(f"[{MARK}]") for frame in frames] if secrets else []
            masks += [locator for owner, locator in self.covered if owner is page]
            picture: dict[str, Any] = {"animations": "disabled", "timeout": PICTURE_TIMEOUT_MS, **options}
            return page.screenshot(mask=masks, mask_color=MASK_COLOUR, **picture)
        finally:
            if secrets:
                for frame in frames:
                    self._unmark(frame)

    def _unmark(self, frame: Frame) -> None:
        if not frame.is_detached():
            engine_call(frame, _UNMARK, MARK)

    def traces(self, secrets: list[str]) -> list[EvidenceItem]:
        """The parts of the trace recorded so far, cleaned."""
        if self._tracing:
            self._cut()
        items = [
            EvidenceItem(
                "trace",
                path.name,
                clean_trace(path, secrets, pictures=not typed),
                "application/zip",
                masked=True,
            )
            for path, typed in self._parts
        ]
        for path, _ in self._parts:
            path.unlink()
        self._parts = []
        return items

"""What happens by itself in the browser: dialogs, new tabs, downloads, console lines, responses."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Download, Page, Request, Response


@dataclass(frozen=True, slots=True)
class Seen:
    """A passing thing; `order` rises through all kinds, so that it can be said what came after a mark."""

    order: int
    kind: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DialogAnswer:
    """How the next dialog is to be answered."""

    accept: bool
    text: str | None = None
    contains: str | None = None


class Watch:
    """Listens to one browser context. Findings wait in `findings` until a step can report them."""

    KEPT = 400

    def __init__(self, page_opened: Callable[[Page], None]) -> None:
        self._count = count(1)
        self._page_opened = page_opened
        self.seen: deque[Seen] = deque(maxlen=self.KEPT)
        self.console: deque[str] = deque(maxlen=self.KEPT)
        self.downloads: list[tuple[int, Download]] = []
        self.findings: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[DialogAnswer] = []
        self.underway: set[Request] = set()
        self.marked = 0
        self.crashed = False

    def attach(self, context: BrowserContext) -> None:
        context.on("page", self.attach_page)
        context.on("dialog", self._dialog)
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._request_failed)
        context.on("weberror", lambda error: self.console.append(f"error: {error.error}"))

    def mark(self) -> None:
        """From here on only what is new counts."""
        self.marked = next(self._count)

    def latest(self) -> int:
        """The order of the newest thing seen."""
        return self.seen[-1].order if self.seen else 0

    def since_mark(self, kind: str) -> list[Seen]:
        return [s for s in self.seen if s.kind == kind and s.order > self.marked]

    def _note(self, kind: str, text: str, **details: Any) -> None:
        self.seen.append(Seen(next(self._count), kind, text, details))

    def attach_page(self, page: Page) -> None:
        page.on("download", self._download)
        page.on("crash", self._crash)
        self._page_opened(page)

    def _crash(self, page: Page) -> None:
        self.crashed = True
        self.findings.append(("page-crashed", {"url": page.url}))

    def _download(self, download: Download) -> None:
        self._note("download", download.suggested_filename, url=download.url)
        self.downloads.append((self.seen[-1].order, download))

    def _console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        request = response.request
        self.underway.discard(request)
        self._note(
            "response",
            response.url,
            status=response.status,
            method=request.method,
            navigation=request.is_navigation_request(),
        )

    def _request(self, request: Request) -> None:
        self.underway.add(request)
        self._note("request", request.url, method=request.method)

    def _request_failed(self, request: Request) -> None:
        self.underway.discard(request)
        self.console.append(f"request failed: {request.method} {request.url} {request.failure or ''}")
        self._note("request-failed", request.url, reason=request.failure or "", method=request.method)

    def _dialog(self, dialog: Dialog) -> None:
        answer = self._answer_for(dialog)
        self._note("dialog", dialog.message, type=dialog.type, expected=answer is not None)
        if answer is None:
            # A page that asks before it is left must not hold the browser; everything else is declined.
            leaving = dialog.type == "beforeunload"
            if not leaving:
                self.findings.append(("dialog-dismissed", {"type": dialog.type, "message": dialog.message}))
            dialog.accept() if leaving else dialog.dismiss()
        elif answer.accept:
            dialog.accept(answer.text) if dialog.type == "prompt" and answer.text is not None else dialog.accept()
        else:
            dialog.dismiss()

    def _answer_for(self, dialog: Dialog) -> DialogAnswer | None:
        if dialog.type == "beforeunload":
            return None
        for answer in self.answers:
            if answer.contains is None or answer.contains.casefold() in dialog.message.casefold():
                self.answers.remove(answer)
                return answer
        return None

"""Files into a page and out of it: upload, download, pictures, PDF."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.failures_of import ACTED, FOUND, GONE, WENT
from bots.browser.filetypes import MEDIA, FileType, file_type, fits
from bots.browser.requesting import request
from bots.browser.target import Target
from flows.action import action
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Download, Locator

_IS_FILE = """(el) => {
  const f = el.control || el;
  return f.matches('input[type=file]') ? [f.multiple, f.accept] : null;
}"""


@dataclass(frozen=True, slots=True)
class FileOutput:
    """A file that the browser gave: `path` is where it lies, `name` what the site called it, `size` in
    bytes."""

    path: str
    name: str
    size: int
    type: str
    sha256: str


@action(
    "browser.upload",
    acts="screen",
    fails={**ACTED, "file-missing": "flow", "upload-refused": "application"},
    examples=('browser.upload: {target: Attachment, file: "${item.path}"}',),
)
def upload(browser: Browser, ctx: Context, *, target: Target, file: str | list[str], drop: bool = False) -> list[str]:
    """Gives one or more files to a file field, or to the button or area that opens the file window.

    `drop` drops them onto the target, as from the desktop. Returns the names that the page took.
    """
    paths = [ctx.path(f) for f in ([file] if isinstance(file, str) else file)]
    for path in paths:
        if not path.is_file():
            raise FlowFailure("file-missing", details={"path": str(path)})

    def give(locator: Locator, limit: float) -> list[str]:
        if drop:
            _drop(locator, paths, limit)
            return [p.name for p in paths]
        field = locator.evaluate(_IS_FILE, timeout=limit)
        if field is None:
            _through_window(browser, locator, paths, limit)
            return [p.name for p in paths]
        if len(paths) > 1 and not field[0]:
            raise ApplicationFailure(
                "upload-refused", details={"target": str(target), "reason": "it takes one file only"}
            )
        locator.set_input_files(paths, timeout=limit)
        return _taken(locator, target, paths)

    return browser.find.perform(ctx, target, "file", give)


def _taken(locator: Locator, target: Target, paths: list[Path]) -> list[str]:
    """What stands in the field. A page may take the files at once and empty the field: then it took them
    all."""
    names = locator.evaluate_all("(els) => els.flatMap((e) => [...((e.control || e).files || [])].map((f) => f.name))")
    if names and len(names) != len(paths):
        raise ApplicationFailure(
            "upload-refused", details={"target": str(target), "reason": f"it holds {', '.join(names)}"}
        )
    return list(names) or [p.name for p in paths]


def _through_window(browser: Browser, locator: Locator, paths: list[Path], limit: float) -> None:
    with browser.page.expect_file_chooser(timeout=limit) as opened:
        locator.click(timeout=limit)
    chooser = opened.value
    if len(paths) > 1 and not chooser.is_multiple():
        raise ApplicationFailure(
            "upload-refused", details={"target": "the file window", "reason": "it takes one file only"}
        )
    chooser.set_files(paths)


def _drop(locator: Locator, paths: list[Path], limit: float) -> None:
    files = [
        {
            "name": p.name,
            "mimeType": mimetypes.guess_type(p.name)[0] or "application/octet-stream",
            "buffer": p.read_bytes(),
        }
        for p in paths
    ]
    locator.drop({"files": files}, timeout=limit)  # type: ignore[typeddict-item]


@action(
    "browser.download",
    main="target",
    acts="screen",
    timeout="120s",
    fails={
        **ACTED,
        **WENT,
        "download-failed": "application",
        "download-wrong-type": "application",
        "path-outside": "flow",
    },
    examples=(
        "browser.download: {target: Export, type: xlsx}",
        'browser.download: {target: {role: link, name: PDF}, to: "out/${item.key}.pdf", type: pdf}',
    ),
)
def download(
    browser: Browser,
    ctx: Context,
    *,
    target: Target | None = None,
    url: str | None = None,
    to: str | None = None,
    type_: FileType | None = None,
) -> FileOutput:
    """Clicks something and waits for the file it gives, or fetches `url` with the session's cookies.

    `to` is where it is put (a path of the project, a folder when it ends in /); it is kept as an artifact
    in any case. `type` is proven by the content: a login page that calls itself a PDF is
    `download-wrong-type`.
    """
    browser.use(ctx)
    if (target is None) == (url is None):
        raise FlowFailure(
            "parameter-invalid",
            details={
                "action": "browser.download",
                "parameter": "target",
                "reason": "give either target or url",
                "value": "-",
            },
        )
    name, data = _clicked(browser, ctx, target) if target is not None else _fetched(browser, ctx, str(url))
    found = file_type(data)
    if found == "empty" or (type_ is not None and not fits(found, type_)):
        raise ApplicationFailure(
            "download-wrong-type",
            details={"name": name, "found": found, "wanted": type_ or "a file with content"},
        )
    kept = ctx.save("download", name, data, MEDIA.get(found, "application/octet-stream"))
    path = _put(ctx, data, name, to) if to is not None else Path(kept.path)
    return FileOutput(str(path), name, kept.size, found, kept.sha256)


def _clicked(browser: Browser, ctx: Context, target: Target) -> tuple[str, Path]:
    """The name and place of the file that a click gives, also when it comes through a new tab."""
    before = len(browser.watch.downloads)
    browser.find.perform(ctx, target, "press", lambda locator, limit: locator.click(timeout=limit))
    while len(browser.watch.downloads) == before:
        if ctx.remaining() < 0.4:
            raise ApplicationFailure("download-failed", details={"name": str(target), "reason": "no file came"})
        browser.page.wait_for_timeout(60)
    return _arrived(browser, browser.watch.downloads[before][1])


def _arrived(browser: Browser, got: Download) -> tuple[str, Path]:
    name = got.suggested_filename
    try:
        return name, Path(got.path())
    except browser.playwright_error as error:
        raise ApplicationFailure(
            "download-failed", details={"name": name, "reason": str(got.failure() or error)[:200]}
        ) from error


def _fetched(browser: Browser, ctx: Context, url: str) -> tuple[str, Path]:
    answer = request(browser, ctx, "GET", url)
    name = PurePosixPath(unquote(urlsplit(answer.url).path)).name or "download"
    path = browser.evidence_of.folder() / f"fetched-{len(list(browser.evidence_of.folder().iterdir()))}"
    path.write_bytes(answer.body())
    return name, path


def _put(ctx: Context, data: Path, name: str, to: str) -> Path:
    goal = ctx.path(to + name if to.endswith("/") else to, write=True)
    goal.parent.mkdir(parents=True, exist_ok=True)
    part = goal.with_name(goal.name + ".part")
    part.write_bytes(data.read_bytes())
    part.replace(goal)
    return goal


@action(
    "browser.screenshot",
    main="name",
    acts="nothing",
    fails=FOUND,
    examples=(
        "browser.screenshot: after saving",
        "browser.screenshot: {name: total, target: {label: Total}}",
    ),
)
def screenshot(
    browser: Browser, ctx: Context, *, name: str = "page", target: Target | None = None, full: bool = False
) -> str:
    """Keeps a picture of the window, of the whole page (`full`), or of one element.

    Elements with secrets in them are covered. Returns its path.
    """
    browser.use(ctx)
    options: dict[str, Any] = {"full_page": full}
    if target is not None:
        box = browser.find.perform(ctx, target, "any", lambda locator, limit: locator.bounding_box(timeout=limit))
        if box is not None:
            options = {"clip": box, "full_page": True}
    data = browser.evidence_of.screenshot(browser.page, sorted(browser.evidence_of.typed), **options)
    return ctx.save("screenshot", f"{name}.png", data, "image/png").path


@action(
    "browser.pdf",
    main="name",
    acts="nothing",
    fails={**GONE, "pdf-failed": "application", "path-outside": "flow"},
)
def pdf(
    browser: Browser,
    ctx: Context,
    *,
    name: str = "page",
    to: str | None = None,
    landscape: bool = False,
    format_: str = "A4",
) -> FileOutput:
    """Prints the page as a PDF, without a window only."""
    browser.use(ctx)
    path = browser.evidence_of.folder() / "print.pdf"
    try:
        browser.page.pdf(path=path, landscape=landscape, format=format_, print_background=True)
    except browser.playwright_error as error:
        raise ApplicationFailure("pdf-failed", details={"reason": str(error)[:200]}) from error
    kept = ctx.save("download", f"{name}.pdf", path, MEDIA["pdf"])
    place = _put(ctx, path, f"{name}.pdf", to) if to is not None else Path(kept.path)
    return FileOutput(str(place), f"{name}.pdf", kept.size, "pdf", kept.sha256)

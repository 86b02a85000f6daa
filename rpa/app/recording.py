"""Recording in a browser, and looking at a page, outside runs: for authors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.document import compose
from flows.failures import BusinessFailure, FlowFailure
from rpa.app.project import Project
from rpa.app.secrets import secret_source, with_secrets
from rpa.settings import Settings

if TYPE_CHECKING:
    from bots.browser.bot import Browser
    from bots.browser.record import Recording

Tell = Callable[[str], Any]
ADDRESSES = ("http://", "https://", "file://")
POLL_MS = 200


def is_address(text: str | None) -> bool:
    """Whether what was named is a page rather than a program."""
    return text is not None and text.startswith(ADDRESSES)


@contextmanager
def opened_browser(settings: Settings, *, headed: bool) -> Iterator[Browser]:
    """A browser of nobody's run."""
    from bots.browser.bot import Browser
    from rpa.app.desktop import Author

    browser = Browser()
    own = with_secrets(settings.run_options()["browser"], secret_source(settings))
    ctx: Any = Author(settings, {"headed": headed, "evidence": "none", "browser": own})
    browser.open(ctx)
    try:
        yield browser
    finally:
        browser.close()


def recorded_page(
    settings: Settings,
    url: str,
    seconds: float | None,
    tell: Tell,
    *,
    headed: bool = True,
    act: Callable[[Any], Any] | None = None,
) -> Recording:
    """Records on `url` until its window is closed, `seconds` are over or Control+C. `act` does something on
    the page in the person's place."""
    from bots.browser.record import Recording

    recording = Recording(url, heard=lambda event: tell(_line(event)))
    with opened_browser(settings, headed=headed) as browser:
        recording.attach(browser.context)
        browser.page.goto(url)
        tell(f"Recording on {url}. Close the window or press Control+C to end.")
        deadline = None if seconds is None else time.monotonic() + seconds
        try:
            if act is not None:
                act(browser.page)
            _listen(browser, deadline)
        except KeyboardInterrupt:
            tell("Ended.")
    return recording


def _listen(browser: Browser, deadline: float | None) -> None:
    while browser.pages and (deadline is None or time.monotonic() < deadline):
        try:
            browser.pages[-1].wait_for_timeout(POLL_MS)
        except browser.playwright_error:
            if browser.pages:  # a tab that closed while we waited in it; the others go on
                continue
            return


def _line(event: Mapping[str, Any]) -> str:
    """One step with its ladder: every way to say the target, and how many things on the page fit it."""
    ways = "; ".join(f"{_words(way['target'])} fits {way['matches']}" for way in event.get("ladder", ()))
    return f"  {event['verb']} {_words(event['target'])}" + (f"   [{ways}]" if ways else "")


def _words(target: Mapping[str, Any]) -> str:
    from bots.browser.target import Target

    return str(Target.model_validate(dict(target)))


def write_flow(settings: Settings, recording: Recording, out: Path) -> list[Path]:
    """Writes the flow, and beside it the rows when steps were repeated. Never over a file. Raises
    `file-exists`, `nothing-recorded`."""
    if not recording.events:
        raise FlowFailure("nothing-recorded", details={"url": recording.url})
    rows = out.with_suffix(".csv")
    for path in (out, rows):
        if path.exists():
            raise BusinessFailure("file-exists", details={"path": str(path)})
    inside = rows.resolve().is_relative_to(settings.project.resolve())
    whole = rows.resolve()
    shown = whole.relative_to(settings.project.resolve()).as_posix() if inside else str(whole)
    got = recording.recorded(rows=shown)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(recording.flow(out.stem, shown), "utf-8")
    if not got.rows:
        return [out]
    rows.write_text(got.csv(), "utf-8")
    return [out, rows]


def append_to_flow(project: Project, ref: str, recording: Recording) -> Path:
    """Adds the recorded steps, inputs and secrets to the end of a flow; the rest of its text stays. Raises
    `nothing-recorded`, and what loading raises when the flow would not be free of errors."""
    if not recording.events:
        raise FlowFailure("nothing-recorded", details={"url": recording.url})
    flow, path = project.flow(ref), project.flow_path(ref)
    old = path.read_text("utf-8")
    path.write_text(_appended(old, recording, [*flow.inputs, *flow.secrets]), "utf-8")
    try:
        project.flow(str(path.resolve()))
    except FlowFailure:
        path.write_text(old, "utf-8")
        raise
    return path


def _appended(text: str, recording: Recording, taken: list[str]) -> str:
    from bots.browser.record import input_lines

    got = recording.recorded(taken)
    text = _after_block(text, "steps", list(got.steps))
    if got.secrets:
        text = _more_secrets(text, list(got.secrets))
    return _after_block(text, "inputs", input_lines(got.inputs)) if got.inputs else text


def _after_block(text: str, key: str, lines: list[str]) -> str:
    """`lines` (two blanks deep) as the last entries of a block of the flow, made before `steps` if it is
    missing."""
    root, _ = compose(text, "flow")
    node = root.get(key) if root else None
    if node is None or not node.value:
        at = next((p.node.source.text.rfind(f"\n{p.key}:", 0, p.node.start) + 1  # type: ignore[union-attr]
                   for p in (root.pairs if root else ()) if p.key == "steps"), len(text))
        return text[:at] + "\n".join([f"{key}:", *lines]) + "\n" + text[at:]
    first = node.value[0].mark if node.kind == "map" else node.mark
    indent = " " * (first.column - 1)
    end = len(text[: node.end].rstrip())
    return text[:end] + "".join(f"\n{indent}{line[2:]}" for line in lines) + (text[end:] or "\n")


def _more_secrets(text: str, names: list[str]) -> str:
    root, _ = compose(text, "flow")
    node = root.get("secrets") if root else None
    if node is None:
        at = text.rfind("\nsteps:") + 1
        return f"{text[:at]}secrets: [{', '.join(names)}]\n{text[at:]}"
    known = [str(v) for v in node.plain()] if node.kind == "list" else [str(node.plain())]
    rest = text[node.start : node.end]
    tail = rest[len(rest.rstrip()) :]
    return f"{text[: node.start]}[{', '.join([*known, *names])}]{tail}{text[node.end :]}"


def seen_on_page(
    settings: Settings, url: str, wait: float, picture: bool
) -> tuple[list[dict[str, Any]], bytes]:
    """What a page shows that a flow can name, in order (see `bots.browser.inspecting`); and its picture."""
    from bots.browser.inspecting import look

    with opened_browser(settings, headed=False) as browser:
        browser.page.goto(url)
        browser.page.wait_for_timeout(wait * 1000)
        return look(browser), browser.page.screenshot(full_page=True) if picture else b""

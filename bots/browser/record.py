"""The recorder: what a person does in a browser becomes the text of a flow.

Typed values become inputs, passwords secrets, the same steps done again with other values items of a CSV
file; every target was checked on the live page when it was recorded, and stands there as a person would
name it. Secret values never leave the page.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bots.browser.launch import ENGINE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

SCRIPT = (Path(__file__).parent / "js" / "recorder.js").read_text("utf-8")
NAMING = (Path(__file__).parent / "js" / "naming.js").read_text("utf-8")
COMMITS = re.compile(r"\b(save|post|send|pay|delete|submit|confirm)\b|저장|등록|전송|승인|삭제", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording comes to: lines of YAML (steps two blanks deep), and the rows that were typed.

    `session` are the steps before the first row; `ready` the target of the first step of a row.
    """

    inputs: Mapping[str, str]
    secrets: Sequence[str]
    steps: Sequence[str]
    session: Sequence[str] = ()
    ready: str = ""
    rows: Sequence[Mapping[str, str]] = ()

    def csv(self) -> str:
        """The rows as the text of a CSV file."""
        out = io.StringIO()
        writer = csv.DictWriter(out, list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue()


@dataclass(slots=True)
class Recording:
    """What was done so far, in order: `{verb, target, value?, secret?, ladder}`."""

    url: str
    events: list[dict[str, Any]] = field(default_factory=list)
    heard: Callable[[Mapping[str, Any]], object] | None = None

    def attach(self, context: BrowserContext) -> None:
        """Listens to every page of a context, from its next document on."""
        context.expose_function("__rpaTell", lambda event: self.tell(event))
        context.add_init_script(f"(() => {{ const rpa = {ENGINE}; ({SCRIPT})(rpa, {NAMING}); }})()")

    def tell(self, event: Mapping[str, Any]) -> None:
        """Takes one event. Typing again into the same field replaces what was typed before."""
        last = self.events[-1] if self.events else None
        same = last is not None and last["verb"] == event["verb"] == "fill" and last["target"] == event["target"]
        if same:
            self.events[-1] = dict(event)
        else:
            self.events.append(dict(event))
        if self.heard is not None:
            self.heard(event)

    def recorded(self, taken: Iterable[str] = (), rows: str = "") -> Recorded:
        """Everything that was done. Names in `taken` are left alone; `rows` is the CSV file that repeated
        steps read (empty: every repetition is written out)."""
        return _Writing(self, taken).written(_repetition(self.events) if rows else None)

    def flow(self, name: str = "recorded", rows: str = "") -> str:
        """The recording as the text of a flow."""
        got = self.recorded(rows=rows)
        lines = [f"flow: {name}", f"title: Recorded on {urlsplit(self.url).netloc or 'a page'}"]
        if got.inputs:
            lines += ["inputs:", *input_lines(got.inputs)]
        if got.secrets:
            lines.append(f"secrets: [{', '.join(got.secrets)}]")
        if got.rows:
            lines += ["items:", f"  from: {{rows: {_quoted(rows)}}}"]
            lines += ["session:", f"  ready: {got.ready}", "  steps:", *(f"  {line}" for line in got.session)]
        return "\n".join([*lines, "steps:", *got.steps]) + "\n"


def input_lines(inputs: Mapping[str, str]) -> list[str]:
    """Declarations of inputs with what was typed as their defaults."""
    return [f"  {name}: {{type: text, default: {_quoted(value)}}}" for name, value in inputs.items()]


def _repetition(events: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """(start, length) of steps that fill the rest of the recording twice or more, with other values each
    time; the shortest such block, as early as it begins."""
    shape = [(e["verb"], json.dumps(e["target"], sort_keys=True), e["verb"] == "press" and e["value"]) for e in events]
    count = len(shape)
    for length in range(2, count // 2 + 1):
        start = count - length
        while start >= length and shape[start - length : start] == shape[count - length :]:
            start -= length
        typed = any(e["verb"] in ("fill", "select") and not e.get("secret") for e in events[start:])
        if start < count - length and typed:
            return start, length
    return None


class _Writing:
    """Turns events into YAML text. Values are written as JSON texts, which YAML reads the same."""

    def __init__(self, recording: Recording, taken: Iterable[str] = ()) -> None:
        self.recording = recording
        self.taken = set(taken)
        self.inputs: dict[str, str] = {}
        self.secrets: list[str] = []
        self.row: dict[str, str] | None = None

    def written(self, block: tuple[int, int] | None) -> Recorded:
        """The whole recording; with `block` its repeated part once, its values as rows."""
        opening = f"  - browser.open: {_quoted(self.recording.url)}"
        events = self.recording.events
        before = events if block is None else events[: block[0]]
        lines = [opening, *(line for event in before for line in self._step(event))]
        if block is None:
            return Recorded(self.inputs, self.secrets, lines)
        rows, steps = [], []
        for at in range(block[0], len(events), block[1]):
            self.row = {}
            steps = [line for event in events[at : at + block[1]] for line in self._step(event)]
            rows.append(self.row)
        ready = target_text(events[block[0]]["target"])
        return Recorded(self.inputs, self.secrets, steps, lines, ready, rows)

    def _step(self, event: Mapping[str, Any]) -> list[str]:
        makers: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
            "fill": self._fill,
            "select": self._select,
            "upload": self._upload,
            "press": self._press,
        }
        target = target_text(event["target"])
        line = (
            makers[event["verb"]](event, target)
            if event["verb"] in makers
            else f"  - browser.{event['verb']}: {{target: {target}}}"
        )
        name = str(event["target"].get("name") or event["target"].get("text") or "")
        if event["verb"] == "click" and COMMITS.search(name):
            return ["  # This looks as if it changed something outside: put it into a `writes` block.", line]
        return [line]

    def _fill(self, event: Mapping[str, Any], target: str) -> str:
        if event.get("secret"):
            name = self._name(event)
            if name not in self.secrets:
                self.secrets.append(name)
            return f'  - browser.fill: {{target: {target}, text: "${{secrets.{name}}}"}}'
        return f'  - browser.fill: {{target: {target}, text: "{self._value(event)}"}}'

    def _select(self, event: Mapping[str, Any], target: str) -> str:
        return f'  - browser.select: {{target: {target}, option: "{self._value(event)}"}}'

    def _upload(self, event: Mapping[str, Any], target: str) -> str:
        return f'  - browser.upload: {{target: {target}, file: "{self._value(event)}"}}'

    def _value(self, event: Mapping[str, Any]) -> str:
        """The expression that stands for a typed value: a column of the row, or an input."""
        known = self.inputs if self.row is None else self.row
        name = self._name(event)
        known[name] = str(event.get("value", ""))
        return f"${{{'inputs' if self.row is None else 'item'}.{name}}}"

    def _press(self, event: Mapping[str, Any], target: str) -> str:
        return f"  - browser.press: {{keys: {event['value']}, target: {target}}}"

    def _name(self, event: Mapping[str, Any]) -> str:
        """A name made of the target's words, with a number where it is taken by another value."""
        words = next(
            (
                str(event["target"][k])
                for k in ("label", "placeholder", "name", "title", "test_id", "css")
                if k in event["target"]
            ),
            "value",
        )
        base = re.sub(r"\W+", "_", words.casefold()).strip("_") or "value"
        base = f"_{base}" if base[0].isdigit() else base
        name, n = base, 1
        known = self.inputs if self.row is None else self.row
        while name in self.taken or (name in known and known[name] != str(event.get("value", ""))):
            n += 1
            name = f"{base}_{n}"
        return name.lstrip("_") if not name.lstrip("_")[:1].isdigit() else f"value{name}"


def target_text(target: Mapping[str, Any]) -> str:
    """A target in YAML's flow form: one label alone stays readable, everything is quoted."""
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in target.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(k))}: {_value(v)}" for k, v in value.items()) + "}"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A YAML double-quoted text; `${` is written so that it stays one."""
    return json.dumps(text.replace("${", "$${"), ensure_ascii=False)

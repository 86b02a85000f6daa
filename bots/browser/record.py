"""The recorder: what a person does in a browser becomes the text of a flow.

Typed values become inputs, passwords secrets; every target was checked on the live page when it was
recorded, and stands there as a person would name it. Secret values never leave the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bots.browser.launch import ENGINE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

SCRIPT = (Path(__file__).parent / "js" / "recorder.js").read_text("utf-8")
COMMITS = re.compile(
    r"\b(save|post|send|pay|delete|submit|confirm)\b|저장|등록|전송|승인|삭제", re.IGNORECASE
)


@dataclass(slots=True)
class Recording:
    """What was done so far, in order: `{verb, target, value?, secret?, ladder}`."""

    url: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Listens to every page of a context, from its next document on."""
        context.expose_function("__rpaTell", lambda event: self.tell(event))
        context.add_init_script(f"(() => {{ const rpa = {ENGINE}; ({SCRIPT})(rpa); }})()")

    def tell(self, event: Mapping[str, Any]) -> None:
        """Takes one event. Typing again into the same field replaces what was typed before."""
        last = self.events[-1] if self.events else None
        same = (
            last is not None and last["verb"] == event["verb"] == "fill" and last["target"] == event["target"]
        )
        if same:
            self.events[-1] = dict(event)
        else:
            self.events.append(dict(event))

    def flow(self, name: str = "recorded") -> str:
        """The recording as the text of a flow."""
        return _Writing(self, name).text()


class _Writing:
    """Turns events into YAML text. Values are written as JSON texts, which YAML reads the same."""

    def __init__(self, recording: Recording, name: str) -> None:
        self.recording, self.name = recording, name
        self.inputs: dict[str, str] = {}
        self.secrets: list[str] = []

    def text(self) -> str:
        steps = [line for event in self.recording.events for line in self._step(event)]
        head = [f"flow: {self.name}", f"title: Recorded on {urlsplit(self.recording.url).netloc or 'a page'}"]
        if self.inputs:
            head += [
                "inputs:",
                *(f"  {n}: {{type: text, default: {_quoted(v)}}}" for n, v in self.inputs.items()),
            ]
        if self.secrets:
            head.append(f"secrets: [{', '.join(self.secrets)}]")
        return "\n".join([*head, "steps:", f"  - browser.open: {_quoted(self.recording.url)}", *steps]) + "\n"

    def _step(self, event: Mapping[str, Any]) -> list[str]:
        makers: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
            "fill": self._fill,
            "select": self._select,
            "upload": self._upload,
            "press": self._press,
        }
        target = _target(event["target"])
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
        name = self._name(event)
        if event.get("secret"):
            if name not in self.secrets:
                self.secrets.append(name)
            return f'  - browser.fill: {{target: {target}, text: "${{secrets.{name}}}"}}'
        self.inputs[name] = str(event.get("value", ""))
        return f'  - browser.fill: {{target: {target}, text: "${{inputs.{name}}}"}}'

    def _select(self, event: Mapping[str, Any], target: str) -> str:
        name = self._name(event)
        self.inputs[name] = str(event["value"])
        return f'  - browser.select: {{target: {target}, option: "${{inputs.{name}}}"}}'

    def _upload(self, event: Mapping[str, Any], target: str) -> str:
        name = self._name(event)
        self.inputs[name] = str(event["value"])
        return f'  - browser.upload: {{target: {target}, file: "${{inputs.{name}}}"}}'

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
        while name in self.inputs and self.inputs[name] != str(event.get("value", "")):
            n += 1
            name = f"{base}_{n}"
        return name.lstrip("_") if not name.lstrip("_")[:1].isdigit() else f"value{name}"


def _target(target: Mapping[str, Any]) -> str:
    """A target in YAML's flow form: one label alone stays readable, everything is quoted."""
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in target.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(k))}: {_value(v)}" for k, v in value.items()) + "}"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A YAML double-quoted text; `${` is written so that it stays one."""
    return json.dumps(text.replace("${", "$${"), ensure_ascii=False)

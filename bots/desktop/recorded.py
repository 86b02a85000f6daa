"""A recording as the text of a flow: readable targets, each with its ladder of other ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.desktop.naming import yaml_of
from bots.desktop.recording import Event
from bots.desktop.screen import png

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop

COMMITS = re.compile(
    r"\b(save|post|send|pay|delete|submit|confirm)\b|저장|등록|전송|승인|삭제", re.IGNORECASE
)
SURE = 0.8
LONGEST_NAME = 40


class Writing:
    """Turns events into a flow. Values become inputs, passwords secrets, pictures files of the project."""

    def __init__(self, desktop: Desktop, events: list[Event], program: str | None) -> None:
        self.desktop, self.events, self.program = desktop, events, program
        self.inputs: dict[str, str] = {}
        self.secrets: list[str] = []
        self.pictures: dict[str, bytes] = {}

    def write(self, out: Path) -> Path:
        """Writes the flow and `images/` beside it, or in the project when the flow stands in `flows/`."""
        text = self.text(re.sub(r"\W+", "_", out.stem).strip("_").casefold() or "recorded")
        root = out.parent.parent if out.parent.name == "flows" else out.parent
        for name, data in self.pictures.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, "utf-8")
        return out

    def text(self, name: str) -> str:
        steps = [line for event in self._joined() for line in self._step(event)]
        head = [f"flow: {name}", f"title: Recorded on {self.program or 'the desktop'}"]
        if self.inputs:
            head += [
                "inputs:",
                *(f"  {n}: {{type: text, default: {yaml_of(v)}}}" for n, v in self.inputs.items()),
            ]
        if self.secrets:
            head.append(f"secrets: [{', '.join(self.secrets)}]")
        if self.program:
            head += ["session:", "  steps:", f"    - desktop.start: {yaml_of(self.program)}"]
        return "\n".join([*head, "steps:", *(steps or ["  - data.log: Nothing was done"])]) + "\n"

    def _joined(self) -> Iterator[Event]:
        """Clicks that open a menu and the click on its entry become one way through the menus."""
        way: list[Event] = []
        for event in self.events:
            if _in_menu(event):
                way.append(event)
                if event.target is not None and event.target["role"] != "menu":
                    yield _menu(way)
                    way = []
                continue
            yield from way
            way = []
            yield event
        yield from way

    def _step(self, event: Event) -> list[str]:
        if event.verb == "menu":
            return self._noted(event.value, f"  - desktop.menu: {yaml_of(event.value)}")
        if event.verb == "press":
            return [f"  - desktop.press: {yaml_of(event.value)}"]
        target = self._ladder(event)
        if target is None:
            return ["  # A click was left out here: nothing could be named or seen at its place."]
        if event.verb == "type":
            return [f"  - desktop.type: {{target: {yaml_of(target)}, text: {self._value(event)}}}"]
        more = f", button: {event.button}" if event.button != "left" else ""
        more += f", count: {event.count}" if event.count > 1 else ""
        words = str(target.get("name") or target.get("screen_text") or "")
        if not more:
            return self._noted(words, f"  - desktop.click: {yaml_of(target)}")
        return self._noted(words, f"  - desktop.click: {{target: {yaml_of(target)}{more}}}")

    def _noted(self, words: str, line: str) -> list[str]:
        if not COMMITS.search(words) or words.rstrip().endswith(("...", "…")):
            return [line]
        return ["  # This looks as if it changed something outside: put it into a `writes` block.", line]

    def _value(self, event: Event) -> str:
        name = self._named(event)
        if event.secret:
            if name not in self.secrets:
                self.secrets.append(name)
            return f'"${{secrets.{name}}}"'
        self.inputs[name] = event.value
        return f'"${{inputs.{name}}}"'

    def _named(self, event: Event) -> str:
        """A name made of the target's words, with a number where it is taken by another value."""
        target = event.target or {}
        words = next(
            (str(target[k]) for k in ("label", "name", "screen_text", "description") if k in target), "text"
        )
        base = re.sub(r"\W+", "_", words.casefold())[:LONGEST_NAME].strip("_") or "text"
        base = f"value_{base}" if base[0].isdigit() else base
        name, n = base, 1
        while name in self.inputs and self.inputs[name] != event.value:
            n += 1
            name = f"{base}_{n}"
        return name

    # ---- the ladder ----
    def _ladder(self, event: Event) -> dict[str, Any] | None:
        """The accessible target, then the words on the screen, then the picture, each `or` the next."""
        ways = [event.target] if event.target is not None else []
        words = self._read(event)
        if words and "cell" not in (event.target or {}):
            ways.append({"screen_text": words})
        picture = self._picture(event, words) if event.verb == "click" else None
        if picture is not None:
            ways.append({"image": picture})
        if not ways:
            return None
        target: dict[str, Any] = {}
        for way in reversed(ways):
            target = {**way, "or": target} if target else dict(way)
        return target

    def _read(self, event: Event) -> str:
        """The words on the picture, when they were read surely and stand on one line."""
        if event.crop is None or not event.crop.size or event.verb != "click":
            return ""
        seen = [s for s in self.desktop.screen_text.look(event.crop) if s.score >= SURE]
        return seen[0].text.strip() if len(seen) == 1 else ""

    def _picture(self, event: Event, words: str) -> str | None:
        """The picture as a file of the project; none for a plain area, which would fit anywhere."""
        if event.crop is None or min(event.crop.shape[:2], default=0) < 8 or event.crop.std() < 4:
            return None
        name = re.sub(r"\W+", "-", str((event.target or {}).get("name") or words)).strip("-").casefold()
        base = f"images/{name[:30] or 'click'}"
        settings = self.desktop.settings
        data, n, path = png(event.crop, settings.dpi, settings.theme), 1, f"{base}.png"
        while path in self.pictures and self.pictures[path] != data:
            n += 1
            path = f"{base}-{n}.png"
        self.pictures[path] = data
        return path


def _in_menu(event: Event) -> bool:
    role = str((event.target or {}).get("role", ""))
    return (
        event.verb == "click"
        and event.button == "left"
        and role in ("menu", "menuitem", "menuitemcheckbox", "menuitemradio")
    )


def _menu(way: list[Event]) -> Event:
    names = [str((e.target or {}).get("name", "")) for e in way]
    return Event("menu", value=" > ".join(names), moment=way[-1].moment)

"""What shows the present state: a picture of the display with secrets covered, the visible names, the
programs' words."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bots.base import EvidenceItem
from bots.desktop.driver import DriverFrozen, DriverGone
from bots.desktop.geometry import Box
from bots.desktop.screen import covered, framed, png
from bots.desktop.video import PICTURES_A_SECOND, Video
from bots.desktop.xserver import Window
from flows.failures import EngineFailure

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop
    from bots.desktop.find import Place

MARGIN = 4
MOST_LINES = 400


@dataclass(slots=True)
class Cover:
    """A field with a secret: where it was, in which window, and where that window stood."""

    place: Place
    value: str
    box: Box
    window: Window | None


class Evidence:
    """Collects evidence. A picture is given away only when every secret on it could be covered."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.covers: list[Cover] = []
        self._video: Video | None = None
        self._filmed = 0.0
        self._film_size = (0, 0)

    def begin(self) -> None:
        settings = self.desktop.settings
        if settings.video and settings.evidence == "full":
            self._video = Video(self.desktop.display, self.masked)

    def end(self) -> None:
        if self._video is not None:
            self._video.stop()
            self._video = None

    def film(self) -> None:
        """Adds a picture to the film, a few times a second at most."""
        now = time.monotonic()
        if self._video is not None and now - self._filmed >= 1 / PICTURES_A_SECOND:
            size = self.desktop.screen.size
            self._filmed, self._film_size = now, self._film_size if any(self._film_size) else (size.height, size.width)
            self._video.shoot(self._film_size[1], self._film_size[0])

    def forget(self) -> None:
        self.covers = []

    def cover(self, place: Place, value: str) -> None:
        """Remembers that a secret stands in this field."""
        window = self.desktop.act.window_of(place)
        self.covers = [c for c in self.covers if c.place.box != place.box]
        self.covers.append(Cover(place, value, place.box, window))

    def follow(self) -> None:
        """Brings the covers to where their fields are now; a field that is gone needs none."""
        kept = []
        for cover in self.covers:
            found = self._now(cover)
            if found is not None:
                cover.box = found
                kept.append(cover)
        self.covers = kept

    def _now(self, cover: Cover) -> Box | None:
        """Where the field is now. None: its window is gone."""
        window = self.desktop.server.window(cover.window.id) if cover.window is not None else None
        if cover.window is not None and window is None:
            return None
        driver, place = self.desktop.driver, cover.place
        if driver is not None and place.node is not None and place.application is not None:
            try:
                return driver.box(place.application, place.top, place.node) or cover.box
            except (DriverGone, DriverFrozen):
                pass
        if window is None or cover.window is None:
            return cover.box
        return cover.place.box.moved(window.box.x - cover.window.box.x, window.box.y - cover.window.box.y)

    def boxes(self) -> list[Box]:
        self.follow()
        return [c.box.grown(MARGIN) for c in self.covers]

    def masked(self) -> bytes:
        """The display as raw RGB with secrets covered, in the film's size: what the video records."""
        return framed(covered(self.desktop.screen.grab(), self.boxes()), self._film_size).tobytes()

    # ---- collecting ----
    def collect(self, secrets: list[str]) -> list[EvidenceItem]:
        """Screenshot, visible names, programs' output, video; secrets replaced in all of them."""
        items = [*self._picture(secrets), self._names(secrets)]
        log = _without(self.desktop.display.log_text(), secrets)
        if log.strip():
            items.append(EvidenceItem("console", "programs.log", log.encode(), "text/plain", masked=True))
        if self._video is not None:
            data = self._video.taken()
            items += [EvidenceItem("video", "desktop.mp4", data, "video/mp4", masked=True)] if data else []
        return items

    def _picture(self, secrets: list[str]) -> list[EvidenceItem]:
        """The screenshot. Where secrets were typed elsewhere than into known fields, they are looked for by
        reading."""
        try:
            pixels = self.desktop.screen.grab()
        except EngineFailure:
            return []
        boxes = self.boxes() + self._accessible_with(secrets)
        data = png(covered(pixels, boxes))
        return [EvidenceItem("screenshot", "desktop.png", data, "image/png", masked=True)]

    def _accessible_with(self, secrets: list[str]) -> list[Box]:
        """Boxes of things whose name or text holds a secret."""
        driver = self.desktop.driver
        if driver is None or not secrets:
            return []
        found = []
        try:
            for tree in self.desktop.find.trees():
                asked = [n for n in tree.nodes if n.shows and ("text" in n.can or n.name)]
                for node, text in zip(asked, driver.texts(asked), strict=True):
                    if any(s in text or s in node.name for s in secrets):
                        box = driver.box(tree.application, tree.window(node), node)
                        found += [box] if box is not None else []
        except (DriverGone, DriverFrozen):
            return [self.desktop.screen.size]
        return found

    def _names(self, secrets: list[str]) -> EvidenceItem:
        """The accessible things that show, one a line."""
        lines: list[str] = []
        try:
            for tree in self.desktop.find.trees():
                lines.append(f"{tree.application.name} ({tree.application.toolkit})")
                lines += ["  " * len(list(tree.above(n))) + str(n) for n in tree.nodes if n.shows and n.name]
        except (DriverGone, DriverFrozen) as error:
            lines.append(f"the program does not answer: {error}")
        lines += [f"window {w.title!r} at {w.box.x}, {w.box.y}" for w in self.desktop.server.windows()]
        text = _without("\n".join(lines[:MOST_LINES]), secrets)
        return EvidenceItem("text", "desktop.txt", text.encode(), "text/plain", masked=True)


def _without(text: str, secrets: list[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "•••")
    return text

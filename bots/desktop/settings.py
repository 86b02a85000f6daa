"""How the desktop runs: read from `Context.options`, never from a flow. The family's one door to
`os.environ`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.failures import FlowFailure


class DesktopSettings(BaseModel):
    """Every setting of the desktop. Empty texts count as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headed: bool = Field(default=False, description="Use the real display instead of a virtual one.")
    slow_ms: int = Field(default=0, ge=0, description="Pause after each action, for watching.")
    display: str = Field(default="", description="Attended: the display to use; empty: $DISPLAY.")
    only_look: bool = Field(default=False, description="A real display without its lock: for the inspector.")
    first_display: int = Field(
        default=110, ge=1, le=900, description="Virtual displays are numbered from here…"
    )
    last_display: int = Field(default=190, ge=1, le=999, description="…to here.")
    width: int = Field(default=1920, ge=640, le=7680)
    height: int = Field(default=1080, ge=480, le=4320)
    dpi: int = Field(default=96, ge=72, le=288, description="Dots per inch; 120 is 1.25 × scale.")
    theme: str = Field(default="Adwaita", description="GTK theme.")
    font: str = Field(default="DejaVu Sans 10", description="Font of the programs' user interface.")
    locale: str = Field(default="C.UTF-8", description="LANG of the programs.")
    timezone: str = Field(default="", description="TZ of the programs; empty: that of the machine.")
    home: str = Field(default="", description="HOME of the programs, kept; empty: a new one for each run.")
    engine: str = Field(default="auto", description="Reading engine for text on the screen.")
    hangul: bool = Field(default=True, description="Look for Korean on the screen; without it is faster.")
    pointer_seconds: float = Field(default=0.0, ge=0, le=3, description="How long a mouse movement takes.")
    call_seconds: float = Field(
        default=3.0, gt=0, le=60, description="Longest wait for one accessibility call."
    )
    patience_seconds: float = Field(
        default=2.0,
        ge=0,
        le=60,
        description="How long a target is looked for before its `or` alternative is.",
    )
    evidence: Literal["none", "failure", "full"] = "failure"
    video: bool = Field(default=False, description="With full evidence: record the display (needs ffmpeg).")
    stop_key: str = Field(default="Escape", description="Attended: the key that stops the run when held.")


_SHARED = ("headed", "slow_ms", "evidence")


def settings_of(options: Mapping[str, Any]) -> DesktopSettings:
    """The settings in a run's options: its `desktop` mapping over the shared ones. Raises
    `setting-invalid`."""
    own = {k: v for k, v in (options.get("desktop") or {}).items() if v not in ("", None)}
    shared = {k: options[k] for k in _SHARED if options.get(k) not in (None, "")}
    try:
        return DesktopSettings(**{**shared, **own})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(p) for p in first["loc"])
        details = {"name": f"desktop.{name}", "reason": first["msg"], "value": str(first.get("input"))[:100]}
        raise FlowFailure("setting-invalid", details=details) from None


def process_environment() -> dict[str, str]:
    """A copy of this process's environment."""
    return dict(os.environ)


def adopt(values: Mapping[str, str]) -> dict[str, str | None]:
    """Puts `values` into this process's environment and gives what stood there.

    Xlib, the screenshot library and pyautogui find their display nowhere else; a run has a process of its
    own.
    """
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    return before


def give_back(before: Mapping[str, str | None]) -> None:
    """Undoes `adopt`."""
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def adopted(values: Mapping[str, str]) -> Iterator[None]:
    """`values` in this process's environment for a while: for libraries that read it when imported."""
    before = adopt(values)
    try:
        yield
    finally:
        give_back(before)

"""How the browser runs: read from `Context.options`, never from a flow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.failures import FlowFailure


class ClientCertificate(BaseModel):
    """A certificate shown to one site: `origin` is `https://host[:port]`; either PEM files or one PFX
    file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    cert_file: Path | None = None
    key_file: Path | None = None
    pfx_file: Path | None = None
    passphrase: str | None = Field(default=None, repr=False)


class Place(BaseModel):
    """Where the browser says that it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    accuracy: float = Field(default=10, ge=0)


class BrowserSettings(BaseModel):
    """Every setting of the browser. Empty texts count as not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(default="", description="Browser program; empty: Debian's chromium, Chrome or Edge.")
    channel: str = Field(default="", description="Installed product: chrome, msedge, …")
    headed: bool = Field(default=False, description="Show the window.")
    slow_ms: int = Field(default=0, ge=0, description="Pause after each action, for watching.")
    proxy: str = Field(default="", description="Proxy server, http://host:port or socks5://host:port.")
    ca_file: str = Field(default="", description="Extra certificate authority, PEM (needs `certutil`).")
    client_certificates: tuple[ClientCertificate, ...] = ()
    basic_auth: tuple[str, str] | None = Field(
        default=None, repr=False, description="User and password of HTTP basic auth."
    )
    locale: str = Field(default="", description="Language and region of pages, such as de-DE.")
    timezone: str = Field(default="", description="Time zone of pages, such as Europe/Berlin.")
    place: Place | None = None
    permissions: tuple[str, ...] = Field(
        default=(), description="Granted to every site: geolocation, clipboard-read, …"
    )
    width: int = Field(default=1280, ge=320, le=7680)
    height: int = Field(default=900, ge=240, le=4320)
    user_agent: str = ""
    profile_folder: str = Field(
        default="", description="A persistent profile; then no run starts from an empty browser."
    )
    hosts: tuple[str, ...] = Field(default=(), description="The only hosts it may reach: names, *.names, host:port.")
    rate: Mapping[str, float] = Field(default_factory=dict, description="Host → most navigations a second.")
    evidence: Literal["none", "failure", "full"] = "failure"
    video: bool = Field(default=False, description="With full evidence: a film of the steps (needs ffmpeg).")
    heal: bool = Field(default=True, description="Recognise targets again after a page has changed.")
    allow_scripts: bool = Field(default=False, description="Allow browser.javascript.")


_SHARED = ("headed", "slow_ms", "evidence", "hosts", "allow_scripts")


def settings_of(options: Mapping[str, Any]) -> BrowserSettings:
    """The settings in a run's options: its `browser` mapping over the shared ones. Raises
    `setting-invalid`."""
    own = {k: v for k, v in (options.get("browser") or {}).items() if v not in ("", None)}
    shared = {k: options[k] for k in _SHARED if options.get(k) not in (None, "")}
    try:
        return BrowserSettings(**{**shared, **own})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(p) for p in first["loc"])
        raise FlowFailure(
            "setting-invalid",
            details={
                "name": f"browser.{name}",
                "reason": first["msg"],
                "value": str(first.get("input"))[:100],
            },
        ) from None

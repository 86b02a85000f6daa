"""How the browser runs: read from `Context.options`, never from a flow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from flows.data import Secret
from flows.failures import FlowFailure


def _secret(value: Any) -> Secret:
    if not isinstance(value, Secret):
        raise ValueError("passwords stand in the project's secrets: write {secret = its name}")
    return value


Hidden: TypeAlias = Annotated[Secret, PlainValidator(_secret)]


class ClientCertificate(BaseModel):
    """A certificate shown to one site: `origin` is `https://host[:port]`; either PEM files or one PFX
    file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    cert_file: Path | None = None
    key_file: Path | None = None
    pfx_file: Path | None = None
    passphrase: Hidden | None = None


class BasicAuth(BaseModel):
    """User and password for the password window of one site (HTTP basic auth). `origin` is `https://host[:port]`: no
    other site is told them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    user: Hidden | str
    password: Hidden


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
    proxy_user: str = ""
    proxy_password: Hidden | None = None
    ca_file: str = Field(default="", description="Extra certificate authority, PEM (needs `certutil`).")
    client_certificates: tuple[ClientCertificate, ...] = ()
    basic_auth: BasicAuth | None = None
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

    def secrets(self) -> list[Secret]:
        """What nobody may read, of all settings."""
        passphrases = [c.passphrase for c in self.client_certificates]
        auth = [self.basic_auth.password, self.basic_auth.user] if self.basic_auth else []
        return [s for s in (self.proxy_password, *auth, *passphrases) if isinstance(s, Secret)]


@contextmanager
def authority_known(ca_file: str, folder: Path | None) -> Iterator[None]:
    """While this lasts what is started trusts `ca_file` too where it makes connections of its own, beside what it would
    trust anyway: Playwright's driver does for `browser.fetch` and client certificates. It reads a file in `folder`."""
    name = "NODE_EXTRA_CA_CERTS"
    before = os.environ.get(name)
    if ca_file and folder is not None:
        files = [Path(ca_file).expanduser(), *([Path(before)] if before and Path(before).is_file() else [])]
        together = folder / "authorities.pem"
        together.write_bytes(b"\n".join(file.read_bytes() for file in files))
        os.environ[name] = str(together)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


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
        if isinstance(first["input"], Mapping) and set(first["input"]) == {"secret"}:
            wanted = str(first["input"]["secret"])
            raise FlowFailure(
                "secret-missing", details={"name": wanted, "variable": f"RPA_SECRET_{wanted.upper()}"}
            ) from None
        raise FlowFailure(
            "setting-invalid",
            details={
                "name": f"browser.{name}",
                "reason": first["msg"],
                "value": "" if "secret" in first["msg"] else str(first.get("input"))[:100],
            },
        ) from None

"""Finding and starting a browser program, and Playwright itself: one Playwright per process."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.browser.settings import BrowserSettings, authority_known
from flows.failures import EngineFailure

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

_SCRIPTS = Path(__file__).parent / "js"
ENGINE = (_SCRIPTS / "engine.js").read_text("utf-8").replace("LOOKS", (_SCRIPTS / "looks.js").read_text("utf-8"), 1)

PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge",
    "msedge",
)
PLACES = (
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
# Nothing goes out that no flow asked for: no updates, no reports, no lists, no translation.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-default-apps",
    "--no-pings",
    "--disable-breakpad",
    "--disable-features=Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions,"
    "AutofillServerCommunication,CertificateTransparencyComponentUpdater",
)


def find_browser(path: str = "") -> Path | None:
    """The browser program: `path` when given and present, else the first one installed."""
    if path:
        given = Path(path).expanduser()
        return given if given.is_file() else None
    found = (shutil.which(name) for name in PROGRAMS)
    return next((Path(p) for p in (*found, *PLACES) if p and Path(p).is_file()), None)


class _Shared:
    """The process's Playwright. Its sync objects belong to the thread that made them."""

    playwright: Playwright | None = None
    manager: Any = None
    users: int = 0


def take_playwright(ca_file: str, home: Path | None) -> Playwright:
    """Starts Playwright, or shares the one that runs. Give it back with `give_playwright`."""
    if _Shared.playwright is None:
        from playwright.sync_api import sync_playwright

        _Shared.manager = sync_playwright()
        with authority_known(ca_file, home):
            _Shared.playwright = _Shared.manager.start()
        _Shared.playwright.selectors.register("rpa", script=ENGINE, content_script=True)
    _Shared.users += 1
    return _Shared.playwright


def give_playwright() -> None:
    """Stops Playwright when its last user has gone."""
    _Shared.users -= 1
    if _Shared.users <= 0 and _Shared.playwright is not None:
        _Shared.playwright.stop()
        _Shared.playwright, _Shared.manager, _Shared.users = None, None, 0


def arguments(settings: BrowserSettings) -> list[str]:
    """The command line of the browser."""
    out = list(QUIET)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        out.append("--no-sandbox")
    if settings.hosts:
        out.append(f"--host-resolver-rules={resolver_rules(settings.hosts)}")
    if settings.headed:
        out.append(f"--window-size={settings.width},{settings.height + 90}")
    return out


def resolver_rules(hosts: Sequence[str]) -> str:
    """Rules under which only `hosts` have an address: they also hold for redirects, sockets and workers."""
    allowed = sorted({h.rsplit(":", 1)[0] if h.rsplit(":", 1)[-1].isdigit() else h for h in hosts})
    return ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in allowed)])


def launch_options(settings: BrowserSettings, home: Path | None) -> dict[str, Any]:
    """What `BrowserType.launch` gets. Raises `browser-missing`."""
    options: dict[str, Any] = {
        "headless": not settings.headed,
        "args": arguments(settings),
        "slow_mo": settings.slow_ms or None,
        "handle_sigint": False,
    }
    if settings.proxy:
        password = settings.proxy_password.reveal() if settings.proxy_password else ""
        options["proxy"] = {"server": settings.proxy, "username": settings.proxy_user, "password": password}
    if settings.channel:
        options["channel"] = settings.channel
        return options
    program = find_browser(settings.path)
    if program is None:
        raise EngineFailure("browser-missing", details={"path": settings.path or ", ".join(PROGRAMS)})
    options["executable_path"] = str(program if home is None else _at_home(home, program))
    return options


def _at_home(home: Path, program: Path) -> Path:
    """A starter that gives `program` another home folder and leaves the rest of its environment alone."""
    starter = home / "browser"
    starter.write_text(f'#!/bin/sh\nHOME={shlex.quote(str(home))} exec {shlex.quote(str(program))} "$@"\n', "utf-8")
    starter.chmod(0o700)
    return starter


def start_browser(playwright: Playwright, settings: BrowserSettings, home: Path | None) -> Browser:
    """A running browser. Raises `browser-missing` or `browser-not-starting`."""
    from playwright.sync_api import Error

    options = launch_options(settings, home)
    try:
        return playwright.chromium.launch(**options)
    except Error as error:
        code = (
            "browser-missing"
            if "is not found" in str(error) or "is not supported" in str(error) or "doesn't exist" in str(error)
            else "browser-not-starting"
        )
        reason = cause_of(str(error))
        program = options.get("executable_path") or settings.channel
        raise EngineFailure(code, details={"path": program, "reason": reason[:500]}) from error


# What Chromium also complains of on a machine without a desktop, and starts all the same.
_NOISE = re.compile(r"dbus|D-Bus|bus\.cc|vaapi|gpu|vulkan|viz|udev|UPower|gcm|registration_request", re.IGNORECASE)


def cause_of(text: str) -> str:
    """Why a browser did not start, out of all that it wrote: its own error, else Playwright's sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if re.search(r"ERROR|FATAL|error while loading|Missing X server", line)]
    own = next((line for line in told if not _NOISE.search(line)), "")
    return re.sub(r"^(- )?\[pid=\d+\]\[err\] |\[[^\]]*:(ERROR|FATAL):[^\]]*\] ", "", own or lines[0])


def trust_home(ca_file: str) -> Path | None:
    """A home folder whose certificate store trusts `ca_file`; None when none is named.

    Chromium on Linux reads extra authorities only from the NSS store of its user. Raises `ca-file-refused`.
    """
    if not ca_file:
        return None
    source = Path(ca_file).expanduser()
    certutil = shutil.which("certutil")
    if certutil is None or not source.is_file():
        reason = "there is no such file" if certutil else "the program certutil (Debian: libnss3-tools) is missing"
        raise EngineFailure("ca-file-refused", details={"path": ca_file, "reason": reason})
    home = Path(tempfile.mkdtemp(prefix="rpa-browser-"))
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    name = "rpa-" + hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    for command in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", name, "-i", str(source)]):
        done = subprocess.run(
            [certutil, "-d", f"sql:{store}", *command],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if done.returncode:
            raise EngineFailure("ca-file-refused", details={"path": ca_file, "reason": done.stderr.strip()[:300]})
    return home

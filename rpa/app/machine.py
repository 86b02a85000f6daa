"""Looks at the machine: programs, packages, weights, fonts, room."""

from __future__ import annotations

import importlib.metadata as metadata
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from flows.failures import Failure
from ocr.errors import DocumentError
from rpa.app.findings import Finding, failed
from rpa.settings import Settings

LEAST_FREE_BYTES = 500_000_000
LEAST_MEMORY_BYTES = 2_000_000_000
OPENCV = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
AT_SPI = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/Library/Fonts")
KOREAN = ("Nanum*", "NotoSansCJK*", "NotoSansKR*", "malgun*", "AppleSDGothic*")


def _python(_: Settings) -> Finding:
    return Finding("python", "ok", platform.python_version())


def _packages(_: Settings) -> Finding:
    wrong = list(wrong_packages("daeri"))
    if wrong:
        return Finding("packages", "broken", ", ".join(wrong))
    return Finding("packages", "ok", f"daeri {metadata.version('daeri')}")


def wrong_packages(name: str) -> Iterator[str]:
    """Requirements of the distribution `name` that are absent or of another version, as `name>=1 (0.9)`."""
    from packaging.requirements import Requirement

    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield f"{wanted.name}{wanted.specifier} (-)"
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            yield f"{wanted.name}{wanted.specifier} ({found})"


def _sqlite(_: Settings) -> Finding:
    from rpa.ledger.database import sqlite_report

    report = sqlite_report()
    return Finding("sqlite", "ok" if report.safe else "broken", report.version)


def _cv2(_: Settings) -> Finding:
    owners = cv2_owners()
    return Finding("cv2", "ok" if len(owners) == 1 else "broken", ", ".join(owners) or "-")


def cv2_owners() -> list[str]:
    """Installed distributions that bring a `cv2` folder; more than one overwrite each other silently."""
    found = []
    for name in OPENCV:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def _browser(settings: Settings) -> Finding:
    """Starts the browser as a run would: one that is there may still lack a library."""
    from bots.browser.launch import give_playwright, start_browser, take_playwright
    from bots.browser.settings import BrowserSettings

    wanted = BrowserSettings(path=settings.browser_path)
    playwright = take_playwright("", None)  # it opens no page: no authority of its own is needed
    try:
        browser = start_browser(playwright, wanted, None)
        version = browser.version
        browser.close()
    except Failure as failure:
        return failed("browser", failure, "missing")
    finally:
        give_playwright()
    return Finding("browser", "ok", f"{platform.system()} {version}")


def _engine(settings: Settings) -> Finding:
    from ocr.reading.engines import AUTO_ORDER, available_engines

    here = [name for name, missing in available_engines().items() if not missing]
    wanted = AUTO_ORDER if settings.engine == "auto" else (settings.engine,)
    found = next((name for name in wanted if name in here or name.startswith("service:")), None)
    return Finding("engine", "ok" if found else "missing", found or settings.engine)


def _weights(settings: Settings) -> Finding:
    from ocr.models import CATALOG, file_of

    folder = Path(settings.models) if settings.models else None
    try:
        for weights in CATALOG:
            file_of(weights.name, folder)
    except DocumentError as error:
        return failed("weights", error, "missing")
    return Finding("weights", "ok", ", ".join(w.name for w in CATALOG))


def _tesseract(_: Settings) -> Finding:
    from ocr.reading.tesseract import tesseract_languages

    languages = tesseract_languages()
    korean = {"Hangul", "kor"} & languages
    return Finding("tesseract", "ok" if korean else "missing", ", ".join(sorted(languages)[:6]) or "-")


def _fonts(_: Settings) -> Finding:
    folders = [Path(name).expanduser() for name in FONTS]
    found = next((font for folder in folders for name in KOREAN for font in folder.rglob(name)), None)
    return Finding("fonts", "ok" if found else "missing", str(found) if found else "-")


def _desktop(_: Settings) -> Finding:
    """What a virtual display of a run's own needs."""
    from bots.desktop.processes import PACKAGES

    lacking = [name for name in ("Xvfb", "openbox", "dbus-daemon", "xclip") if shutil.which(name) is None]
    packages = " ".join(PACKAGES[name] for name in lacking)
    if lacking:
        return Finding("desktop", "missing", f"- {', '.join(lacking)}", details={"packages": packages})
    shown = os.environ.get("DISPLAY")
    return Finding("desktop", "ok", f"Xvfb, DISPLAY={shown}" if shown else "Xvfb")


def _accessibility(_: Settings) -> Finding:
    found = next((path for path in AT_SPI if Path(path).exists()), None)
    return Finding("accessibility", "ok" if found else "missing", found or "-")


def _film(_: Settings) -> Finding:
    found = shutil.which("ffmpeg")
    return Finding("film", "ok" if found else "missing", found or "-")


def _memory(_: Settings) -> Finding:
    import psutil

    free = psutil.virtual_memory().available
    return Finding("memory", "ok" if free >= LEAST_MEMORY_BYTES else "missing", f"{free / 1e9:.1f} GB")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.project).free
    return Finding("space", "ok" if free >= LEAST_FREE_BYTES else "broken", f"{free / 1e9:.1f} GB")


MACHINE: tuple[Callable[[Settings], Finding], ...] = (
    _python, _packages, _sqlite, _cv2, _browser, _engine, _weights, _tesseract, _fonts, _desktop,
    _accessibility, _film, _memory, _space,
)

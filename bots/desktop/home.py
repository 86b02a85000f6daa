"""The private home of an unattended run: its folders, theme, fonts and display key."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from bots.desktop.settings import DesktopSettings

_KEPT = (
    "PATH",
    "RPA_WORKER",  # whose they are: what a lost worker leaves is found by it
    "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
    "TZ",
    "GSETTINGS_SCHEMA_DIR",
    "USER",
    "LOGNAME",
)
_FOLDERS = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_CACHE_HOME": ".cache",
    "XDG_STATE_HOME": ".local/state",
    "XDG_RUNTIME_DIR": "run",
}
GTK_SETTINGS = """[Settings]
gtk-theme-name={theme}
gtk-font-name={font}
gtk-xft-dpi={dpi_1024}
gtk-xft-antialias=1
gtk-xft-hinting=1
gtk-xft-hintstyle=hintslight
gtk-xft-rgba=none
gtk-enable-animations=0
gtk-cursor-blink=0
gtk-recent-files-enabled=0
gtk-primary-button-warps-slider=1
"""
# No binding for clicks into windows: the window manager would hold back every click until it is its turn, and
# a busy one lets it come late or makes a button lose it. `Acting` gives windows the keyboard itself.
OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy></placement>
  <theme><name>Clearlooks</name><animateIconify>no</animateIconify></theme>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <resize><popupShow>Never</popupShow></resize>
  <mouse>
    <context name="Titlebar">
      <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
    </context>
    <context name="Close">
      <mousebind button="Left" action="Click"><action name="Close"/></mousebind>
    </context>
  </mouse>
</openbox_config>
"""


def make_home(folder: Path, settings: DesktopSettings) -> None:
    """Creates the folders and the settings of theme, fonts and window manager. Leaves what is already
    there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FOLDERS.values():
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    gtk = GTK_SETTINGS.format(theme=settings.theme, font=settings.font, dpi_1024=settings.dpi * 1024)
    files = {
        ".config/gtk-3.0/settings.ini": gtk,
        ".config/gtk-4.0/settings.ini": gtk,
        ".config/openbox/rc.xml": OPENBOX,
        ".Xresources": f"Xft.dpi: {settings.dpi}\nXft.antialias: 1\nXft.hinting: 1\n",
    }
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def environment(folder: Path, settings: DesktopSettings, outside: Mapping[str, str]) -> dict[str, str]:
    """What programs of an unattended run see: their own home, theme and language, no session of the
    user's."""
    own = {name: str(folder / place) for name, place in _FOLDERS.items()}
    zone = {"TZ": settings.timezone} if settings.timezone else {}
    return {
        **{name: outside[name] for name in _KEPT if name in outside},
        **own,
        **zone,
        "HOME": str(folder),
        "LANG": settings.locale,
        "XDG_SESSION_TYPE": "x11",
        "GDK_BACKEND": "x11",
        "QT_QPA_PLATFORM": "xcb",
        "GSETTINGS_BACKEND": "memory",
        "GTK_OVERLAY_SCROLLING": "0",
        "GTK_THEME": settings.theme,
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "QT_ACCESSIBILITY": "1",
        "SAL_USE_VCLPLUGIN": "gtk3",
        "NO_AT_BRIDGE": "0",
    }


def write_key(path: Path, number: int) -> None:
    """The display's key file (Xauthority, MIT-MAGIC-COOKIE-1): other users can neither look nor type."""
    key = secrets.token_bytes(16)
    local, wild = 256, 65535
    host = socket.gethostname().encode()
    entries = [(local, host), (wild, b"")]
    path.touch(mode=0o600)
    path.write_bytes(b"".join(_entry(kind, name, str(number).encode(), key) for kind, name in entries))


def _entry(kind: int, *fields: bytes) -> bytes:
    address, number, key = fields
    parts = (address, number, b"MIT-MAGIC-COOKIE-1", key)
    return struct.pack(">H", kind) + b"".join(struct.pack(">H", len(p)) + p for p in parts)

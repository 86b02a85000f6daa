"""What the global options said, and the project they lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rpa.app.project import Project
    from rpa.settings import Settings


@dataclass
class State:
    """Filled by the callback before a command runs."""

    flags: dict[str, Any] = field(default_factory=dict)
    _told: tuple[dict[str, Any], str] | None = None

    def settings(self, **more: Any) -> Settings:
        from rpa.settings import load_settings

        return load_settings({**self.flags, **more})

    def project(self, **more: Any) -> Project:
        from rpa.app.project import Project

        return Project(self.settings(**more))

    @property
    def lang(self) -> str:
        """The language for messages, also when settings cannot be read. Asked for every word of a table: found
        once for the options given."""
        if self._told is None or self._told[0] is not self.flags:
            self._told = (self.flags, self._language())
        return self._told[1]

    def _language(self) -> str:
        given = self.flags.get("lang")
        if given in ("en", "ko"):
            return str(given)
        from flows.failures import Failure

        try:
            return self.settings().lang
        except Failure:
            return "en"


STATE = State()


def actor() -> str:
    """Who runs this command: the operating system's user."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"

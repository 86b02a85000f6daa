"""The desktop's lifetime: one display, the programs on it, eyes and a hand. What actions use is here."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from bots.base import Context, EvidenceItem
from bots.desktop import conditions
from bots.desktop.acting import Acting
from bots.desktop.display import Display, open_display
from bots.desktop.driver import Driver, DriverFrozen, DriverGone
from bots.desktop.entry import Entry
from bots.desktop.find import Finder
from bots.desktop.geometry import Box
from bots.desktop.processes import frozen
from bots.desktop.programs import LAUNCH, Program
from bots.desktop.settings import DesktopSettings, adopt, give_back, settings_of
from bots.desktop.words import same
from bots.desktop.xserver import Window, XServer
from flows.failures import ApplicationFailure, EngineFailure, FlowFailure

if TYPE_CHECKING:
    from bots.desktop.clipboard import Clipboard
    from bots.desktop.evidence import Evidence
    from bots.desktop.hand import Hand
    from bots.desktop.screen import Screen
    from bots.desktop.texts import ScreenText

CAUGHT_UP_WITHIN = 1.0


class Desktop:
    """The bot of the family `desktop`. Actions use `find`, `act`, `entry`, `hand`, `server`, `clipboard`."""

    bot_name: ClassVar[str] = "desktop"
    find: Finder
    server: XServer
    screen: Screen
    hand: Hand
    clipboard: Clipboard
    screen_text: ScreenText
    evidence_of: Evidence

    def __init__(self) -> None:
        self.settings = DesktopSettings()
        self.ctx: Context | None = None
        self.programs: list[Program] = []
        self.current: Program | None = None
        self.driver: Driver | None = None
        self.find = Finder(self)
        self.act = Acting(self)
        self.entry = Entry(self)
        self.marked_windows: frozenset[int] = frozenset()
        self.read_before: dict[str, str | None] = {}
        self._display: Display | None = None
        self._before: Mapping[str, str | None] = {}

    # ---- lifetime ----
    def open(self, ctx: Context) -> None:
        """Makes the display and connects to it. Raises program-missing, display-busy, display-missing, …"""
        self.ctx = ctx
        self.settings = settings_of(ctx.options)
        self._display = open_display(self.settings)
        names = ("DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS")
        self._before = adopt({n: self.display.environment[n] for n in names if n in self.display.environment})
        try:
            self._connect()
        except EngineFailure:
            self.close()
            raise
        ctx.note(
            "desktop", {"display": self.display.name, "dpi": self.settings.dpi, "theme": self.settings.theme}
        )

    def _connect(self) -> None:
        """Makes the parts; their libraries (numpy, mss, pyautogui) are imported only here."""
        from bots.desktop.clipboard import Clipboard
        from bots.desktop.evidence import Evidence
        from bots.desktop.hand import Hand
        from bots.desktop.screen import Screen
        from bots.desktop.texts import OcrEyes, ScreenText

        name, env = self.display.name, self.display.environment
        self.server = XServer(name, env)
        self.screen = Screen(name, env, lambda: self.server.size)
        self.hand = Hand(name, env, attended=self.display.attended, seconds=self.settings.pointer_seconds)
        self.clipboard = Clipboard(self.display)
        self.screen_text = ScreenText(OcrEyes(self.settings.engine, hangul=self.settings.hangul))
        self.driver = self._accessibility()
        self.evidence_of = Evidence(self)
        self.evidence_of.begin()

    def _accessibility(self) -> Driver | None:
        """The AT-SPI driver; without an accessibility bus there is none, and text and pictures remain."""
        from bots.desktop.atspi import AtspiDriver

        if sys.platform == "win32":
            from bots.desktop.uia import UiaDriver, connect

            return UiaDriver(connect(self.settings.call_seconds))
        address = self.display.environment.get("DBUS_SESSION_BUS_ADDRESS", "")
        try:
            if not address:
                raise DriverGone("no session bus")
            return AtspiDriver(address, self._window_box, self.settings.call_seconds)
        except (DriverGone, DriverFrozen) as error:
            if self.ctx is not None:
                self.ctx.warn("accessibility-missing", reason=str(error))
            return None

    def close(self) -> None:
        """Ends the display and everything on it; on a real one, what was started."""
        if hasattr(self, "evidence_of"):
            self.evidence_of.end()
        if self.driver is not None:
            self.driver.close()
            self.driver = None
        for part in ("hand", "screen", "server"):
            if hasattr(self, part):
                getattr(self, part).close()
        if self._display is not None:
            self._display.close()
            self._display = None
        give_back(self._before)
        self._before = {}
        self.programs, self.current = [], None

    def reset(self) -> None:
        """Ends the programs that were started and forgets what was typed: the next session begins from
        nothing."""
        for program in list(self.programs):
            self.end(program)
        self.programs, self.current = [], None
        self.marked_windows = frozenset()
        self.evidence_of.forget()

    # ---- programs ----
    @property
    def display(self) -> Display:
        if self._display is None:
            raise EngineFailure(
                "display-gone", details={"display": "-", "reason": "the desktop was not opened"}
            )
        return self._display

    def start(self, command: list[str], folder: Path | None = None) -> Program:
        """Starts a program and makes it the current one. Raises `program-unknown`."""
        launch = uuid.uuid4().hex
        self.display.environment[LAUNCH] = launch
        try:
            process = self.display.launch(command, folder)
        except (FileNotFoundError, PermissionError) as error:
            raise FlowFailure(
                "program-unknown", details={"program": command[0], "reason": str(error)}
            ) from error
        finally:
            self.display.environment.pop(LAUNCH, None)
        program = Program(Path(command[0]).name, process.pid, launch, process, tuple(command))
        self.programs.append(program)
        self.current = program
        return program

    def attach(self, window: Window) -> Program:
        """Makes the program behind a window the current one."""
        known = next((p for p in self.programs if p.owns(window.pid)), None)
        program = known or Program(window.program or window.title, window.pid)
        if known is None:
            self.programs.append(program)
        self.current = program
        return program

    def end(self, program: Program) -> None:
        """Ends a program by force, with what it started; one that was attached to is left alone."""
        if program.process is not None:
            ours = [p for p in self.display.processes.marked() if program.owns(p.pid)]
            self.display.processes.end(program.process, seconds=1.0)
            for process in ours:
                if process.is_running():
                    process.kill()
        if program in self.programs:
            self.programs.remove(program)
        if self.current is program:
            self.current = self.programs[-1] if self.programs else None

    def program_name(self) -> str:
        return self.current.name if self.current is not None else "-"

    # ---- windows ----
    def windows(self, title: str | None = None) -> list[Window]:
        """Windows in scope, the lowest first: of the current program, or of any with a title."""
        found = self.server.windows()
        if title is not None:
            return [w for w in found if same(title, w.title)]
        return [w for w in found if self.current is None or self.current.owns(w.pid)]

    def popups(self) -> list[Window]:
        """Menus and lists that popped up, of the current program."""
        return [w for w in self.server.popups() if self.current is None or self.current.owns(w.pid)]

    def in_scope(self, pid: int, title: str | None) -> bool:
        """Whether a program's things may be meant."""
        if title is not None:
            return pid in {w.pid for w in self.windows(title)}
        return self.current is None or self.current.owns(pid)

    def window_title(self) -> str:
        """The title of the window in front, for messages."""
        if self._display is None:
            return "-"
        found = self.windows() or self.server.windows()
        active = next((w for w in found if w.active), found[-1] if found else None)
        return active.title if active is not None else "the empty desktop"

    def _window_box(self, pid: int, title: str) -> Any:
        found = [w for w in self.server.windows() if w.pid == pid]
        named = [w for w in found if w.title == title] or found
        return named[-1].box if named else None

    # ---- what actions use ----
    def use(self, ctx: Context) -> None:
        """Called first by every action."""
        self.ctx = ctx
        self.check()
        self.catch_up()

    def catch_up(self, *, always: bool = False) -> None:
        """After the hand did something (or a person may have: `always`): waits until the programs in scope have
        taken it, so that nothing is read or looked for as it stood before.

        Two questions, since a toolkit may lay events aside while it draws, and answers questions about its
        tree meanwhile: the window's answer tells that the clicks were fetched, the tree's that they were
        dealt with.
        """
        if not (self.hand.used or always):
            return
        self.hand.used = False
        for window in {w.pid: w for w in self.windows() if not w.minimised}.values():
            self.server.answers(window, CAUGHT_UP_WITHIN)
        driver = self.driver
        for application in driver.applications() if driver is not None else ():
            if driver is not None and self.in_scope(application.pid, None):
                try:
                    driver.catch_up(application)
                except (DriverGone, DriverFrozen):
                    continue  # whoever looks for something there says so

    def check(self) -> None:
        """Raises stopped-by-hand, program-ended, program-frozen where going on makes no sense."""
        if self.display.attended and self.server.key_held(self.settings.stop_key):
            raise ApplicationFailure("stopped-by-hand", details={"how": f"the key {self.settings.stop_key}"})
        self.evidence_of.film()
        program = self.current
        if program is None:
            return
        if program.process is not None and not program.running:
            raise ApplicationFailure(
                "program-ended", details={"program": program.name, "code": str(program.process.poll())}
            )
        if frozen(program.pid):
            raise ApplicationFailure("program-frozen", details={"program": program.name})

    def pause(self) -> None:
        """The pause for watching."""
        if self.settings.slow_ms:
            time.sleep(self.settings.slow_ms / 1000)

    def front(self, ctx: Context) -> None:
        """Gives the keyboard to the current program's window, unless one of its windows already has it.

        Raises `window-missing`: keys must never reach another program.
        """
        active = self.server.window(self.server.active_id()) if self.server.active_id() else None
        found = self.windows()
        if (active is not None and (self.current is None or self.current.owns(active.pid))) or self.popups():
            return
        deadline = time.monotonic() + min(2.0, ctx.remaining())
        while found and time.monotonic() < deadline:
            self.server.activate(found[-1])
            time.sleep(0.05)
            if self.server.active_id() in {w.id for w in found}:
                return
        raise ApplicationFailure(
            "window-missing", details={"window": self.program_name(), "there": self.window_title()}
        )

    def screen_mark(self, box: Box) -> str:
        """Equal as long as a part of the screen looks the same."""
        from bots.desktop.screen import fingerprint

        return fingerprint(self.screen.grab(box))

    def path(self, name: str) -> Path:
        assert self.ctx is not None
        return self.ctx.path(name)

    def note(self, key: str, value: Any) -> None:
        if self.ctx is not None:
            self.ctx.note(key, value)

    # ---- what the engine uses ----
    def mark(self) -> None:
        """From here on a window counts as new (`dialog:` in a condition)."""
        self.marked_windows = frozenset(w.id for w in self.server.windows())

    def sees(self, condition: Mapping[str, Any]) -> bool:
        """See `bots.desktop.conditions`."""
        self.catch_up()
        return conditions.sees(self, condition)

    def settle(self) -> None:
        """Keeps the masks of typed secrets where their fields are now."""
        self.evidence_of.follow()
        self.evidence_of.film()

    def evidence(self, secrets: Iterable[str]) -> list[EvidenceItem]:
        if self._display is None:
            return []
        return self.evidence_of.collect([s for s in secrets if s])

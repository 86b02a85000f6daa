"""A film of the display for full evidence: masked pictures, sent to ffmpeg a few times a second."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from bots.desktop.display import Display
from bots.desktop.processes import program
from flows.failures import EngineFailure

PICTURES_A_SECOND = 4


class Video:
    """Records until `stop`. `picture` gives the display as raw RGB with secrets covered."""

    def __init__(self, display: Display, picture: Callable[[], bytes]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="video-", dir=display.home))
        self.path = self._folder / "desktop.mp4"
        self._picture = picture
        self._display = display
        self._size = ""
        self._process: subprocess.Popen[bytes] | None = None
        self.pictures = 0

    def shoot(self, width: int, height: int) -> None:
        """Adds one picture; called by the bot while it waits and after each step."""
        if self._process is None:
            self._process = self._start(width, height)
        stream = self._process.stdin
        if stream is None or self._process.poll() is not None:
            raise EngineFailure(
                "video-failed", details={"reason": f"ffmpeg ended with {self._process.poll()}"}
            )
        stream.write(self._picture())
        self.pictures += 1

    def _start(self, width: int, height: int) -> subprocess.Popen[bytes]:
        command = [
            *(program("ffmpeg"), "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "rgb24"),
            *("-video_size", f"{width}x{height}", "-framerate", str(PICTURES_A_SECOND), "-i", "-"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-y", str(self.path)),
        ]
        return self._display.processes.start(command, self._display.environment, stdin=subprocess.PIPE)

    def taken(self) -> bytes:
        """Ends the film and gives it."""
        self.stop()
        return self.path.read_bytes() if self.path.exists() else b""

    def stop(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(20)
            self._process = None

"""A film out of pictures, each shown until the next one, made by ffmpeg. Everything secret was covered before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from flows.failures import EngineFailure

LONGEST_S = 2.0  # a picture stands no longer: nobody wants to watch a page that waits
LAST_S = 1.0


class Film:
    """Pictures and their times in a folder, until `taken` makes a film of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shots: list[tuple[Path, float]] = []

    @property
    def latest(self) -> float:
        """When the newest picture was taken (seconds since 1970); 0 without any."""
        return self._shots[-1][1] if self._shots else 0.0

    def add(self, picture: bytes, at: float) -> None:
        """One picture (JPEG), taken `at` (seconds since 1970)."""
        path = self.folder / f"film-{len(self._shots):05}.jpeg"
        path.write_bytes(picture)
        self._shots.append((path, max(at, self.latest)))

    def taken(self) -> bytes:
        """The film as MP4 (H.264), empty without pictures. Raises `video-failed`; the pictures are gone afterwards."""
        shots, self._shots = self._shots, []
        if not shots:
            return b""
        program = shutil.which("ffmpeg")
        if program is None:
            raise EngineFailure("video-failed", details={"reason": "the program ffmpeg is not installed"})
        listed = self.folder / "film.txt"
        listed.write_text("".join(_lines(shots)), "utf-8")
        film = self.folder / "film.mp4"
        command = [program, "-loglevel", "error", "-f", "concat", "-safe", "0", "-i", str(listed), "-vsync", "vfr"]
        command += ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-preset", "ultrafast"]
        command += ["-pix_fmt", "yuv420p", "-movflags", "+faststart", "-y", str(film)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            if done.returncode:
                raise EngineFailure("video-failed", details={"reason": done.stderr.strip()[-300:]})
            return film.read_bytes()
        finally:
            for path in (*(path for path, _ in shots), listed, film):
                path.unlink(missing_ok=True)


def _lines(shots: list[tuple[Path, float]]) -> list[str]:
    """ffmpeg's list of files with how long each stands; the last one is named twice, or its time would be lost."""
    ends = [at for _, at in shots[1:]] + [shots[-1][1] + LAST_S]
    lines = [
        f"file '{path}'\nduration {min(max(end - at, 0.04), LONGEST_S):.3f}\n"
        for (path, at), end in zip(shots, ends, strict=True)
    ]
    return [*lines, f"file '{shots[-1][0]}'\n"]

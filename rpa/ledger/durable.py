"""Files that survive a power cut: written beside, flushed, renamed, and the folder flushed too."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_CHUNK = 1 << 20


def flush_folder(folder: Path) -> None:
    """Makes names created or renamed in `folder` durable (not a thing on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes | Path, *, mode: int = 0o644) -> None:
    """`path` with the content of `data`, all or nothing, on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as file:
            if isinstance(data, bytes):
                file.write(data)
            else:
                with data.open("rb") as source:
                    shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    flush_folder(path.parent)

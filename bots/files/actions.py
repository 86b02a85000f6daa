"""`files.…`: what flows do with files. Nothing is written outside the project's folders unless settings
allow it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TypedDict

from bots.base import Context
from flows.action import action
from flows.failures import BusinessFailure, FlowFailure, Kind

FAILURES: dict[str, Kind] = {"file-missing": "flow", "path-outside": "flow", "file-exists": "business"}


class FileOutput(TypedDict):
    path: str
    name: str
    size: int
    sha256: str


def described(path: Path) -> FileOutput:
    """Path, name, size in bytes and SHA-256 of a file."""
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return {"path": str(path), "name": path.name, "size": path.stat().st_size, "sha256": digest}


def existing(ctx: Context, text: str) -> Path:
    path = ctx.path(text)
    if not path.is_file():
        raise FlowFailure("file-missing", details={"path": str(path)})
    return path


@action("files.list", main="pattern", examples=('files.list: "inbox/*.pdf"',))
def list_(ctx: Context, *, pattern: str) -> list[FileOutput]:
    """Files that match a pattern, sorted by name."""
    return [described(p) for p in sorted(ctx.project.glob(pattern)) if p.is_file()]


@action("files.exists", main="path", probes=True, examples=('files.exists: "out/${item.key}.txt"',))
def exists(ctx: Context, *, path: str) -> bool:
    """Whether a file or folder is there."""
    return ctx.path(path).exists()


@action("files.read", main="path", fails=FAILURES, examples=("files.read: notes/today.txt",))
def read(ctx: Context, *, path: str, encoding: str = "utf-8") -> str:
    """The text of a file (at most 1 MB)."""
    file = existing(ctx, path)
    if file.stat().st_size > 1_000_000:
        raise FlowFailure("file-too-large", details={"path": path, "limit": "1 MB"})
    try:
        return file.read_text(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise FlowFailure(
            "encoding-wrong", details={"path": path, "encoding": encoding, "reason": str(error)}
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Writes so that a crash leaves the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@action(
    "files.write",
    main="text",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('files.write: {path: "out/${item.key}.txt", text: "${bill.fields.gross_total}"}',),
)
def write(ctx: Context, *, text: str, path: str, encoding: str = "utf-8", overwrite: bool = True) -> FileOutput:
    """Writes a text file whole; writing the same again changes nothing."""
    target = ctx.path(path, write=True)
    if target.exists() and not overwrite:
        raise BusinessFailure("file-exists", details={"path": path})
    write_whole(target, text.encode(encoding))
    return described(target)


@action(
    "files.append",
    main="line",
    acts="outside",
    fails=FAILURES,
    examples=('files.append: {path: log.txt, line: "${item.key}"}',),
)
def append(ctx: Context, *, line: str, path: str) -> None:
    """Adds one line to a text file. Doing it again adds it again: it belongs into a write block."""
    target = ctx.path(path, write=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("a", encoding="utf-8") as out:
        out.write(line.rstrip("\n") + "\n")
        out.flush()
        os.fsync(out.fileno())


@action(
    "files.contains",
    main="text",
    probes=True,
    fails=FAILURES,
    examples=('files.contains: {path: log.txt, text: "${item.key}"}',),
)
def contains(ctx: Context, *, text: str, path: str) -> bool:
    """Whether a text file has a line with this text."""
    file = ctx.path(path)
    return file.is_file() and any(text in line for line in file.read_text("utf-8").splitlines())


@action(
    "files.copy",
    main="file",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('files.copy: {file: "${item.path}", to: archive/}',),
)
def copy(ctx: Context, *, file: str, to: str, overwrite: bool = True) -> FileOutput:
    """Copies a file; a target that ends in / is a folder."""
    source = existing(ctx, file)
    target = _target(ctx, to, source.name)
    if target.exists() and not overwrite:
        raise BusinessFailure("file-exists", details={"path": str(target)})
    write_whole(target, source.read_bytes())
    return described(target)


@action(
    "files.move",
    main="file",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('files.move: {file: "${item.source}", to: done/}',),
)
def move(ctx: Context, *, file: str, to: str) -> FileOutput:
    """Moves a file; already moved is done."""
    source = ctx.path(file, write=True)
    target = _target(ctx, to, source.name)
    if not source.exists() and target.exists():
        return described(target)
    if not source.is_file():
        raise FlowFailure("file-missing", details={"path": str(source)})
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
    return described(target)


@action(
    "files.delete",
    main="file",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('files.delete: "out/old.txt"',),
)
def delete(ctx: Context, *, file: str) -> bool:
    """Deletes one file; True when it was there."""
    target = ctx.path(file, write=True)
    if target.is_dir():
        raise FlowFailure("file-missing", details={"path": f"{file} is a folder"})
    was = target.exists()
    target.unlink(missing_ok=True)
    return was


def _target(ctx: Context, to: str, name: str) -> Path:
    target = ctx.path(to, write=True)
    return target / name if to.endswith("/") or target.is_dir() else target

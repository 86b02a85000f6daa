"""`rpa init` and `rpa new-flow`: a project that works at once."""

from __future__ import annotations

import re
from pathlib import Path

from flows.failures import FlowFailure
from rpa.app.project import LIBRARY

MANIFEST = """version: 1
timezone: {zone}
profiles:
  default:
    inputs: {{inbox: inbox}}
"""
FLOW = """# yaml-language-server: $schema=../flow.schema.json
flow: first_flow
title: {title}
description: {description}
inputs:
  inbox: {{type: folder, default: inbox}}
items:
  from: {{files: "${{inputs.inbox}}/*.txt"}}
steps:
  - id: text
    name: {read}
    files.read: "${{item.path}}"
  - name: {write}
    files.write: {{path: "out/${{item.stem}}.txt", text: "${{text | trim}}"}}
outputs:
  done: "${{count(items.succeeded)}}"
"""
README = {
    "en": "# My automation\n\n`rpa check` looks for mistakes, `rpa run first_flow` runs the sample, `rpa show last` tells what happened.\n",
    "ko": "# 나의 자동화\n\n`rpa check`로 오류를 찾고, `rpa run first_flow`로 예제를 실행하고, `rpa show last`로 결과를 봅니다.\n",
}
WORDS = {
    "en": ("Copy texts", "Reads every text of the inbox and writes it to out.", "Read the text", "Write it", "Hello from the inbox.\n", "UTC"),
    "ko": ("글 옮기기", "inbox의 글을 읽어 out에 씁니다.", "글 읽기", "쓰기", "받은 편지함에서 인사드립니다.\n", "Asia/Seoul"),
}


def make_project(folder: Path, lang: str) -> list[str]:
    """Writes the project's files (never over existing ones) and the user's key. Lines for the person."""
    from rpa.ledger.crypto import create_key, find_key

    title, description, read, write, hello, zone = WORDS[lang]
    files = {
        "flows.yaml": MANIFEST.format(zone=zone), "README.md": README[lang], "inbox/hello.txt": hello,
        "flows/first_flow.yaml": FLOW.format(title=title, description=description, read=read, write=write),
        ".gitignore": "rpa.db*\nartifacts/\nsecrets.enc\n",
    }
    made = [str(folder / name) for name, text in files.items() if _write(folder / name, text)]
    if find_key() is None:
        made.append(f"{create_key()} (the key: keep a copy in a safe place)")
    return made


def _write(path: Path, text: str) -> bool:
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def new_flow(project: Path, name: str, like: str | None) -> Path:
    """A new flow file from one of the library (or the sample). Raises FlowFailure."""
    target = project / "flows" / f"{name}.yaml"
    if target.exists():
        raise FlowFailure("file-missing", details={"path": f"{target} (it is already there)"})
    if like is None:
        title, description, read, write, _, _ = WORDS["en"]
        text = FLOW.format(title=title, description=description, read=read, write=write)
    else:
        source = LIBRARY / f"{like}.yaml"
        if not source.is_file():
            known = ", ".join(sorted(p.stem for p in LIBRARY.glob("*.yaml")))
            raise FlowFailure("flow-missing", details={"flow": like, "known": known})
        text = source.read_text("utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(re.sub(r"(?m)^flow: .*$", f"flow: {name}", text, count=1), "utf-8")
    return target

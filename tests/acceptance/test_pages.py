"""README, CONTRIBUTING and docs: every link leads somewhere, every command exists with the options it is given."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from rpa.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(app)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"(?s)```.*?```|`[^`\n]*`", "", page.read_text("utf-8")))
    local = [t for t in targets if "://" not in t]
    assert [t for t in local if not (page.parent / t).exists()] == []


def test_the_index_lists_every_page() -> None:
    listed = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert [p.name for p in sorted((ROOT / "docs").glob("*.md")) if p.name != "README.md" and p.name not in listed] == []


def spoken(page: Path) -> list[str]:
    """The `rpa …` lines of console blocks, without comments and prompts."""
    blocks = re.findall(r"(?s)```(?:console|sh|bash)\n(.*?)```", page.read_text("utf-8"))
    lines = [part.strip() for block in blocks for line in block.splitlines() for part in line.split("&&")]
    plain = [re.sub(r"\s+#.*$", "", line.removeprefix("$ ")) for line in lines]
    return [line for line in plain if line.startswith("rpa ") and "…" not in line]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_exist_with_their_options(page: Path) -> None:
    assert [line for line in spoken(page) if not understood(shlex.split(line.split(" | ")[0])[1:])] == []


def understood(words: list[str]) -> bool:
    """Whether the command line names commands and options that exist."""
    command: Any = COMMANDS
    for word in words:
        if word.startswith("-"):
            known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
            if word.split("=")[0] not in known:
                return False
        elif hasattr(command, "commands") and word in command.commands:
            command = command.commands[word]
    alone = not hasattr(command, "commands") or command.invoke_without_command
    return alone or words[-1] in ("--help", "--version")


def test_a_wrong_command_is_not_understood() -> None:
    assert understood(["run", "first_flow", "--limit", "3"])
    assert understood(["items", "--status", "in_doubt"])
    assert not understood(["rnu", "first_flow"])
    assert not understood(["run", "first_flow", "--limits", "3"])

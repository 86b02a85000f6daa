"""The arrows and fences of docs/architecture.md hold in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("flows", "bots", "ocr", "rpa")


def table(title: str) -> dict[str, list[str]]:
    """{first cell: words of the second} of the table under a heading of the page."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    part = page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| ([\w/]+) \| ?([^|]*)\|$", part, re.MULTILINE)
    return {a: [w.strip() for w in b.split(",") if w.strip()] for a, b in rows if a not in ("folder", "library")}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def modules() -> Iterator[tuple[Path, str]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for name in imports(path):
                yield path.relative_to(ROOT), name


def test_the_arrows_hold() -> None:
    allowed = table("Arrows")
    assert set(allowed) == set(PACKAGES)
    wrong = [
        f"{path} imports {name}"
        for path, name in modules()
        if (top := name.split(".")[0]) in PACKAGES and top != path.parts[0] and top not in allowed[path.parts[0]]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_fences_hold() -> None:
    fences = table("Fences")
    assert len(fences) >= 8
    wrong = [
        f"{path} imports {name}"
        for path, name in modules()
        if (top := name.split(".")[0]) in fences and not any(str(path).startswith(home + "/") for home in fences[top])
    ]
    assert not wrong, "\n".join(wrong)


def test_exactly_one_cv2_is_installed() -> None:
    from rpa.app.machine import cv2_owners

    assert len(cv2_owners()) == 1

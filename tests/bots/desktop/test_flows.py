"""Flows in YAML through `rpa run`: real programs, no coordinates, one virtual display for each run."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.bots.desktop.conftest import FIRST, LAST, needs
from tests.bots.desktop.gnucash_book import posted_bills, write_book

FLOWS = Path(__file__).parent / "flows"
NOTE = "Rechnung «4711» <>@€ 한글 견적서 é ü ß Ω 𝄞 😀 {}[]|~^`\\ \"'&\n둘째 줄\ttab\n"
RUNS = 20
pytestmark = [
    pytest.mark.desktop,
    pytest.mark.xdist_group("desktop"),
    needs("Xvfb", "openbox", "dbus-daemon", "xclip"),
]


class Project:
    """A project folder with the flows of this test, run by the command as a user runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "flows").mkdir()
        for file in FLOWS.iterdir():
            place = folder / "flows" if file.suffix == ".yaml" else folder
            (place / file.name).write_bytes(file.read_bytes())
        self.settings()
        self.inputs()

    def settings(self, **desktop: Any) -> None:
        given = {"first_display": FIRST, "last_display": LAST, **desktop}
        lines = [f"{k} = {json.dumps(v)}" for k, v in given.items()]
        (self.folder / "rpa.toml").write_text("[desktop]\n" + "\n".join(lines) + "\n", "utf-8")

    def inputs(self, **values: Any) -> None:
        manifest = {"version": 1, "profiles": {"default": {"inputs": values}}}
        (self.folder / "flows.yaml").write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")

    def rpa(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rpa.cli.main", "--project", str(self.folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=570)

    def run(self, flow: str, times: int = 1) -> None:
        """Every run must succeed."""
        for number in range(1, times + 1):
            done = self.rpa("run", flow)
            assert done.returncode == 0, f"run {number} of {times}:\n{done.stdout}\n{done.stderr}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("RPA_KEY_FILE", str(tmp_path / "project.key"))
    (tmp_path / "project").mkdir()
    made = Project(tmp_path / "project")
    assert made.rpa("init", str(tmp_path / "other")).returncode == 0
    return made


def sums(count: int) -> list[dict[str, str]]:
    chance, found = random.Random(7), []
    for _ in range(count):
        text = f"{chance.randint(10, 999)}+{chance.randint(10, 999)}"
        first, second = text.split("+")
        found.append({"keys": f"{text}=", "result": str(int(first) + int(second))})
    return found


def bills() -> list[dict[str, str]]:
    return [
        {"supplier": "Müller & Söhne", "number": "RE-4711", "amount": "1234.50"},
        {"supplier": "한빛 상사 주식회사", "number": "A/2026/17", "amount": "88000"},
        {"supplier": "O'Neill <Ltd>", "number": "93", "amount": "0.07"},
    ]


def sheet() -> tuple[list[list[Any]], str]:
    """A heading and 50 people × 6 columns with a formula each, and the same with tabs between."""
    rows: list[list[Any]] = [["Name", "Mon", "Tue", "Wed", "Thu", "Sum"]]
    rows += [[f"Kim {i} 한글", i, i + 1, 7.5, 8, f"=SUM(B{i + 1}:E{i + 1})"] for i in range(1, 51)]
    return rows, "\n".join("\t".join(map(str, row)) for row in rows)


def galculator(project: Project, times: int) -> None:
    project.inputs(sums=sums(20))
    project.run("galculator", times)


def gnome_calculator(project: Project, times: int) -> None:
    project.inputs(sums=sums(20))
    project.run("gnome_calculator", times)


def mousepad(project: Project, times: int) -> None:
    project.inputs(text=NOTE, out="note.txt")
    for _ in range(times):
        (project.folder / "note.txt").unlink(missing_ok=True)
        project.run("mousepad")
        assert (project.folder / "note.txt").read_bytes() == NOTE.encode("utf-8")


def timesheet(project: Project, times: int) -> None:
    import openpyxl

    rows, text = sheet()
    project.inputs(table=text, last_name=rows[-1][0], out="sheet.xlsx")
    for _ in range(times):
        (project.folder / "sheet.xlsx").unlink(missing_ok=True)
        project.run("timesheet")
        saved = openpyxl.load_workbook(project.folder / "sheet.xlsx").active
        assert saved is not None
        assert [[c.value for c in row] for row in saved.iter_rows()] == rows


def vendor_bills() -> list[dict[str, str]]:
    columns = ("number", "vendor", "description", "account", "quantity", "price", "total")
    rows = (
        ("RE-4711", "Müller & Söhne", "Papier <A4> é", "Expenses:Office", "3", "12.50", "37.50"),
        ("A/2026/17", "한빛 상사 주식회사", "사무용품 €", "Expenses:Office", "1", "1234.56", "1,234.56"),
        ("93", "O'Neill <Ltd>", "Train to Köln", "Expenses:Travel", "2", "0.07", "0.14"),
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def gnucash(project: Project, times: int) -> None:
    bills, book = vendor_bills(), project.folder / "book.gnucash"
    project.inputs(book=str(book), bills=bills)
    wanted = sorted(
        (
            *(b["number"], b["vendor"], b["description"], b["account"].split(":")[-1]),
            Decimal(b["total"].replace(",", "")),
        )
        for b in bills
    )
    for _ in range(times):
        for left in project.folder.glob("book.gnucash*"):
            left.unlink()
        write_book(book, [b["vendor"] for b in bills])
        project.run("gnucash")
        assert posted_bills(book) == wanted


def tk_form(project: Project, times: int) -> None:
    out = project.folder / "saved.json"
    form = Path(__file__).with_name("tk_form.py")
    project.inputs(program=f"{sys.executable} {form} {out}", bills=bills())
    for _ in range(times):
        out.unlink(missing_ok=True)
        project.run("tk_form")
        saved = json.loads(out.read_text("utf-8"))
        assert [list(one.values()) for one in saved] == [list(one.values()) for one in bills()]


def xcalc(project: Project, times: int) -> None:
    project.run("xcalc", times)


LIGHT = [pytest.param(galculator, marks=needs("galculator")), pytest.param(mousepad, marks=needs("mousepad"))]
ALL = [
    *LIGHT,
    pytest.param(gnome_calculator, marks=needs("gnome-calculator")),
    pytest.param(timesheet, marks=needs("localc")),
    pytest.param(gnucash, marks=needs("gnucash")),
    pytest.param(tk_form, marks=needs("wish")),
    pytest.param(xcalc, marks=needs("xcalc")),
]
LOOKS = [
    pytest.param({"theme": "Adwaita:dark"}, id="dark"),
    pytest.param({"dpi": 120}, id="scale-1.25"),
    pytest.param({"width": 1600, "height": 900}, id="other-place"),
]


@pytest.mark.parametrize("flow", LIGHT)
def test_a_flow_runs(project: Project, flow: Callable[[Project, int], None]) -> None:
    flow(project, 1)


@needs("galculator")
def test_a_killed_program_fails_the_run_by_name_and_the_replay_works(project: Project) -> None:
    script = Path(__file__).with_name("fragile.sh")
    program = f"sh {script} {project.folder / 'started'}"
    project.inputs(program=program, keys="151+" * 8 + "1=", result="1209")
    failed = project.rpa("run", "fragile")
    assert failed.returncode == 1, failed.stdout
    assert "[program-ended]" in failed.stdout
    (run,) = set(re.findall(r"rpa replay (\S+)", failed.stdout))
    again = project.rpa("replay", run)
    assert again.returncode == 0, again.stdout + again.stderr


@pytest.mark.heavy
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("flow", ALL)
def test_twenty_runs_in_a_row(project: Project, flow: Callable[[Project, int], None]) -> None:
    flow(project, RUNS)


@pytest.mark.heavy
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("flow", ALL)
def test_another_look(project: Project, flow: Callable[[Project, int], None], look: dict[str, Any]) -> None:
    """Another theme, 1.25 × scale, and a screen of another size, on which windows come up elsewhere."""
    project.settings(**look)
    flow(project, 1)


@pytest.mark.parametrize("file", sorted(FLOWS.glob("*.yaml")), ids=lambda f: f.stem)
def test_no_flow_names_a_coordinate(file: Path) -> None:
    assert not re.search(r"\b(point|x|y)\s*:", file.read_text("utf-8"))

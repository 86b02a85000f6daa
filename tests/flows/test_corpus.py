"""Every diagnostic has a flow that provokes it, its rendering beside it; every construct one that passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows.catalogue import FOLDER, explain, fix, text
from flows.diagnostics import Diagnostic, block
from flows.document import plain_yaml
from flows.loader import load
from tests.conftest import Golden
from tests.flows.fakes import CATALOG

CORPUS = Path(__file__).parents[1] / "corpus"
INVALID = sorted((CORPUS / "invalid").glob("*.yaml"))
VALID = sorted((CORPUS / "valid").glob("*.yaml"))
CHECKED = ("yaml", "flow", "expressions", "lint")
# Told when a flow runs, or by the command line; their tests stand beside the code that raises them.
ELSEWHERE = {
    "expression-failed", "value-invalid", "value-too-large", "input-pair-invalid", "since-invalid",
    "code-unknown",
}  # fmt: skip
# Provoked by files that cannot stand in a folder of texts: see the tests below.
MADE_HERE = {"yaml-too-large", "yaml-encoding", "yaml-character", "flow-unreadable", "flow-id-file"}


def checked(path: Path) -> list[Diagnostic]:
    source = path.read_text("utf-8")
    around = source.startswith("# corpus: project")
    return load(
        source,
        catalog=CATALOG,
        library=CORPUS / "library",
        file=path.name,
        project=CORPUS if around else None,
        has_secret=(lambda _: False) if around else None,
    ).diagnostics


def codes_of_check() -> set[str]:
    found: set[str] = set()
    for name in CHECKED:
        found |= set(plain_yaml((FOLDER / f"{name}.yaml").read_text("utf-8")))
    return found - ELSEWHERE


def shown(found: list[Diagnostic]) -> str:
    blocks = [block(d, lang) for d in found for lang in ("en", "ko")]
    return "\n\n".join(blocks) + "\n"


@pytest.mark.parametrize("path", INVALID, ids=lambda p: p.stem)
def test_invalid_flow_gives_its_code_and_message(path: Path, golden: Golden) -> None:
    found = checked(path)
    also = re.findall(r"^# also: (\S+)", path.read_text("utf-8"), re.M)
    assert {d.code for d in found} == {path.stem, *also}
    golden(path.with_suffix(".txt"), shown(found))


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_valid_flow_has_no_diagnostics(path: Path) -> None:
    assert shown(checked(path)) == "\n"


def test_every_code_of_check_has_an_invalid_flow() -> None:
    assert {p.stem for p in INVALID} | MADE_HERE == codes_of_check()


def test_the_corpus_is_large_enough() -> None:
    assert len(INVALID) >= 60


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_code_says_what_to_do_and_why(lang: str) -> None:
    for code in codes_of_check() | ELSEWHERE:
        assert text(code, lang), code
        assert fix(code, lang), code
        assert len(explain(code, lang)) > 15, code
    korean = "".join(text(c, "ko") + explain(c, "ko") for c in codes_of_check())
    assert re.search("[가-힣]", korean)


def test_every_line_is_placed_in_the_file() -> None:
    for path in INVALID:
        lines = path.read_text("utf-8").splitlines() or [""]
        for d in checked(path):
            assert 1 <= d.mark.line <= len(lines), path
            assert 1 <= d.mark.column <= len(lines[d.mark.line - 1]) + 1, (path, d)


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("flow: big\n" + "# x\n" * 300_000, "utf-8")
    assert [d.code for d in load(path, catalog=CATALOG).diagnostics] == ["yaml-too-large"]
    assert [d.code for d in load(path.read_text(), catalog=CATALOG).diagnostics] == ["yaml-too-large"]


def test_wrong_encoding(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("flow: bad\ntitle: Grün\n".encode("latin-1"))
    assert [d.code for d in load(path, catalog=CATALOG).diagnostics] == ["yaml-encoding"]


def test_control_character() -> None:
    found = load("flow: bad\nsteps:\n  - data.log: a\x07b\n", catalog=CATALOG).diagnostics
    assert [(d.code, d.mark.line, d.mark.column) for d in found] == [("yaml-character", 3, 16)]


def test_unreadable(tmp_path: Path) -> None:
    assert [d.code for d in load(tmp_path / "none.yaml", catalog=CATALOG).diagnostics] == ["flow-unreadable"]


def test_file_and_id_differ(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("flow: two\nsteps:\n  - data.log: x\n", "utf-8")
    assert [d.code for d in load(path, catalog=CATALOG).diagnostics] == ["flow-id-file"]

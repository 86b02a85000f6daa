"""`rpa init` and `rpa new-flow`: a project that works at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

from flows.failures import BusinessFailure, FlowFailure
from flows.schema import schema_comment
from rpa.app.project import LIBRARY
from rpa.app.samples import FLOW, IGNORED, LETTERS, MANIFEST, README, TESTS, WORDS

SCHEMA, MANIFEST_SCHEMA = "flow.schema.json", "flows.schema.json"  # of a flow; of flows.yaml
NAME = re.compile(r"[^\W\d]\w*")


def make_project(folder: Path, lang: str) -> list[str]:
    """Writes the project's files (never over existing ones) and the user's key. Lines for the person."""
    words = WORDS[lang]
    letters = {f"inbox/{name}": text for name, text in LETTERS[lang].items()}
    files = {
        "flows.yaml": MANIFEST.format(**words), "README.md": README[lang], **letters,
        "flows/first_flow.yaml": _sample(lang), "tests/first_flow.yaml": TESTS.format(**words),
        SCHEMA: _schema(), MANIFEST_SCHEMA: _manifest_schema(), ".gitignore": IGNORED,
    }
    made = [str(folder / name) for name, text in files.items() if _write(folder / name, text)]
    return [*made, *_key()]


def _sample(lang: str) -> str:
    return FLOW.format(**WORDS[lang])


def _schema() -> str:
    from bots.catalog import catalog
    from flows.schema import flow_schema

    return json.dumps(flow_schema(catalog()), ensure_ascii=False, indent=1) + "\n"


def _manifest_schema() -> str:
    from rpa.schedule.manifest import manifest_schema

    return json.dumps(manifest_schema(), ensure_ascii=False, indent=1) + "\n"


def _key() -> list[str]:
    """Makes the key where it is looked for, unless it is there."""
    from rpa.ledger.crypto import create_key, find_key
    from rpa.ledger.errors import LedgerError

    try:
        if find_key() is not None:
            return []
        made = create_key()
    except LedgerError as error:
        if error.code != "key-missing" or "file" not in error.details:
            raise
        made = create_key(Path(str(error.details["file"])))
    return [f"{made} (the key: keep a copy in a safe place)"]


def _write(path: Path, text: str) -> bool:
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def new_flow(project: Path, name: str, like: str | None, lang: str = "en") -> list[Path]:
    """A new flow and its test cases, from the library's `like` or the sample. Raises Failure."""
    if not NAME.fullmatch(name):
        raise FlowFailure("flow-name-invalid", details={"name": name})
    target, tests = project / "flows" / f"{name}.yaml", project / "tests" / f"{name}.yaml"
    if target.exists():
        raise BusinessFailure("file-exists", details={"path": str(target)})
    text, cases = _library(like) if like else (_sample(lang), TESTS.format(**WORDS[lang]))
    _write(target, _headed(re.sub(r"(?m)^flow: .*$", f"flow: {name}", text, count=1)))
    written = _write(tests, re.sub(r"(?m)^test: .*$", f"test: {name}", cases, count=1)) if cases else False
    return [target, *([tests] if written else [])]


def _headed(text: str) -> str:
    """With the comment line that tells editors the schema."""
    return text if "yaml-language-server:" in text else f"{schema_comment('../' + SCHEMA)}\n{text}"


def _library(like: str) -> tuple[str, str]:
    source = LIBRARY / f"{like}.yaml"
    if not source.is_file():
        known = ", ".join(sorted(p.stem for p in LIBRARY.glob("*.yaml")))
        raise FlowFailure("flow-missing", details={"flow": like, "known": known})
    cases = LIBRARY / "tests" / source.name
    return source.read_text("utf-8"), cases.read_text("utf-8") if cases.is_file() else ""


"""The page that compares ten mistakes: texts and recorded outputs of `tests/corpus/mistakes`, put together."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bots.catalog import catalog
from flows.diagnostics import render
from flows.document import plain_yaml
from flows.loader import load

FOLDER = Path(__file__).parents[1] / "corpus" / "mistakes"
FILES = {"daeri": "daeri.yaml", "robot": "case.robot", "ansible": "playbook.yaml", "github": "github.yaml"}
QUIET = "--output NONE --log NONE --report NONE --consolecolors off --consolewidth 100"
COMMANDS = {
    "robot": f"robot --dryrun {QUIET} case.robot",
    "ansible": "ansible-playbook --syntax-check playbook.yaml",
    "github": "check-jsonschema --builtin-schema vendor.github-workflows --color never github.yaml",
}
VERSIONS = {
    "robot": "robot --version",
    "ansible": "ansible --version",
    "github": "check-jsonschema --version",
}
INTRO = """\
Checking a text before it runs is where mistakes are cheapest. Here are ten that people make, written for this project
and for three tools that can be run beside it. Each output is what the tool printed; a test prints ours again. The
others are recorded; `RPA_OTHER_TOOLS=<folder of their commands> pytest -m heavy tests/flows/test_mistakes.py --update`
records them anew.

Every tool has a purpose of its own, and none of the others claims to check all this: Robot Framework's dry run looks at
keywords and their arguments, Ansible's syntax check at the play's structure, a JSON Schema at keys and types. The point is
what an author learns before the night.
"""
CITED = """\
## Read, not run

**Dagu.** Its specification of `dagu validate` says that the command checks the YAML stream and the root fields: unknown
and duplicate *root* keys are rejected, and «the command does not validate internal field behavior that belongs to later
specs»; errors «should identify the invalid field path when possible». Lines, columns and fixes are not part of it
([specs/002-yaml-schema.md, commit 1897659](https://github.com/dagucloud/dagu/blob/1897659e73d01460457e3cb6f07961815fbaf378/specs/002-yaml-schema.md)).

**Kestra.** A flow is checked by a server; a violated constraint is told by a JSON pointer and a path such as
`tasks[my-task].type: must not be null`, without a line
([docs, problem «Validation failed»](https://kestra.io/docs/api-reference/problems/validation-failed), a page without a version,
and the command line's output in [issue 4927](https://github.com/kestra-io/kestra/issues/4927) of September 2024). Expressions
are rendered when the flow runs; for checking that they name existing outputs and inputs there is a
[blueprint](https://kestra.io/blueprints/kestra-flow-correctness-linter) of a flow that reads the other flows.
"""


def names() -> list[str]:
    """The ten folders, in order."""
    return sorted(p.name for p in FOLDER.iterdir() if p.is_dir())


def our_output(name: str) -> str:
    text = (FOLDER / name / "daeri.yaml").read_text("utf-8")
    return render(load(text, catalog=catalog(), file="daeri.yaml").diagnostics) + "\n"


def other_output(tool: str, name: str, tools: Path) -> str:
    """What the tool prints and its exit code, with nothing of this machine in it."""
    folder = FOLDER / name
    quiet = {
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "ANSIBLE_NOCOLOR": "1",
    }
    environment = {**os.environ, **quiet, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = _run(COMMANDS[tool].split(), folder, environment)
    lines = [line.rstrip() for line in (done.stdout + done.stderr).replace(f"{folder}/", "").splitlines()]
    kept = [line for line in lines if line.strip("=-")]
    return "\n".join(kept) + f"\n(exit {done.returncode})\n"


def _run(
    command: Sequence[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def version(tool: str, tools: Path) -> str:
    done = _run(VERSIONS[tool].split(), FOLDER, {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    return (done.stdout + done.stderr).splitlines()[0].split(" (Python")[0]


def page() -> str:
    """The whole page, from what is recorded."""
    known = plain_yaml((FOLDER / "verdicts.yaml").read_text("utf-8"))
    parts = ["# Ten mistakes, here and elsewhere", INTRO.strip(), _table(known)]
    versions = (FOLDER / "versions.txt").read_text("utf-8").strip()
    parts.append("Versions:\n\n" + "\n".join(f"- {line}" for line in versions.splitlines()))
    parts += [_mistake(name, known["tools"]) for name in names()]
    return "\n\n".join([*parts, CITED.strip()]) + "\n"


def _table(known: dict[str, Any]) -> str:
    head = ["mistake", *known["tools"].values()]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name in names():
        told = known["verdicts"][name]
        lines.append("| " + " | ".join([_title(name), *(told[tool] for tool in known["tools"])]) + " |")
    return "\n".join(lines)


def _title(name: str) -> str:
    return (FOLDER / name / "title.txt").read_text("utf-8").strip()


def _mistake(name: str, tools: dict[str, str]) -> str:
    parts = [f"## {int(name[:2])}. {_title(name)}"]
    for tool, title in tools.items():
        text = (FOLDER / name / FILES[tool]).read_text("utf-8").strip()
        output = (FOLDER / name / f"{tool}.txt").read_text("utf-8").strip()
        parts += [f"### {title.split(',')[0]}", f"```text\n{text}\n```", f"```text\n{output}\n```"]
    return "\n\n".join(parts)

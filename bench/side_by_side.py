"""The same flow of 1,000 steps that do nothing, in tools that keep a record: how long one step takes.

    python -m bench.side_by_side --others PYTHON [--postgresql URL] [--steps 1000] [--rounds 3] [--folder DIR]

PYTHON: an interpreter of another environment with `dbos`, `prefect` and `robotframework` (they are no part of
ours):

    python -m venv others && others/bin/pip install dbos==3.4.0 prefect==3.8.8 robotframework==7.5 "psycopg[binary]"
    others/bin/pip install --no-deps "fastapi==0.117.1" "starlette<0.49"   # newer: Prefect fails

URL: a server on which databases may be made, `postgresql://user@127.0.0.1:port`. Every tool runs in a
process of its own, by turns; what is timed is the flow alone, without imports, start of servers or parsing.

What is on disk when, because that is what costs:
    daeri               every step, in groups: before an intent, at an item's end, at most 100 ms later
    daeri, each step    every step before the next one begins (by this bench; no setting of the program)
    DBOS                every step before the next one begins
    Prefect             every step's states through its API into SQLite (synchronous=NORMAL)
    Robot Framework     output.xml, buffered; nothing is promised before its end
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bench.ledger import fsync_rate

OURS = '''
import base64, json, os, sys, time
from pathlib import Path
from rpa import __version__
from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.ledger.store import Ledger
from rpa.settings import load_settings

folder, steps = Path("."), int(os.environ["STEPS"])
url, each = os.environ.get("URL", ""), bool(os.environ.get("EACH"))
(folder / "flows").mkdir()
(folder / "flows.yaml").write_text("version: 1")
(folder / "key").write_bytes(base64.b64encode(bytes(range(32))))
(folder / "key").chmod(0o600)
(folder / "flows" / "nothing.yaml").write_text("""flow: nothing
inputs:
  rows: {type: list}
steps:
  - for_each: {in: "${inputs.rows}", as: n}
    do:
      - data.set: "${n}"
""")
settings = load_settings(
    {"project": str(folder.resolve()), **({"ledger": url} if url else {})}, environ={"RPA_KEY_FILE": "key"}
)
if each:
    recorded = Ledger.record_attempt
    def record_attempt(self, *given):
        made = recorded(self, *given)
        self.waiting_for_flush()
        return made
    Ledger.record_attempt = record_attempt
project = Project(settings)
for number in (10, steps):
    run_id = enqueue(project, project.flow("nothing"), {"rows": list(range(number))})
    claim, _ = project.ledger.claim("bench", run_id=run_id)
    start, cpu = time.perf_counter(), time.process_time()
    assert execute(settings, claim, Silent()) == "succeeded"
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
assert len(project.ledger.attempts(run_id)) == steps
print(json.dumps({"version": __version__, "wall": wall, "cpu": cpu}))
'''
DBOS = '''
import json, os, time
from importlib.metadata import version
from dbos import DBOS
url = os.environ.get("URL") or "sqlite:///dbos.sqlite"
DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})

@DBOS.step()
def nothing(n):
    return n

@DBOS.workflow()
def flow(steps):
    for n in range(steps):
        nothing(n)

DBOS.launch()
flow(10)
start, cpu = time.perf_counter(), time.process_time()
flow(int(os.environ["STEPS"]))
spent = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
print(json.dumps({"version": version("dbos"), **spent}))
DBOS.destroy()
'''
PREFECT = '''
import json, os, time
from importlib.metadata import version
from prefect import flow, task

@task
def nothing(n):
    return n

@flow
def steps(number):
    for n in range(number):
        nothing(n)

steps(10)
start, cpu = time.perf_counter(), time.process_time()
steps(int(os.environ["STEPS"]))
spent = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
print(json.dumps({"version": version("prefect"), **spent}))
'''
ROBOT = '''
import json, os, sys, time
from importlib.metadata import version
from pathlib import Path
from robot import run
steps = os.environ["STEPS"]
Path("nothing.robot").write_text(f"""*** Test Cases ***
Nothing
    FOR    ${{n}}    IN RANGE    {steps}
        ${{value}} =    Set Variable    ${{n}}
    END
""")
start, cpu = time.perf_counter(), time.process_time()
assert run("nothing.robot", log="NONE", report="NONE", output="output.xml", console="none") == 0
spent = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
print(json.dumps({"version": version("robotframework"), **spent}))
'''
QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "CRITICAL", "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true", "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}


def contestants(ours: str, others: str, postgresql: str) -> dict[str, tuple[str, str, dict[str, str]]]:
    """{name: (interpreter, program, environment)}; `{database}` in a URL becomes a new database."""
    found: dict[str, tuple[str, str, dict[str, str]]] = {
        "daeri, SQLite": (ours, OURS, {}),
        "daeri, SQLite, each step": (ours, OURS, {"EACH": "1"}),
        "DBOS, SQLite": (others, DBOS, {}),
        "Prefect, SQLite": (others, PREFECT, {}),
        "Robot Framework, output.xml": (others, ROBOT, {}),
    }
    if postgresql:
        driver = postgresql.replace("postgresql://", "postgresql+psycopg://")
        found["daeri, PostgreSQL"] = (ours, OURS, {"URL": f"{driver}/{{database}}"})
        found["daeri, PostgreSQL, each step"] = (ours, OURS, {"URL": f"{driver}/{{database}}", "EACH": "1"})
        found["DBOS, PostgreSQL"] = (others, DBOS, {"URL": f"{postgresql}/{{database}}"})
    return found


def once(
    folder: Path, interpreter: str, program: str, more: Mapping[str, str], steps: int
) -> dict[str, float]:
    """One round of one tool in a new folder."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="side-") as name:
        environ = {**os.environ, **QUIET, "PREFECT_HOME": name, "STEPS": str(steps), **more}
        environ["PYTHONPATH"] = str(Path(__file__).parents[1])
        command = [interpreter, "-c", program]
        done = subprocess.run(command, cwd=name, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def new_database(postgresql: str, name: str) -> None:
    import psycopg

    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--others", required=True, metavar="PYTHON")
    parser.add_argument("--postgresql", default="", metavar="URL")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--only", default="", help="part of a name")
    given = parser.parse_args()
    everyone = contestants(sys.executable, given.others, given.postgresql)
    tools = {name: tool for name, tool in everyone.items() if given.only in name}
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in tools}
    for number in range(given.rounds):
        for name, (interpreter, program, more) in tools.items():
            environ = dict(more)
            if "URL" in environ:
                assert urlsplit(given.postgresql).hostname in ("127.0.0.1", "localhost")
                new_database(given.postgresql, f"side_{number}")
                environ["URL"] = environ["URL"].format(database=f"side_{number}")
            rounds[name].append(once(given.folder, interpreter, program, environ, given.steps))
    about = {"schema": 1, "bench": "side-by-side", "steps": given.steps}
    print(json.dumps({**about, "fsync_per_second": round(fsync_rate(given.folder))}))
    for name, results in rounds.items():
        wall, cpu = (statistics.median(r[k] for r in results) / given.steps * 1000 for k in ("wall", "cpu"))
        times = {"ms_wall": round(wall, 3), "ms_cpu": round(cpu, 3)}
        print(json.dumps({**about, "tool": name, "version": results[0]["version"], **times}))


if __name__ == "__main__":
    main()

"""Measure reading: accuracy and speed of every installed engine over a folder with truth.

    python -m bench.reading DIR [--engines batched,paddleocr] [--limit N] [--offset K] [--write]
                            [--rapidocr PYTHON] [--plot FILE.svg] [--by KEY]

DIR holds `truth.jsonl`; each line has `file` and `segments` [{text}]. Every engine runs in a process of its
own (RapidOCR in the interpreter of a venv that has it); pages go round the engines, one page each, so that a
busy machine is unfair to none. Words: upper-cased white-space tokens, matched as multisets. CER of the page:
Levenshtein distance of the whole page's text in rows, without spaces, upper-cased: the order counts. CER by place:
of each printed stretch by itself (`bench/reading_places.py`): the order of stretches does not count. Numbers: words
with a digit, found exactly. Drawn rules (words of nothing but -=*_. and the like) count nowhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing as mp
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.reading_places import edits, printed
from bench.reading_plot import Point, write_plot

ENGINES = {
    "batched": {"engine": "batched", "backend": "auto"},
    "batched-onnxruntime": {"engine": "batched", "backend": "onnxruntime"},
    "batched-openvino": {"engine": "batched", "backend": "openvino"},
    "batched-hangul": {"engine": "batched", "korean": "own"},
    "batched-tesseract": {"engine": "batched", "korean": "tesseract"},
    "paddleocr": {"engine": "paddleocr"},
    "tesseract": {"engine": "tesseract"},
}
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(slots=True)
class Score:
    """What one engine did so far. Times are of one page each, the first page (loading apart) kept by
    itself."""

    name: str
    part: str = ""
    engine: str = ""
    hits: int = 0
    wanted: int = 0
    got: int = 0
    numbers: int = 0
    numbers_wanted: int = 0
    edits: int = 0
    letters: int = 0
    place_edits: int = 0
    place_letters: int = 0
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    load: float = 0.0
    peak_mb: float = 0.0
    failures: int = 0

    def add(self, reply: dict[str, Any], row: dict[str, Any]) -> None:
        self.load += reply["load"]
        self.peak_mb = reply["peak_mb"]
        if "error" in reply:
            self.failures += 1
            return
        truth = _plain(" ".join(segment["text"] for segment in _in_rows(row["segments"])))
        text = _plain(reply["text"])
        want, have = Counter(truth.split()), Counter(text.split())
        numbers = Counter({word: count for word, count in want.items() if any(map(str.isdigit, word))})
        self.numbers += sum((numbers & have).values())
        self.numbers_wanted += sum(numbers.values())
        self.hits += sum((want & have).values())
        self.wanted += sum(want.values())
        self.got += sum(have.values())
        self.edits += _distance("".join(truth.split()), "".join(text.split()))
        self.letters += len("".join(truth.split()))
        self._add_places(reply, row)
        self.engine = reply["engine"]
        self.cpu.append(reply["cpu"])
        self.wall.append(reply["wall"])

    def _add_places(self, reply: dict[str, Any], row: dict[str, Any]) -> None:
        stretches = printed(row, _plain)
        if not stretches:
            return
        words = [(_plain(text), x, y) for text, x, y in reply["words"]]
        self.place_edits += edits(stretches, words)
        self.place_letters += sum(len(text) for text, _ in stretches)

    @property
    def f1(self) -> float:
        """Of words, in percent."""
        return 200 * self.hits / max(1, self.wanted + self.got)

    @property
    def mean_cpu(self) -> float:
        """Seconds a page, the first one apart."""
        return statistics.mean(self.cpu[1:] or self.cpu)

    def row(self) -> list[str]:
        recall, precision = self.hits / max(1, self.wanted), self.hits / max(1, self.got)
        warm_wall = self.wall[1:] or self.wall
        return [
            f"{self.name}, {self.part}" if self.part else self.name,
            self.engine,
            f"{100 * recall:.1f} / {100 * precision:.1f} / **{self.f1:.1f}**",
            f"{100 * self.edits / max(1, self.letters):.1f} %",
            f"{100 * self.place_edits / self.place_letters:.2f} %" if self.place_letters else "-",
            f"{100 * self.numbers / max(1, self.numbers_wanted):.1f} %",
            f"{self.mean_cpu:.2f}",
            f"{statistics.median(warm_wall):.2f}",
            f"{1 / statistics.mean(warm_wall):.2f}",
            f"{self.wall[0]:.2f}",
            f"{self.load:.1f}",
            f"{self.peak_mb:.0f}",
            str(self.failures),
        ]


HEADER = [
    "asked",
    "ran",
    "words R / P / F1",
    "CER page",
    "CER by place",
    "numbers",
    "CPU s/page",
    "wall s/page (median)",
    "pages/s",
    "first page s",
    "load s",
    "peak MB",
    "failed",
]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    rows = _pages(options.folder, options.limit, options.offset)
    names = options.engines.split(",") if options.engines else _installed()
    scores = run(options.folder, rows, names, options.threads, options.rapidocr, options.by)
    if options.plot:
        points = [Point(score.name, score.mean_cpu, score.f1) for score in scores if not score.part]
        write_plot(points, f"{options.folder.name}, {len(rows)} pages", options.plot)
    table = _table(scores, len(rows), options.folder)
    print(table)
    if options.write:
        asked = arguments or sys.argv[1:]
        paths = {str(path) for path in (options.folder, options.rapidocr, options.plot)}
        told = [Path(word).name if word in paths else word for word in asked]
        _append(table, ["python -m bench.reading", *told])
    return 0


def run(
    folder: Path,
    rows: list[dict[str, Any]],
    names: Sequence[str],
    threads: int | None = None,
    rapidocr: Path | None = None,
    by: str | None = None,
) -> list[Score]:
    """Reads every page by every engine, round robin. `rapidocr` is a python that has RapidOCR. `by` is a key of
    the truth («damage», «kind»): the pages with each of its values get scores of their own behind the others."""
    workers: dict[str, _Worker | _Rapid] = {name: _Worker(name, threads) for name in names}
    if rapidocr:
        workers["rapidocr"] = _Rapid(rapidocr, threads)
    scores = {(name, ""): Score(name) for name in workers}
    try:
        for number, row in enumerate(rows, 1):
            for name, worker in workers.items():
                reply = worker.read(folder / row["file"])
                for part in ("", f"{by} {row.get(by)}") if by else ("",):
                    scores.setdefault((name, part), Score(name, part)).add(reply, row)
            print(f"\r{number}/{len(rows)}", end="", file=sys.stderr, flush=True)
    finally:
        for worker in workers.values():
            worker.close()
    print(file=sys.stderr)
    return sorted(scores.values(), key=lambda score: score.part)


class _Worker:
    """One engine in one process, asked page by page."""

    def __init__(self, name: str, threads: int | None) -> None:
        context = mp.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, {**ENGINES[name], "threads": threads}), daemon=True
        )
        self._process.start()

    def read(self, path: Path) -> dict[str, Any]:
        self._pipe.send(str(path))
        reply: dict[str, Any] = self._pipe.recv()
        return reply

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join(20)


class _Rapid:
    """RapidOCR in its own venv."""

    def __init__(self, python: Path, threads: int | None) -> None:
        script = Path(__file__).with_name("rapidocr_worker.py")
        self._process = subprocess.Popen(
            [python, script, str(threads or 0)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, path: Path) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        return reply

    def close(self) -> None:
        self._process.communicate(timeout=20)


def _serve(pipe: Connection, options: dict[str, Any]) -> None:
    from ocr.errors import DocumentError
    from ocr.reading import read_one

    while (path := pipe.recv()) is not None:
        cpu, wall = _cpu_seconds(), time.perf_counter()
        reply: dict[str, Any] = {"load": 0.0}
        try:
            reading = read_one(path, force_ocr=True, **options)
            reply = {"text": reading.text, "engine": reading.engine, "load": reading.load_seconds}
            reply["words"] = [(w.text, *w.box.center) for page in reading.pages for x in page.lines for w in x.words]
        except DocumentError as error:
            reply["error"] = error.code
        spent = time.perf_counter() - wall
        pipe.send({**reply, "cpu": _cpu_seconds() - cpu, "wall": spent - reply["load"], "peak_mb": _peak_mb()})


def _cpu_seconds() -> float:
    """Processor time of this process, its threads and the programs it has run."""
    import resource

    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_mb() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _installed() -> list[str]:
    from importlib.util import find_spec

    from ocr.reading import available_engines

    here = [
        name for name, reason in available_engines().items() if not reason and name in ENGINES and name != "batched"
    ]
    backends = [f"batched-{name}" for name in ("onnxruntime", "openvino") if find_spec(name)]
    return backends + here


def _pages(folder: Path, limit: int | None, offset: int) -> list[dict[str, Any]]:
    """Rows of truth that have text, in an order that depends on their names only, so that a limit is a fair
    sample."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row.get("segments")]
    rows.sort(key=lambda row: hashlib.md5(row["id"].encode(), usedforsecurity=False).hexdigest())
    return rows[offset : offset + limit if limit else None]


def _in_rows(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Segments in our reading order, so that CER compares like with like."""
    from ocr.pages.order import ordered
    from ocr.values import Box, Line

    if not all("box" in segment for segment in segments):
        return segments
    lines = [Line((), Box(1, *segment["box"]), segment["text"], float(i)) for i, segment in enumerate(segments)]
    return [segments[int(line.score)] for line in ordered(lines)]


def _plain(text: str) -> str:
    """Upper-cased words without drawn rules."""
    return " ".join(word for word in text.upper().split() if word.strip("-=*_.·~—–"))


def _distance(a: str, b: str) -> int:
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(a, b)


def _table(scores: list[Score], pages: int, folder: Path) -> str:
    rows: list[list[str]] = [HEADER, ["---"] * len(HEADER), *(score.row() for score in scores)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    whole = [score for score in scores if not score.part]
    base = next((score for score in whole if score.name == "paddleocr"), None)
    notes = [_against(score, base) for score in whole if base and score is not base and len(score.cpu) > 1]
    return "\n".join([f"{folder.name}, {pages} pages", "", *lines, "", *notes])


def _against(score: Score, base: Score) -> str:
    cpu, wall = (
        statistics.mean(getattr(score, key)[1:]) / statistics.mean(getattr(base, key)[1:]) for key in ("cpu", "wall")
    )
    return f"- {score.name}: {cpu:.2f} of PaddleOCR's CPU seconds a page, {wall:.2f} of its wall time"


def _append(table: str, command: list[str]) -> None:
    """Adds the table under «Reading» in RESULTS.md."""
    machine = f"{platform.machine()}, {mp.cpu_count()} cores, {_processor()}, Python {platform.python_version()}"
    entry = f"### {date.today()} · {machine}\n\n`{' '.join(command)}`\n\n{table}\n"
    text = RESULTS.read_text("utf-8") if RESULTS.is_file() else "# Measured\n"
    if "\n## Reading\n" not in text:
        text = text.rstrip() + "\n\n## Reading\n"
    before, after = text.split("\n## Reading\n", 1)
    RESULTS.write_text(f"{before}\n## Reading\n\n{entry}\n{after.lstrip()}", "utf-8")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.processor(),
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engines", help=f"comma-separated: {', '.join(ENGINES)}; default: all that are installed")
    parser.add_argument("--limit", type=int, help="pages, a fair sample")
    parser.add_argument("--offset", type=int, default=0, help="pages of the sample to skip")
    parser.add_argument("--threads", type=int, help="threads of each engine; default: its own choice")
    parser.add_argument("--rapidocr", type=Path, help="the python of a venv with RapidOCR")
    parser.add_argument("--plot", type=Path, help="write a picture: seconds a page against word F1")
    parser.add_argument("--by", help="a key of the truth, e.g. damage: its values get rows of their own")
    parser.add_argument("--write", action="store_true", help="append to bench/RESULTS.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

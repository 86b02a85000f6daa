"""RapidOCR, asked page by page; run by the interpreter of a venv that has it, outside this project's own.

Reads paths from standard input, answers each with one JSON line in the form of `bench.reading`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rows_of(result: Any) -> str:
    """The boxes' texts in rows, as RapidOCR gives them: from the top, then from the left."""
    return "\n".join(result.txts or ())


def words_of(result: Any) -> list[tuple[str, float, float]]:
    """Words with their middles as fractions of the page; they share a line by their numbers of characters."""
    made = []
    height, width = result.img.shape[:2]
    for text, box in zip(result.txts or (), result.boxes if result.boxes is not None else (), strict=True):
        (x0, y0), (x1, y1) = (box[0] + box[3]) / 2, (box[1] + box[2]) / 2
        at = 0
        for token in text.split():
            at = text.index(token, at) + len(token)
            share = (at - len(token) / 2) / len(text)
            made.append((token, float(x0 + (x1 - x0) * share) / width, float(y0 + (y1 - y0) * share) / height))
    return made


def main(threads: str) -> None:
    started = time.perf_counter()
    from rapidocr import RapidOCR

    more = {} if threads == "0" else {"EngineConfig.onnxruntime.intra_op_num_threads": int(threads)}
    engine = RapidOCR(params={"Global.log_level": "critical", **more})
    load = time.perf_counter() - started
    for line in sys.stdin:
        cpu, wall = cpu_seconds(), time.perf_counter()
        result = engine(line.strip(), use_cls=False)
        reply = {
            "text": rows_of(result),
            "words": words_of(result),
            "engine": "rapidocr-onnxruntime",
            "load": load,
            "cpu": cpu_seconds() - cpu,
            "wall": time.perf_counter() - wall,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        }
        load = 0.0
        print(json.dumps(reply, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

"""`python -m ocr.synthetic OUT --count N --seed S`: write a corpus."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ocr.synthetic.corpus import CorpusSpec, write_corpus
from ocr.synthetic.demo import write_demo_inbox
from ocr.synthetic.maker import ALL, KINDS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ocr.synthetic", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the files and truth.jsonl")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", choices=tuple(KINDS), help="may be given more than once")
    parser.add_argument("--lang", action="append", choices=ALL, help="may be given more than once")
    parser.add_argument("--damaged", type=float, default=0.5, help="share of damaged pages, 0 to 1")
    parser.add_argument("--pictures", action="store_true", help="clean pages as PNG instead of PDF")
    parser.add_argument("--dpi", type=float, default=150.0)
    parser.add_argument("--demo", action="store_true", help="the demo's inbox instead of a corpus")
    return parser.parse_args()


def main() -> int:
    """Write what the command line asks for; prints one line."""
    asked = _arguments()
    started = time.perf_counter()
    if asked.demo:
        count = len(write_demo_inbox(asked.out, asked.seed))
    else:
        kinds = dict.fromkeys(asked.kind or KINDS, 1.0)
        languages = tuple(asked.lang) if asked.lang else None
        spec = CorpusSpec(asked.count, kinds, languages, asked.damaged, not asked.pictures, asked.dpi)
        count = write_corpus(asked.out, spec, asked.seed)
    print(f"{count} documents in {time.perf_counter() - started:.1f} s: {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

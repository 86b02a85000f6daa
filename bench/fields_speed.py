"""How fast the parts of extraction are, each with its goal. Run it on a quiet machine.

    python -m bench.fields_speed ../shared/data/sroie [--receipts 12] [--train CONFIG.json] [--steps 20]

Printed: made documents a minute on one core (pages as PDF and as damaged pictures); milliseconds a page of the layout
model on one core; seconds from the picture of a receipt to checked fields; with `--train`, seconds a step with one
thread and with two, and the minutes that the three recipes of the shipped weights take at that pace.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ocr.evaluate.truth import read_truth
from ocr.extract import extract
from ocr.layout.encode import encode
from ocr.layout.held_out import reading_of
from ocr.layout.page import view_of_text
from ocr.layout.runtime import shipped
from ocr.synthetic.corpus import CorpusSpec, documents, write_corpus

SEED = 985
RECIPES = Path(__file__).parents[1] / "ocr" / "layout" / "recipes"


def making(count: int) -> Iterator[tuple[str, float]]:
    """Documents a minute: half of them damaged pictures, half PDFs, all kinds, files written."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        write_corpus(Path(folder), CorpusSpec(count=count), SEED)
        yield "made documents a minute of one core", 60 * count / (time.process_time() - began)


def model(count: int) -> Iterator[tuple[str, float]]:
    """Milliseconds of the encoding and the network, by page."""
    runner, spent = shipped(), list[float]()
    for document in documents(CorpusSpec(count=count, damaged=0.0), SEED):
        for page in reading_of(document).pages:
            began = time.perf_counter()
            runner(encode(view_of_text(page), document.doctype))
            spent.append(1000 * (time.perf_counter() - began))
    yield "layout model, ms a page, median", statistics.median(spent)
    yield "layout model, ms a page, mean", statistics.fmean(spent)
    yield "layout model, ms a page, slowest", max(spent)


def pipeline(folder: Path, count: int) -> Iterator[tuple[str, float]]:
    """Seconds from a receipt's picture to its fields; the first one warms up and does not count."""
    spent = []
    for truth in islice(read_truth(folder), count + 1):
        began = time.perf_counter()
        extract(truth.file, "receipt")
        spent.append(time.perf_counter() - began)
    yield "receipt picture to fields, s, median", statistics.median(spent[1:])
    yield "receipt picture to fields, s, slowest", max(spent[1:])


def training(config_file: Path, steps: int) -> Iterator[tuple[str, float]]:
    """Seconds a step with one and two threads (pages of the config's first shard), and what the recipes take."""
    import torch

    from ocr.layout.network import LayoutNet
    from ocr.layout.shards import shard
    from ocr.layout.train import config_of, drop_of, losses_of_steps

    config = config_of(json.loads(config_file.read_text("utf-8")))
    each = config.synthetic // len(config.synthetic_seeds)
    pages = shard(Path(config.cache), each, config.synthetic_seeds[0])
    recipes = [config_of(json.loads(f.read_text("utf-8"))) for f in sorted(RECIPES.glob("[123]-*.json"))]
    whole = sum(r.finetune_steps if r.data else r.pretrain_steps for r in recipes)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        net = LayoutNet(config.size)
        losses_of_steps(net, pages, config, 3, drop_of(config))
        began = time.perf_counter()
        losses_of_steps(net, pages, config, steps, drop_of(config))
        pace = (time.perf_counter() - began) / steps
        yield f"training, s a step, {threads} threads", pace
        yield f"the {whole} steps of the recipes, minutes, {threads} threads", whole * pace / 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fields_speed", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--receipts", type=int, default=12)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--train", type=Path, metavar="CONFIG.json")
    parser.add_argument("--steps", type=int, default=20)
    asked = parser.parse_args()
    parts = [making(asked.pages), model(asked.pages), pipeline(asked.folder, asked.receipts)]
    if asked.train:
        parts.append(training(asked.train, asked.steps))
    for part in parts:
        for name, value in part:
            print(f"{name:55} {value:10.2f}", flush=True)


if __name__ == "__main__":
    main()

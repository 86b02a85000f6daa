"""How good is the model on vendors it has never seen? Cross-validation over folders of real documents.

`python -m ocr.layout.folds config.json --split vendor|random`: for each fold the pretrained network is tuned
on the others and asked about the fold; answers are pooled. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from rapidfuzz import fuzz

from ocr.doctypes import load_doctype
from ocr.evaluate.given import reading_of_segments
from ocr.extract import extract_reading
from ocr.fields.finder import FieldFinder, Joined
from ocr.fields.label_finder import LabelFinder
from ocr.fields.typed.dates import find_dates
from ocr.layout.batches import view_of
from ocr.layout.encode import Encoded, encode
from ocr.layout.finder import LayoutFinder
from ocr.layout.match import bare, number_of
from ocr.layout.network import LayoutNet, load, save
from ocr.layout.runtime import Beliefs, beliefs, windows
from ocr.layout.samples import Sample, of_folder
from ocr.layout.spans import header_values
from ocr.layout.tags import OUTPUT_COUNT
from ocr.layout.train import Config, config_of, finetune, logger, prepared, synthetic_pages
from ocr.values import Field

KEYS: Mapping[str, str] = {
    "company": "supplier_name",
    "date": "date",
    "address": "supplier_address",
    "total": "gross",
}


@dataclass(frozen=True)
class NetRunner:
    """A network in memory where the finder expects a `LayoutRunner`."""

    net: LayoutNet

    @property
    def card(self) -> dict[str, Any]:
        return {"name": "layout-fold"}

    def __call__(self, page: Encoded) -> Beliefs:
        out = np.zeros((len(page.ids), OUTPUT_COUNT), dtype=np.float32)
        self.net.eval()
        with torch.no_grad():
            for start, end, keep in windows(len(page.ids)):
                ids, boxes = (
                    torch.from_numpy(page.ids[None, start:end]),
                    torch.from_numpy(page.boxes[None, start:end]),
                )
                out[keep:end] = self.net(ids, boxes)[0, keep - start :].numpy()
        return beliefs(out)


# ---- splits ----------------------------------------------------------------------------------------------


def vendor_of(samples: Sequence[Sample], alike: float = 90.0) -> list[str]:
    """The vendor of each document; names that differ by a misprint (similarity above `alike`) are one."""
    names: list[str] = []
    for group in sorted({s.group for s in samples}, key=len, reverse=True):
        if not any(fuzz.ratio(group, name) >= alike for name in names):
            names.append(group)
    return [max(names, key=lambda name: fuzz.ratio(s.group, name)) for s in samples]


def split(samples: Sequence[Sample], how: str, folds: int, seed: int) -> list[int]:
    """The fold of each document: at random, or all documents of a vendor in one."""
    rng = Random(f"{seed}/{how}")
    if how == "random":
        places = [i % folds for i in range(len(samples))]
        rng.shuffle(places)
        return places
    vendors = vendor_of(samples)
    order = sorted(set(vendors))
    rng.shuffle(order)
    order.sort(key=lambda v: -vendors.count(v))
    load_of, place = [0] * folds, {}
    for vendor in order:
        smallest = load_of.index(min(load_of))
        place[vendor] = smallest
        load_of[smallest] += vendors.count(vendor)
    return [place[vendor] for vendor in vendors]


# ---- scores ----------------------------------------------------------------------------------------------


def answers_alone(runner: NetRunner, sample: Sample) -> dict[str, str]:
    """The model's first choice for each key, as printed."""
    view = view_of(sample)
    page = encode(view, sample.doctype)
    found = header_values(view, page, runner(page))
    return {
        key: " ".join(page.tokens[i].text for i in found[tag][0].words)
        for key, tag in KEYS.items()
        if tag in found and found[tag][0].score >= 0.35
    }


def answers_joined(finder: FieldFinder, row: Mapping[str, Any]) -> dict[str, str]:
    """The decoder's answer for each key with this finder, as printed."""
    reading = reading_of_segments(
        row["id"], row["segments"], row["width"], row["height"], row.get("scale", 1.0)
    )
    extraction = extract_reading(reading, load_doctype("receipt"), finder=finder)
    values = {key: extraction.fields.get(key) for key in KEYS}
    return {key: value.raw for key, value in values.items() if isinstance(value, Field)}


def equal(key: str, ours: str, truth: str) -> bool:
    """Normalised: letters and digits, the parsed date, the number."""
    if key == "total":
        return number_of(ours) is not None and number_of(ours) == number_of(truth)
    if key == "date":
        a, b = find_dates(ours), find_dates(truth)
        return a[0].value == b[0].value if a and b else bare(ours) == bare(truth)
    return bare(ours) == bare(truth)


@dataclass
class Tally:
    """Counts of one key: right and strictly right answers, answers given, truths."""

    right: int = 0
    strict: int = 0
    given: int = 0
    truths: int = 0

    def f1(self, strict: bool = False) -> float:
        hits = self.strict if strict else self.right
        return 2 * hits / max(1, self.given + self.truths)


def tally(pairs: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> dict[str, Any]:
    """Per key and pooled: F1 normalised and strict."""
    counts = {key: Tally() for key in (*KEYS, "all")}
    for ours, truth in pairs:
        for key in KEYS:
            for count in (counts[key], counts["all"]):
                count.truths += bool(truth.get(key))
                count.given += key in ours
                if key in ours and truth.get(key):
                    count.right += equal(key, ours[key], truth[key])
                    count.strict += ours[key] == truth[key]
    return {
        key: {"f1": round(c.f1(), 4), "strict": round(c.f1(True), 4), "given": c.given, "truths": c.truths}
        for key, c in counts.items()
    }


# ---- the run ---------------------------------------------------------------------------------------------


def run(
    config: Config,
    how: str,
    *,
    folds: int = 5,
    only: Sequence[int] = (),
    join: Callable[[LayoutFinder], FieldFinder] | None = None,
) -> dict[str, Any]:
    """Cross-validate; checkpoints and answers stay in `config.out`."""
    out = prepared(config)
    log = logger(out / f"{how}.log")
    folder = Path(config.data[0])
    samples, pages = of_folder(folder), synthetic_pages(config)
    rows = {r["id"]: r for r in map(json.loads, (folder / "truth.jsonl").read_text("utf-8").splitlines())}
    places = split(samples, how, folds, config.seed)
    answers: list[dict[str, Any]] = []
    for fold in only or range(folds):
        net = _tuned(
            config,
            [s for s, p in zip(samples, places, strict=True) if p != fold],
            pages,
            out / f"{how}-{fold}.pt",
            f"{how}-{fold}",
            log,
        )
        runner = NetRunner(net)
        finder = LayoutFinder(runner)  # type: ignore[arg-type]
        tested = [s for s, p in zip(samples, places, strict=True) if p == fold]
        for s in tested:
            joined = answers_joined(join(finder) if join else finder, rows[s.name])
            answers.append(
                {
                    "id": s.name,
                    "fold": fold,
                    "truth": s.truth,
                    "alone": answers_alone(runner, s),
                    "joined": joined,
                }
            )
        log(
            {
                "fold": fold,
                "documents": len(tested),
                **{
                    k: v["f1"]
                    for k, v in tally(
                        [(a["alone"], a["truth"]) for a in answers if a["fold"] == fold]
                    ).items()
                },
            }
        )
    (out / f"{how}-answers.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1), "utf-8")
    return {
        "split": how,
        "documents": len(answers),
        **{kind: tally([(a[kind], a["truth"]) for a in answers]) for kind in ("alone", "joined")},
    }


def _tuned(
    config: Config,
    train: Sequence[Sample],
    pages: Sequence[Sample],
    path: Path,
    name: str,
    log: Callable[[dict[str, Any]], None],
) -> LayoutNet:
    if path.exists():
        return load(str(path))[0]
    if config.start is None:
        raise ValueError("cross-validation needs `start`: a pretrained checkpoint")
    torch.manual_seed(config.seed)
    net = load(config.start)[0]
    finetune(net, train, [p for p in pages if p.doctype == "receipt"], config, log, name)
    save(net, str(path), {})
    return net


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m ocr.layout.folds", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--split", choices=("vendor", "random"), default="vendor")
    parser.add_argument("--only", type=int, action="append", default=[])
    parser.add_argument("--with-labels", action="store_true", help="join the label rules' candidates")
    asked = parser.parse_args()
    join = (lambda finder: Joined((LabelFinder(), finder))) if asked.with_labels else None
    config = config_of(json.loads(asked.config.read_text("utf-8")))
    result = run(config, asked.split, only=asked.only, join=join)
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What vendor memory gains on the next document of a vendor.

    python -m bench.fields_memory config.json [--next 3]

Receipts of SROIE, given text. Of every vendor with two receipts or more, a person sees the first and corrects
what is wrong on it (the truth's values); then up to `--next` further receipts are extracted without and with what was
learned. The network is that of the fold that never saw the vendor: `config.json` and its networks are those of
`ocr.layout.folds --split vendor`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch

from ocr.doctypes import load_doctype
from ocr.evaluate.report import by_field, figures
from ocr.evaluate.run import given_reading, vendor_of
from ocr.evaluate.score import DocumentScore, FieldScore, score_document
from ocr.evaluate.truth import Truth, read_truth
from ocr.extract import extract_reading
from ocr.fields.finder import FieldFinder
from ocr.fields.label_finder import label_finder
from ocr.fields.memory import MemoryStore, RememberingFinder, confirmed, learn
from ocr.layout.finder import LayoutFinder
from ocr.layout.folds import NetRunner, split
from ocr.layout.folds import vendor_of as vendors_of
from ocr.layout.network import load
from ocr.layout.rerank import Reranked
from ocr.layout.samples import of_folder
from ocr.layout.train import config_of

DOCTYPE = load_doctype("receipt")


def scored(truth: Truth, finder: FieldFinder) -> DocumentScore:
    extraction = extract_reading(given_reading(truth), DOCTYPE, finder=finder)
    return score_document(extraction, truth, DOCTYPE, vendor_of(truth))


def after_one(group: Sequence[Truth], finder: FieldFinder, count: int) -> tuple[list[FieldScore], list[FieldScore]]:
    """Scores of the next documents of one vendor, without and with what its first one taught."""
    first = scored(group[0], finder)
    wrong = {s.name for s in first.fields if s.verdict in ("wrong", "missing")}
    seen = {name: accepted[0] for name, accepted in group[0].fields.items() if accepted}
    corrections = {**confirmed(DOCTYPE, seen), **{name: seen[name] for name in wrong if name in seen}}
    store = MemoryStore()
    knowledge = learn(first.extraction, corrections, DOCTYPE) if corrections else None
    if knowledge is not None:
        store.put(knowledge)
    after = group[1 : 1 + count]
    without = [s for t in after for s in scored(t, finder).fields]
    with_memory = [s for t in after for s in scored(t, RememberingFinder(finder, store)).fields]
    return without, with_memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--next", type=int, default=3)
    asked = parser.parse_args()
    config = config_of(json.loads(asked.config.read_text("utf-8")))
    torch.set_num_threads(config.threads)
    samples, truths = of_folder(Path(config.data[0])), {t.id: t for t in read_truth(Path(config.data[0]))}
    groups: dict[str, list[Truth]] = {}
    places: dict[str, int] = {}
    for sample, vendor, fold in zip(
        samples, vendors_of(samples), split(samples, "vendor", 5, config.seed), strict=True
    ):
        groups.setdefault(vendor, []).append(truths[sample.name])
        places[vendor] = fold
    nets = [NetRunner(load(str(Path(config.out) / f"vendor-{fold}.pt"))[0]) for fold in range(5)]
    finders = [Reranked(label_finder(), LayoutFinder(net)) for net in nets]  # type: ignore[arg-type]
    before: list[FieldScore] = []
    after: list[FieldScore] = []
    known = {vendor: group for vendor, group in groups.items() if len(group) > 1}
    for vendor, group in known.items():
        without, with_memory = after_one(group, finders[places[vendor]], asked.next)
        before += without
        after += with_memory
    taught = sum(a.value != b.value for a, b in zip(before, after, strict=True))
    print(f"{taught} answers changed")
    print(f"{len(known)} vendors, {len({s.document for s in before})} next receipts, given text")
    for title, scores in (("without memory", before), ("with memory", after)):
        fields = ", ".join(f"{n} {f.f1:.3f}" for n, f in by_field(scores, complete=False).items())
        print(f"{title}: F1 {figures(scores, complete=False).f1:.4f} ({fields})")


if __name__ == "__main__":
    main()

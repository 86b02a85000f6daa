"""Synthetic training pages kept on disk, so that they are made once."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

from ocr.layout.samples import Sample, of_synthetic
from ocr.synthetic.corpus import CorpusSpec, documents

MIX: Mapping[str, float] = {
    "receipt": 0.42,
    "invoice": 0.28,
    "tax_invoice_kr": 0.09,
    "statement_kr": 0.05,
    "purchase_order": 0.05,
    "utility_bill": 0.04,
    "bank_slip": 0.04,
    "form": 0.03,
}


def shard(folder: Path, count: int, seed: int) -> list[Sample]:
    """`count` made documents as samples, read from `folder` if they were made before."""
    path = folder / f"synthetic-{seed}-{count}.pickle"
    if path.exists():
        with path.open("rb") as file:
            kept: list[Sample] = pickle.load(file)
            return kept
    spec = CorpusSpec(
        count=count, kinds=MIX, languages=("en", "en", "ko", "de", "fr", "nl", "es", "it"), damaged=0.4
    )
    made = [sample for document in documents(spec, seed) for sample in of_synthetic(document)]
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pickle.dump(made, file, protocol=pickle.HIGHEST_PROTOCOL)
    return made

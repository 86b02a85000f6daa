"""The shipped weights, run by onnxruntime. No torch here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.errors import DocumentError
from ocr.layout.encode import LIMIT, SLOTS, Encoded
from ocr.layout.tags import PARTS, ROLES, TAGS

SHIPPED = "layout-small"
STRIDE = LIMIT // 2


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What the model thinks of each word: probabilities, one row a word."""

    tags: NDArray[np.float32]
    roles: NDArray[np.float32]
    parts: NDArray[np.float32]
    begins: NDArray[np.float32]
    rows: NDArray[np.float32]


class LayoutRunner:
    """One ONNX graph `(ids, boxes) → out` and the JSON beside it that says what the numbers mean."""

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        import onnxruntime

        if not model.exists():
            raise DocumentError(
                "layout-weights-missing",
                f"The layout model's weights are not at {model}.",
                "Reinstall the package, or train a model: rpa train.",
                kind="engine",
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.card: dict[str, Any] = json.loads(model.with_suffix(".json").read_text("utf-8"))
        self._check(model)
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def _check(self, model: Path) -> None:
        ours = {"tags": list(TAGS), "roles": list(ROLES), "parts": list(PARTS), "slots": SLOTS}
        if any(self.card.get(name) != value for name, value in ours.items()):
            raise DocumentError(
                "layout-weights-other",
                f"The weights at {model} were trained for another version of the layout model.",
                "Train them again with this version: rpa train.",
                kind="engine",
            )

    def __call__(self, page: Encoded) -> Beliefs:
        """The beliefs about a page's words; long pages are read in windows that overlap by half."""
        if not len(page.ids):
            return beliefs(np.zeros((0, self.card["outputs"]), dtype=np.float32))
        return beliefs(self._run(page, {"out": self.card["outputs"]})["out"])

    def with_hidden(self, page: Encoded) -> tuple[Beliefs, NDArray[np.float32]]:
        """The beliefs about a page's words and the network's hidden state of each, for a page with words."""
        size = self.session.get_outputs()[1].shape[2]
        found = self._run(page, {"out": self.card["outputs"], "hidden": size})
        return beliefs(found["out"]), found["hidden"]

    def _run(self, page: Encoded, widths: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
        found = {name: np.zeros((len(page.ids), width), dtype=np.float32) for name, width in widths.items()}
        for start, end, keep in windows(len(page.ids)):
            feed = {"ids": page.ids[None, start:end], "boxes": page.boxes[None, start:end]}
            for name, values in zip(widths, self.session.run(list(widths), feed), strict=True):
                found[name][keep:end] = values[0][keep - start :]
        return found


def windows(count: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, first word whose answer counts) of each window."""
    start = 0
    while True:
        end = min(count, start + LIMIT)
        yield start, end, start if start == 0 else start + STRIDE // 2
        if end == count:
            return
        start += STRIDE


def beliefs(out: NDArray[np.float32]) -> Beliefs:
    """Probabilities from the heads' raw numbers."""
    a, b = len(TAGS), len(TAGS) + len(ROLES)
    c = b + len(PARTS)
    return Beliefs(
        _softmax(out[:, :a]),
        _softmax(out[:, a:b]),
        _softmax(out[:, b:c]),
        _sigmoid(out[:, c]),
        _sigmoid(out[:, c + 1]),
    )


def _softmax(x: NDArray[np.float32]) -> NDArray[np.float32]:
    e = np.exp(x - x.max(axis=1, keepdims=True)) if len(x) else x
    return np.asarray(e / e.sum(axis=1, keepdims=True), dtype=np.float32) if len(x) else x


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float32)


@lru_cache(maxsize=4)
def shipped(name: str = SHIPPED) -> LayoutRunner:
    """The weights inside the package. Raises DocumentError `layout-weights-missing`."""
    return LayoutRunner(Path(str(files("ocr.layout").joinpath("weights", f"{name}.onnx"))))

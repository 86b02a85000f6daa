"""A checkpoint as one ONNX file that answers like the network, and the card beside it."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from ocr.layout.encode import ROWS, SLOTS
from ocr.layout.network import Exported, LayoutNet, load
from ocr.layout.tags import OUTPUT_COUNT, PARTS, ROLES, TAGS

Integers: TypeAlias = NDArray[np.int64]
EQUAL = 2e-3
"""The largest difference allowed between network and graph, in logits."""


def export(checkpoint: Path, target: Path, *, half: bool = True, card: dict[str, Any] | None = None) -> float:
    """Write `target` (.onnx) and its .json; returns the largest difference. `half` stores 16-bit weights.

    Raises ValueError where network and graph differ by more than EQUAL (0.05 with 16-bit weights).
    """
    net, _ = load(str(checkpoint))
    net.eval()
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(net, target)
    if half:
        halve(target)
    difference = compare(net, target)
    if difference > (0.05 if half else EQUAL):
        raise ValueError(f"the exported graph differs from the network by {difference:.4f}")
    described = {
        "name": target.stem,
        "tags": list(TAGS),
        "roles": list(ROLES),
        "parts": list(PARTS),
        "slots": SLOTS,
        "outputs": OUTPUT_COUNT,
        "parameters": sum(p.numel() for p in net.parameters()),
        "difference": difference,
        **(card or {}),
    }
    target.with_suffix(".json").write_text(
        json.dumps(described, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    return difference


def _write(net: LayoutNet, target: Path) -> None:
    ids, boxes = sample(24, 2)
    axes = {
        "ids": {0: "pages", 1: "words"},
        "boxes": {0: "pages", 1: "words"},
        "out": {0: "pages", 1: "words"},
        "hidden": {0: "pages", 1: "words"},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(net).eval(),
            (torch.from_numpy(ids), torch.from_numpy(boxes)),
            str(target),
            input_names=["ids", "boxes"],
            output_names=["out", "hidden"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def halve(path: Path) -> None:
    """Store large weights in 16 bits; a Cast brings them back to 32 when the graph is loaded."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(path))
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 1024:
            continue
        small = numpy_helper.from_array(
            numpy_helper.to_array(tensor).astype(np.float16), tensor.name + "_half"
        )
        casts.append(helper.make_node("Cast", [small.name], [tensor.name], to=TensorProto.FLOAT))
        graph.initializer.remove(tensor)
        graph.initializer.append(small)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def sample(words: int, pages: int = 1, seed: int = 0) -> tuple[Integers, Integers]:
    """Random input of the right form, the last words of the last page padding."""
    source = np.random.default_rng(seed)
    ids = source.integers(1, ROWS, (pages, words, SLOTS))
    ids[-1, -3:] = 0
    corners = source.integers(0, 900, (pages, words, 2))
    return ids, np.concatenate([corners, corners + source.integers(1, 90, (pages, words, 2))], axis=2)


def compare(net: LayoutNet, path: Path) -> float:
    """The largest difference of network and graph over pages of several lengths (padding aside)."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for words in (5, 60, 300):
        ids, boxes = sample(words, 1, words)
        with torch.no_grad():
            ours = net(torch.from_numpy(ids), torch.from_numpy(boxes)).numpy()
        theirs = session.run(["out"], {"ids": ids, "boxes": boxes})[0]
        worst = max(worst, float(np.abs(ours - theirs)[:, : words - 3].max()))
    return worst


def main() -> int:
    """`python -m ocr.layout.export CHECKPOINT TARGET.onnx`."""
    parser = argparse.ArgumentParser(prog="python -m ocr.layout.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--full", action="store_true", help="32-bit weights")
    asked = parser.parse_args()
    difference = export(asked.checkpoint, asked.target, half=not asked.full)
    print(f"{asked.target}: {asked.target.stat().st_size / 1e6:.1f} MB, differs by {difference:.5f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

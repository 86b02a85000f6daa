"""A checkpoint of the Hangul recogniser as one ONNX file that any PP-OCR reader takes, 16-bit weights, the
dictionary in its metadata; compared with the network before it counts; and the model card beside it.

    python -m ocr.training.hangul_export OUT [--target FILE.onnx]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from ocr.layout.export import halve
from ocr.training.hangul_alphabet import FIRST, SYLLABLES, everyday, exported
from ocr.training.hangul_card import write_card
from ocr.training.hangul_check import check_lines, stacked
from ocr.training.hangul_net import Exported, HangulNet, from_base

TARGET = Path(__file__).parents[1] / "reading" / "weights" / "hangul_rec.onnx"
_MEASURED = Path(__file__).parent / "recipes" / "hangul_measured.md"
RARE = -3.0
"""Added to the logits of syllables outside KS X 1001: print has one among some 10,000."""
_EQUAL = 0.998


def trained(out: Path) -> HangulNet:
    """The network as its last step left it: its rate has sunk, and the running mean of a short run lags behind."""
    net = from_base(0)
    net.load_state_dict(torch.load(out / "checkpoint.pt", weights_only=True)["net"])
    return net.eval()


def prior() -> Tensor:
    common = set(everyday())
    return torch.tensor([0.0 if chr(FIRST + code) in common else RARE for code in range(SYLLABLES)])


def export(net: HangulNet, target: Path) -> tuple[float, float]:
    """Writes `target`; see `compare`. Raises ValueError where fewer than 998 of 1,000 steps answer alike."""
    whole = Exported(net, prior()).eval()
    target.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            whole,
            (torch.zeros(2, 3, 48, 320),),
            str(target),
            input_names=["x"],
            output_names=["chances"],
            dynamic_axes={"x": {0: "lines", 3: "width"}, "chances": {0: "lines", 1: "steps"}},
            opset_version=17,
            dynamo=False,
        )
    halve(target)
    _describe(target)
    difference, equal = compare(whole, target)
    if equal < _EQUAL:
        raise ValueError(f"the exported graph answers like the network at {100 * equal:.2f} % of all steps only")
    return difference, equal


def _describe(target: Path) -> None:
    model = onnx.load(str(target))
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {"character": "\n".join(exported())})
    onnx.save(model, str(target))


def compare(whole: Exported, target: Path) -> tuple[float, float]:
    """On lines it never saw, in batches and widths it was not traced with: the mean difference of the chance
    of the most likely character, and the share of steps with the same one."""
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    apart, alike = [], []
    for rows in (1, 3, 8, 20):
        pixels, _ = stacked(check_lines("damaged", 400)[rows : 2 * rows])
        with torch.inference_mode():
            ours = whole(pixels).numpy()
        theirs = session.run(None, {"x": pixels.numpy()})[0]
        apart.append(np.abs(ours.max(-1) - theirs.max(-1)).ravel())
        alike.append((ours.argmax(-1) == theirs.argmax(-1)).ravel())
    return float(np.concatenate(apart).mean()), float(np.concatenate(alike).mean())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--target", type=Path, default=TARGET)
    asked = parser.parse_args(arguments)
    difference, equal = export(trained(asked.out), asked.target)
    data = asked.target.read_bytes()
    told_of = [file.read_text("utf-8") if file.is_file() else "" for file in (_MEASURED, asked.out / "note.md")]
    write_card(asked.out, asked.target, equal, *told_of)
    told = {"difference": difference, "equal": equal, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())

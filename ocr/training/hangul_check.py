"""How well the network reads lines it is never trained on, measured in character error rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from ocr.training.hangul_alphabet import OTHERS, PLAIN, syllable
from ocr.training.hangul_ctc import split
from ocr.training.hangul_fonts import unseen_face
from ocr.training.hangul_net import STRIDE, HangulNet
from ocr.training.hangul_pages import LineImage, Mix, lines

_CLEAN = Mix(reworded=0.0, refaced=0.0, damaged=0.0, worn=0.0)
CHECKS: dict[str, Mix] = {
    "clean": _CLEAN,
    "damaged": Mix(reworded=0.0, refaced=0.0, damaged=1.0, worn=0.0),
    "faxes": Mix(reworded=0.0, refaced=0.0, damaged=1.0, faxed=1.0, worn=0.0),
    "random words": Mix(reworded=1.0, invented=1.0, refaced=0.0, damaged=0.5, worn=0.0),
    "unseen fonts": Mix(reworded=1.0, invented=0.5, refaced=1.0, damaged=0.5, worn=0.3, face=unseen_face),
}
"""Documents' own words on clean and damaged pages and on faxes; random syllables; fonts that no training line has."""
_SEED = 9_000_000
_ROWS = 16


@dataclass(frozen=True, slots=True)
class Errors:
    """Character errors, spaces left out, over the characters there were."""

    edits: int
    characters: int

    @property
    def rate(self) -> float:
        return self.edits / max(1, self.characters)


@lru_cache(maxsize=8)
def check_lines(name: str, count: int) -> tuple[LineImage, ...]:
    return tuple(islice(lines(_SEED, CHECKS[name]), count))


def measure(net: HangulNet, name: str, count: int = 400) -> Errors:
    wanted = sorted(check_lines(name, count), key=lambda line: line.pixels.shape[1])
    read = [text for at in range(0, count, _ROWS) for text in read_lines(net, wanted[at : at + _ROWS])]
    pairs = [(line.text.replace(" ", ""), text.replace(" ", "")) for line, text in zip(wanted, read, strict=True)]
    return Errors(sum(Levenshtein.distance(*pair) for pair in pairs), sum(len(want) for want, _ in pairs))


def read_lines(net: HangulNet, batch: Sequence[LineImage]) -> list[str]:
    """Greedy decoding."""
    pixels, steps = stacked(batch)
    net.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(pixels).float()
    return [_text(row[:count]) for row, count in zip(logits, steps.tolist(), strict=True)]


def stacked(batch: Sequence[LineImage]) -> tuple[Tensor, Tensor]:
    """(n, 3, 48, w) BGR in [-1, 1], padded with 0 to a multiple of 32, and each line's steps."""
    width = -(-max(line.pixels.shape[1] for line in batch) // 32) * 32
    made = np.zeros((len(batch), 48, width, 3), np.float32)
    for row, line in enumerate(batch):
        made[row, :, : line.pixels.shape[1]] = line.pixels[:, :, ::-1] / np.float32(127.5) - np.float32(1)
    steps = [min(width // STRIDE, -(-line.pixels.shape[1] // STRIDE) + 1) for line in batch]
    return torch.from_numpy(made).permute(0, 3, 1, 2), torch.tensor(steps)


def _text(logits: Tensor) -> str:
    others, *parts = split(logits)
    hangul = torch.stack([part.max(-1).values for part in parts]).sum(0)
    marks = torch.stack([part.argmax(-1) for part in parts], 1).tolist()
    best, value = others.argmax(-1).tolist(), others.max(-1).values
    classes = [tuple(jamo) if h > o else b for jamo, b, h, o in zip(marks, best, hangul, value, strict=True)]
    return "".join(_char(found) for found, _ in groupby(classes) if found != 0)


def _char(found: int | tuple[int, ...]) -> str:
    if isinstance(found, tuple):
        return syllable(*found)
    return " " if found == OTHERS - 1 else PLAIN[found - 1]

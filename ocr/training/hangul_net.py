"""The network: PP-OCRv6 small's backbone and neck as they are shipped, with a head that scores jamo.

The old classifier's rows are kept for every character it knows. For the export the sums over initial, medial
and final are multiplied out: one ordinary linear layer over 11,332 characters, as any PP-OCR recogniser has.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ocr.models import file_of
from ocr.models.onnxgraph import read_graph
from ocr.models.paddledir import characters_of
from ocr.models.transformers_dir import loaded
from ocr.training.hangul_alphabet import FINALS, INITIALS, MEDIALS, OTHERS, PLAIN, SYLLABLES
from ocr.training.hangul_ctc import WIDTH

BASE = "PP-OCRv6_small_rec"
STRIDE = 8
"""Pixels of a crop for each step of the output."""
_FRESH = 0.02


class HangulNet(nn.Module):
    """Crops (n, 3, 48, w) to logits (n, w / 8, WIDTH): the others, then initials, medials, finals."""

    def __init__(self, base: Any) -> None:
        super().__init__()
        self.backbone, self.neck = base.model, base.head.encoder
        features = int(base.head.head.in_features)
        self.classes = nn.Linear(features, WIDTH)

    def forward(self, pixels: Tensor) -> Tensor:
        features: Tensor = _features(self, pixels)
        made: Tensor = self.classes(features)
        return made

    def train(self, mode: bool = True) -> HangulNet:
        """The norms keep the statistics the base was shipped with: its folded biases stand in them."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


class Exported(nn.Module):
    """The same network with the head multiplied out and its softmax, as PP-OCR writes it: blank, PLAIN, the
    syllables, space. `prior` (SYLLABLES) is added to the syllables' logits."""

    def __init__(self, net: HangulNet, prior: Tensor) -> None:
        super().__init__()
        self.backbone, self.neck = net.backbone, net.neck
        self.head = multiplied_out(net.classes, prior)

    def forward(self, pixels: Tensor) -> Tensor:
        features = _features(self, pixels)
        return torch.softmax(self.head(features), dim=2)


def _features(net: Any, pixels: Tensor) -> Tensor:
    made: Tensor = net.neck(net.backbone(pixel_values=pixels).last_hidden_state).last_hidden_state
    return made


def multiplied_out(head: nn.Linear, prior: Tensor) -> nn.Linear:
    """One row for each syllable: the sum of its three."""
    rows = torch.cat([head.weight, head.bias[:, None]], 1).detach()
    others, initials, medials, finals = torch.split(rows, [OTHERS, INITIALS, MEDIALS, FINALS])
    syllables = (initials[:, None, None] + medials[None, :, None] + finals[None, None, :]).flatten(0, 2)
    syllables[:, -1] += prior
    made = nn.Linear(head.in_features, OTHERS + SYLLABLES)
    both = torch.cat([others[:-1], syllables, others[-1:]])
    with torch.no_grad():
        made.weight.copy_(both[:, :-1])
        made.bias.copy_(both[:, -1])
    return made


def from_base(seed: int) -> HangulNet:
    """The network before training."""
    torch.manual_seed(seed)
    source = file_of(BASE)
    base: Any = loaded(BASE, read_graph(source))
    net = HangulNet(base)
    _keep_rows(net.classes, base.head.head, characters_of(source))
    return net.eval()


def _keep_rows(head: nn.Linear, old: nn.Linear, characters: list[str]) -> None:
    """Rows of characters both know, the blank and the space included; the others start near nothing. Syllables
    start as likely, all together, as the Han characters were that the base took them for."""
    places = {char: index + 1 for index, char in enumerate(characters)}
    with torch.no_grad():
        head.weight.normal_(0, _FRESH)
        head.bias.zero_()
        head.bias[:OTHERS] = float(old.bias.min())
        for row, char in enumerate(["", *PLAIN, " "]):
            at = 0 if row == 0 else len(characters) + 1 if char == " " else places.get(char)
            if at is not None:
                head.weight[row], head.bias[row] = old.weight[at], old.bias[at]

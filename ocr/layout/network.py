"""The network: hashed words + layout → transformer with trained relative 2-D bias → heads. Torch only here.

Layers and spatial embeddings are LayoutLMv3's classes without pixels. Its encoder is not used, because it
looks its relative biases up under `no_grad`: from scratch they would never be trained.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import LayoutLMv3Config
from transformers.models.layoutlmv3.modeling_layoutlmv3 import LayoutLMv3Layer, LayoutLMv3TextEmbeddings

from ocr.layout.encode import LIMIT, ROWS
from ocr.layout.tags import PARTS, ROLES, TAGS


@dataclass(frozen=True, slots=True)
class Size:
    """What fixes the network's size."""

    hidden: int = 192
    layers: int = 4
    heads: int = 6
    inner: int = 576
    bins: int = 48
    dropout: float = 0.1


OUTPUTS: dict[str, int] = {"tag": len(TAGS), "role": len(ROLES), "part": len(PARTS), "begin": 1, "row": 1}


def heads_slices() -> dict[str, tuple[int, int]]:
    """Where each head's numbers stand in the output."""
    at, found = 0, {}
    for name, width in OUTPUTS.items():
        found[name] = (at, at + width)
        at += width
    return found


def _table(size: Size) -> nn.Embedding:
    table = nn.Embedding(size.bins, size.heads)
    nn.init.normal_(table.weight, std=0.02)
    return table


class Relative(nn.Module):
    """A trained bias for each head from two words' distances: left edges, right edges, middles, order."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.bins = size.bins
        self.tables = nn.ModuleList([_table(size) for _ in range(4)])

    def _bucket(self, distance: Tensor, reach: float) -> Tensor:
        """Signed distance → bin: exact near zero, logarithmic up to `reach`."""
        half = self.bins // 2
        exact = half // 2
        size = distance.abs().float()
        far = exact + torch.log(size.clamp(min=1.0) / exact).clamp(min=0.0) / math.log(reach / exact) * (
            half - exact
        )
        near = torch.where(size < exact, size, far).clamp(max=half - 1).long()
        return near + (distance > 0).long() * half

    def forward(self, boxes: Tensor) -> Tensor:
        count = boxes.shape[1]
        order = torch.arange(count, device=boxes.device).unsqueeze(0)
        middle = (boxes[..., 1] + boxes[..., 3]) // 2
        lines = ((boxes[..., 0], 700.0), (boxes[..., 2], 700.0), (middle, 700.0), (order, 128.0))
        bias: Tensor | int = 0
        for table, (value, reach) in zip(self.tables, lines, strict=True):
            bias = bias + table(self._bucket(value.unsqueeze(1) - value.unsqueeze(2), reach))
        assert isinstance(bias, Tensor)
        return bias.permute(0, 3, 1, 2)


class LayoutNet(nn.Module):
    """(ids, boxes) → numbers for each word, the heads side by side (`heads_slices`)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        config = _config(size)
        self.words = nn.Embedding(ROWS, size.hidden, padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.04)
        with torch.no_grad():
            self.words.weight[0].zero_()
        self.place = LayoutLMv3TextEmbeddings(config)  # type: ignore[no-untyped-call]
        self.bias = Relative(size)
        self.layers = nn.ModuleList(
            [LayoutLMv3Layer(config) for _ in range(size.layers)]  # type: ignore[no-untyped-call]
        )
        self.head = nn.Sequential(nn.Dropout(size.dropout), nn.Linear(size.hidden, sum(OUTPUTS.values())))

    def encode(self, ids: Tensor, boxes: Tensor) -> Tensor:
        """Hidden states; a word whose ids are all 0 is padding."""
        mask = (ids != 0).any(dim=2)
        embedded = self.words(ids).sum(dim=2)
        order = (torch.arange(ids.shape[1], device=ids.device) + 2).unsqueeze(0).expand(ids.shape[0], -1)
        hidden = self.place(bbox=boxes, inputs_embeds=embedded, position_ids=order)
        bias = self.bias(boxes)
        closed = (1.0 - mask[:, None, None, :].float()) * -10000.0
        nothing = torch.zeros(1, dtype=bias.dtype, device=bias.device)
        for layer in self.layers:
            hidden = layer(hidden, closed, rel_pos=bias, rel_2d_pos=nothing)
        assert isinstance(hidden, Tensor)
        return hidden

    def forward(self, ids: Tensor, boxes: Tensor) -> Tensor:
        out: Tensor = self.head(self.encode(ids, boxes))
        return out


class Exported(nn.Module):
    """The network with its hidden states as a second answer: the link head works on them."""

    def __init__(self, net: LayoutNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.net.encode(ids, boxes)
        return self.net.head(hidden), hidden


def _config(size: Size) -> LayoutLMv3Config:
    coordinate = size.hidden // 6
    return LayoutLMv3Config(
        vocab_size=8,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.inner,
        max_position_embeddings=LIMIT + 8,
        max_2d_position_embeddings=1024,
        coordinate_size=coordinate,
        shape_size=(size.hidden - 4 * coordinate) // 2,
        visual_embed=False,
        type_vocab_size=1,
        hidden_dropout_prob=size.dropout,
        attention_probs_dropout_prob=0.0,
    )


def save(net: LayoutNet, path: str, extra: dict[str, Any]) -> None:
    """A checkpoint with the size that it needs."""
    torch.save({"size": asdict(net.size), "state": net.state_dict(), **extra}, path)


def load(path: str) -> tuple[LayoutNet, dict[str, Any]]:
    """The network of a checkpoint, and the rest of what was saved."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    net = LayoutNet(Size(**saved.pop("size")))
    net.load_state_dict(saved.pop("state"))
    return net, saved

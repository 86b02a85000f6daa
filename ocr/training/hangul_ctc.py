"""The CTC loss (Graves et al. 2006) over 11,172 syllables at the cost of 68.

A syllable's logit is the sum of three; over the full product of initials, medials and finals the sum of its
exponentials is the product of three sums. So the normaliser is exact and small, and CTC itself needs the
chances of the line's own characters only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ocr.training.hangul_alphabet import BLANK, FINALS, INITIALS, MEDIALS, OTHERS, is_syllable, jamo, other_classes

WIDTH = OTHERS + INITIALS + MEDIALS + FINALS
"""Numbers the network gives for each step."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Texts of a batch for CTC: `classes` (n, u, 4) are the distinct characters of each line (class among the
    others, initial, medial, final), `hangul` (n, u) which of them are syllables, `order` (n, l) the line as
    numbers of those characters from 1, `lengths` how long each is."""

    classes: Tensor
    hangul: Tensor
    order: Tensor
    lengths: Tensor


def targets_of(texts: Sequence[str]) -> Targets:
    distinct = [list(dict.fromkeys(text)) for text in texts]
    most, longest = max(map(len, distinct)), max(map(len, texts))
    classes = torch.zeros(len(texts), most, 4, dtype=torch.long)
    hangul = torch.zeros(len(texts), most, dtype=torch.bool)
    order = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, (text, chars) in enumerate(zip(texts, distinct, strict=True)):
        for column, char in enumerate(chars):
            hangul[row, column] = is_syllable(char)
            classes[row, column] = torch.tensor(_numbers(char))
        places = {char: at + 1 for at, char in enumerate(chars)}
        order[row, : len(text)] = torch.tensor([places[char] for char in text])
    return Targets(classes, hangul, order, torch.tensor([len(text) for text in texts]))


def _numbers(char: str) -> tuple[int, int, int, int]:
    return (0, *jamo(char)) if is_syllable(char) else (other_classes()[char], 0, 0, 0)


def split(logits: Tensor) -> tuple[Tensor, ...]:
    """(others, initials, medials, finals)."""
    return torch.split(logits, [OTHERS, INITIALS, MEDIALS, FINALS], dim=-1)


def log_total(logits: Tensor) -> Tensor:
    """Logarithm of the sum of the exponentials of all classes' logits."""
    others, *parts = (part.logsumexp(-1) for part in split(logits))
    return torch.logaddexp(others, torch.stack(parts).sum(0))


def loss(logits: Tensor, targets: Targets, steps: Tensor) -> Tensor:
    """Mean over the lines of the loss for each character. `logits` (n, t, WIDTH), `steps` (n) how many of the
    t belong to the line."""
    chances = _emissions(logits.float(), targets).transpose(0, 1)
    each: Tensor = _Ctc.apply(chances, targets.order, steps, targets.lengths)  # type: ignore[no-untyped-call]
    return (each / targets.lengths).mean()


def _emissions(logits: Tensor, targets: Targets) -> Tensor:
    """(n, t, 1 + u): log chances of the blank and of each line's own characters."""
    parts = split(logits)
    size = (-1, logits.shape[1], -1)
    picked = [part.gather(2, targets.classes[:, None, :, k].expand(size)) for k, part in enumerate(parts)]
    own = torch.where(targets.hangul[:, None], picked[1] + picked[2] + picked[3], picked[0])
    blank = parts[0][..., BLANK : BLANK + 1]
    return torch.cat([blank, own], -1) - log_total(logits)[..., None]


class _Ctc(torch.autograd.Function):
    """torch's CTC takes for granted that its input comes straight from a softmax over the columns it sees, and
    puts that softmax's share into the gradient; ours does not, so the share is taken out again."""

    @staticmethod
    def forward(ctx: Any, chances: Tensor, order: Tensor, steps: Tensor, lengths: Tensor) -> Tensor:
        taken, given = steps.tolist(), lengths.tolist()
        each, alpha = torch.ops.aten._ctc_loss(chances, order, taken, given, BLANK, True)
        ctx.save_for_backward(chances, order, each, alpha)
        ctx.lengths = (taken, given)
        return torch.where(each.isinf(), 0.0, each)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        chances, order, each, alpha = ctx.saved_tensors
        taken, given = ctx.lengths
        (grad,) = gradients
        made = torch.ops.aten._ctc_loss_backward(
            grad.contiguous(), chances, order, taken, given, each, alpha, BLANK, True
        )
        inside = torch.arange(chances.shape[0])[:, None] < torch.tensor(taken)[None]
        share = chances.exp() * (grad * each.isfinite())[None, :, None] * inside[..., None]
        return made - share, None, None, None

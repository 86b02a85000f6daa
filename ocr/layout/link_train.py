"""The link head learns from made pages whose questions and answers are known. The network stays as it is.

`python -m ocr.layout.link_train CHECKPOINT OUT.npz`; `rpa train` does it at the end of every training.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ocr.layout.batches import Example, example
from ocr.layout.links import GEOMETRY, LABEL, VALUE, Entity, Floats, entities, geometry
from ocr.layout.network import LayoutNet, load
from ocr.layout.questions import asked, renamed
from ocr.layout.samples import of_synthetic
from ocr.layout.tags import PARTS
from ocr.synthetic.corpus import CorpusSpec, documents
from ocr.synthetic.document import SyntheticDocument, TruthWord
from ocr.synthetic.goods import TRADE

MIX: Mapping[str, float] = {"form": 0.7, "bank_slip": 0.15, "utility_bill": 0.05, "invoice": 0.1}
PAGES, SEED, EPOCHS, RATE = 900, 301, 12, 3e-3
WIDE = 96
NOTHING = 0
"""The row of «no question»."""


@dataclass(frozen=True, slots=True)
class LinkPage:
    """One page: the hidden states of its words and their parts, those of its questions and answers, how they stand,
    and each answer's row.
    """

    hidden: Tensor
    parts: Tensor
    asked: Tensor
    told: Tensor
    places: Tensor
    rows: Tensor


class LinkNet(nn.Module):
    """`ocr.layout.links.LinkHead` while it learns."""

    def __init__(self, hidden: int, size: int = 32, inner: int = 32) -> None:
        super().__init__()
        self.wide = nn.Parameter(torch.randn(hidden, WIDE) / hidden**0.5)
        self.wide_bias = nn.Parameter(torch.zeros(WIDE))
        self.part = nn.Parameter(torch.randn(WIDE, len(PARTS)) / WIDE**0.5)
        self.part_bias = nn.Parameter(torch.zeros(len(PARTS)))
        self.question = nn.Parameter(torch.randn(hidden, size) * 0.02)
        self.answer = nn.Parameter(torch.randn(hidden, size) * 0.02)
        self.inner = nn.Parameter(torch.randn(GEOMETRY, inner) * 0.3)
        self.inner_bias = nn.Parameter(torch.zeros(inner))
        self.outer = nn.Parameter(torch.randn(inner) * 0.3)
        self.none = nn.Parameter(torch.zeros(1))

    def forward(self, page: LinkPage) -> Tensor:
        """(answers, 1 + questions) logits."""
        q, a = page.asked @ self.question, page.told @ self.answer
        inner = functional.relu(page.places @ self.inner + self.inner_bias)
        fit = q @ a.T / q.shape[1] ** 0.5 + inner @ self.outer
        return torch.cat([self.none.expand(1, a.shape[0]), fit]).T

    def loss(self, page: LinkPage) -> Tensor:
        """Of the words' parts and of the answers' questions."""
        wide = functional.dropout(functional.relu(page.hidden @ self.wide + self.wide_bias), 0.2)
        parts = functional.cross_entropy(wide @ self.part + self.part_bias, page.parts)
        return parts + functional.cross_entropy(self(page), page.rows)

    def weights(self) -> dict[str, Floats]:
        return {name: value.detach().numpy().copy() for name, value in self.named_parameters()}


def pages_of(net: LayoutNet, made: Iterable[SyntheticDocument], rng: Random) -> Iterator[LinkPage]:
    """Pages of made documents as the network sees them; half of them with questions that no maker's list holds."""
    net.eval()
    for document in made:
        words = list(document.truth.words)
        if rng.random() < 0.5:
            goods = [good.text for good in TRADE[document.language]]
            words = renamed(words, {link: _question(goods, rng) for link in asked(words)})
        for number, sample in enumerate(of_synthetic(document, words), 1):
            page = _page(net, example(sample), [w for w in words if w.page == number])
            if page is not None:
                yield page


def _question(goods: Sequence[str], rng: Random) -> str:
    return " ".join(rng.sample(rng.choice(goods).split() + rng.choice(goods).split(), rng.choice((1, 1, 2))))


def _page(net: LayoutNet, ready: Example, words: Sequence[TruthWord]) -> LinkPage | None:
    page = ready.encoded
    sure = np.eye(len(PARTS), dtype=np.float32)[ready.parts]
    links = [words[token.key].link for token in page.tokens]
    questions, answers = entities(page, sure, LABEL), entities(page, sure, VALUE)
    if not questions or not answers:
        return None
    with torch.no_grad():
        hidden = net.encode(torch.from_numpy(page.ids[None]), torch.from_numpy(page.boxes[None]))[0]
    height = float(np.median([t.height for t in page.tokens]))
    return LinkPage(
        hidden,
        torch.from_numpy(ready.parts),
        hidden[[q.words[0] for q in questions]],
        hidden[[a.words[0] for a in answers]],
        torch.from_numpy(geometry(questions, answers, height)),
        torch.tensor(_rows(questions, answers, links)),
    )


def _rows(questions: Sequence[Entity], answers: Sequence[Entity], links: Sequence[int | None]) -> list[int]:
    """For each answer 1 + the place of its question, NOTHING where it has none."""
    known: dict[int, int] = {}
    for i, question in enumerate(questions, 1):
        name = links[question.words[0]]
        if name is not None:
            known.setdefault(name, i)
    names = [links[answer.words[0]] for answer in answers]
    return [known.get(name, NOTHING) if name is not None else NOTHING for name in names]


def fit(pages: Sequence[LinkPage], hidden: int, *, epochs: int = EPOCHS, seed: int = SEED) -> LinkNet:
    """The head after `epochs` rounds over the pages."""
    torch.manual_seed(seed)
    net = LinkNet(hidden)
    steps = max(1, epochs * len(pages))
    chooser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01)
    falling = torch.optim.lr_scheduler.OneCycleLR(chooser, RATE, total_steps=steps)
    for _ in range(epochs):
        for i in torch.randperm(len(pages)).tolist():
            loss = net.loss(pages[i])
            chooser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            chooser.step()
            falling.step()
    return net


def right(net: LinkNet, pages: Iterable[LinkPage]) -> float:
    """The share of answers that get their own question (or rightly none)."""
    with torch.no_grad():
        hits = [(net(page).argmax(dim=1) == page.rows).float() for page in pages]
    return float(torch.cat(hits).mean())


def train_links(checkpoint: Path, out: Path, *, pages: int = PAGES, seed: int = SEED) -> float:
    """Write the head's weights (.npz); returns the share of answers rightly linked on held-out pages."""
    net, _ = load(str(checkpoint))
    spec = CorpusSpec(count=pages, kinds=MIX, languages=("en", "de", "ko", "fr"), damaged=0.0)
    made = list(pages_of(net, documents(spec, seed), Random(seed)))
    held = max(1, len(made) // 10)
    head = fit(made[held:], net.size.hidden, seed=seed)
    np.savez(out, **{name: value.astype(np.float16) for name, value in head.weights().items()})  # type: ignore[arg-type]
    return round(right(head, made[:held]), 4)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ocr.layout.link_train", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, default=PAGES)
    given = parser.parse_args()
    print(json.dumps({"linked": train_links(given.checkpoint, given.out, pages=given.pages)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Published layout checkpoints as field finders, from a folder or by hub id where a site has them.

A checkpoint is a token classifier of the `transformers` families BROS, LiLT, LayoutLM (v1) or LayoutLMv3, fine-tuned on
documents: its labels (`B-TOTAL`, `I-TOTAL`, `O`) become fields by name, or as `labels` says. Nothing is downloaded
unless the id is no folder and the site's settings let `transformers` do it. Weights whose licence forbids commercial
use are refused until it is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr.doctypes.model import Doctype
from ocr.errors import DocumentError
from ocr.fields.finder import Candidate, Row
from ocr.fields.typed.locale import Convention, convention_of
from ocr.fields.typed.parse import parse
from ocr.values import Reading, Word

PIECES = 480
"""Pieces of words in one window; the families know 512 places."""


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of checkpoint: the licence of the weights its authors published, whether they may be sold with."""

    licence: str
    free: bool
    grid: int
    """Boxes are whole numbers up to this; 0: fractions of the page."""


FAMILIES: Mapping[str, Family] = {
    "bros": Family("Apache-2.0", True, 0),
    "lilt": Family("MIT", True, 1000),
    "layoutlm": Family("MIT", True, 1000),
    "layoutlmv3": Family("CC BY-NC-SA 4.0 (no commercial use)", False, 1000),
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of a word: its number, and the word's place in the page."""

    id: int
    word: int


class PublishedFinder:
    """Implements `FieldFinder` with a published checkpoint.

    `source`: a folder with `config.json`, weights and a fast tokenizer, or a hub id. `labels`: label of the checkpoint
    (without `B-`) → field; by default labels are field names. Raises `DocumentError` (`layout-model-unknown` where
    it cannot be loaded or is of another family, `layout-licence` where the licence must be accepted first).
    """

    def __init__(
        self,
        source: str | Path,
        labels: Mapping[str, str] | None = None,
        *,
        accept_licence: bool = False,
        device: str = "cpu",
    ) -> None:
        self.config, self.tokenizer, self.model = _loaded(str(source))
        self.family = FAMILIES[self.config.model_type]
        if not self.family.free and not accept_licence:
            raise DocumentError(
                "layout-licence",
                f"The weights of {source} are under {self.family.licence}.",
                "Accept the licence for this use first (accept_licence), or take BROS or LiLT.",
                kind="flow",
                details={"source": str(source), "licence": self.family.licence},
            )
        self.model.to(device).eval()
        self.device, self.labels = device, {k.casefold(): v for k, v in (labels or {}).items()}
        self.name = f"{self.config.model_type}:{Path(str(source)).name}"

    @property
    def licence(self) -> str:
        """The licence of the family's published weights."""
        return self.family.licence

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """For each field the values that the checkpoint believes in, best first."""
        convention, found = convention_of(reading.text, doctype.locale), dict[str, list[Candidate]]()
        for page in reading.pages:
            for entity, words, score in _runs(self._words(page.words), page.words):
                name = self.labels.get(entity.casefold(), entity.casefold())
                item = _candidate(name, words, score, doctype, convention)
                if item is not None:
                    found.setdefault(name, []).append(item)
        return {name: sorted(items, key=lambda c: -c.score) for name, items in found.items()}

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """Published checkpoints of these kinds name fields; line items come from the rules."""
        return []

    def _words(self, words: Sequence[Word]) -> list[tuple[str, float]]:
        """The likeliest label of each word and its probability, by the word's first piece."""
        pieces, found = self._pieces(words), [("O", 1.0)] * len(words)
        for start in range(0, len(pieces), PIECES):
            window = pieces[start : start + PIECES]
            seen: set[int] = set()
            for piece, belief in zip(window, self._beliefs(window, words), strict=True):
                if piece.word not in seen:
                    seen.add(piece.word)
                    best = int(belief.argmax())
                    found[piece.word] = (self.config.id2label[best], float(belief[best]))
        return found

    def _pieces(self, words: Sequence[Word]) -> list[_Piece]:
        encoder = self.tokenizer.backend_tokenizer
        spaced = not type(self.tokenizer).__name__.startswith(("Bert", "LayoutLMTokenizer"))
        pieces = []
        for place, word in enumerate(words):
            ids = encoder.encode((" " if spaced else "") + word.text, add_special_tokens=False).ids
            pieces += [_Piece(number, place) for number in ids]
        return pieces

    def _beliefs(self, window: Sequence[_Piece], words: Sequence[Word]) -> Any:
        """(pieces, labels) probabilities."""
        import torch

        first = self.tokenizer.cls_token_id if self.tokenizer.cls_token_id is not None else 0
        last = self.tokenizer.sep_token_id if self.tokenizer.sep_token_id is not None else 0
        ids = torch.tensor([[first, *(piece.id for piece in window), last]], device=self.device)
        boxes = [[0.0] * 4, *(_box(words[piece.word]) for piece in window), [1.0] * 4]
        grid = self.family.grid
        bbox = torch.tensor([boxes], device=self.device)
        bbox = (bbox.clamp(0, 1) * grid).long() if grid else bbox.clamp(0, 1)
        with torch.no_grad():
            logits = self.model(input_ids=ids, bbox=bbox, attention_mask=torch.ones_like(ids)).logits[0]
        return logits.softmax(-1)[1 : len(window) + 1].cpu().numpy()


def _box(word: Word) -> list[float]:
    return [word.box.x0, word.box.y0, word.box.x1, word.box.y1]


def _loaded(source: str) -> tuple[Any, Any, Any]:
    from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer

    try:
        config = AutoConfig.from_pretrained(source)
        if config.model_type not in FAMILIES:
            raise ValueError(f"it is a {config.model_type}; known are {', '.join(FAMILIES)}")
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True)
        return config, tokenizer, AutoModelForTokenClassification.from_pretrained(source)
    except (OSError, ValueError, KeyError) as error:
        raise DocumentError(
            "layout-model-unknown",
            f"{source} is no layout checkpoint that can be loaded: {str(error).splitlines()[0]}",
            "Give a folder with config.json, the weights and a fast tokenizer of BROS, LiLT, LayoutLM or LayoutLMv3.",
            kind="flow",
            details={"source": source, "reason": str(error).splitlines()[0]},
        ) from error


def _runs(labels: Sequence[tuple[str, float]], words: Sequence[Word]) -> Iterator[tuple[str, tuple[Word, ...], float]]:
    """Neighbouring words of one entity (`B-`, then `I-`), with their mean belief."""
    start = 0
    while start < len(labels):
        entity = _parted(labels[start][0])[1]
        end = start + 1
        while entity and end < len(labels) and _parted(labels[end][0]) == ("I", entity):
            end += 1
        if entity:
            yield entity, tuple(words[start:end]), sum(b for _, b in labels[start:end]) / (end - start)
        start = end


def _parted(label: str) -> tuple[str, str]:
    """`B-TOTAL` → (`B`, `TOTAL`); `O` → (`O`, ``)."""
    head, _, entity = label.partition("-")
    return (head.upper(), entity) if entity else ("O", "")


def _candidate(
    name: str, words: tuple[Word, ...], score: float, doctype: Doctype, convention: Convention
) -> Candidate | None:
    spec = doctype.fields.get(name)
    raw = " ".join(word.text for word in words).strip(" :;,|")
    value = parse(raw, spec.type, convention) if spec is not None and raw else None
    return None if value is None else Candidate(name, value, raw, words, "model", score, {})

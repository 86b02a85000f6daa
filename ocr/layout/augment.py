"""Changes that a page's meaning survives: other vendors, other cases, misread letters, lost and glued words,
moved boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from ocr.layout.samples import IGNORE, Sample
from ocr.layout.tags import INDEX
from ocr.synthetic import names
from ocr.synthetic.regions import MY, REGIONS, SG

NAME, ADDRESS = INDEX["supplier_name"], INDEX["supplier_address"]
CONFUSED: dict[str, str] = {
    "0": "OoDQ8", "O": "0QDC", "1": "Il|7", "I": "1l|", "l": "1I|", "5": "S6", "S": "5$8", "8": "B3",
    "B": "8R3",
    "2": "Z7", "Z": "2", "6": "GbS", "G": "6C", "E": "FB", "F": "E", "A": "4", "N": "HM", "M": "NH", "U": "V",
    "V": "UY", "e": "co", "c": "e", "a": "ao", "n": "m", "m": "n", "t": "f", "3": "8",
    ".": ",", ",": ".", ":": ";.", "-": "~_",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strength:
    """Chances of each change for one page (`words`: for one word of a noisy page)."""

    vendor: float = 0.5
    upper: float = 0.2
    noisy: float = 0.4
    words: float = 0.06
    lost: float = 0.02
    glued: float = 0.15
    crop: float = 0.15
    jitter: float = 0.06


def augment(sample: Sample, rng: Random, strength: Strength) -> Sample:
    """A changed copy."""
    if rng.random() < strength.vendor and sample.doctype == "receipt" and (sample.tags == NAME).any():
        sample = other_vendor(sample, rng)
    texts = list(sample.texts)
    if rng.random() < strength.upper:
        texts = [text.upper() for text in texts]
    if rng.random() < strength.noisy:
        texts = [misread(text, rng) if rng.random() < strength.words else text for text in texts]
    sample = replace(sample, texts=tuple(texts), boxes=moved(sample.boxes, rng, strength.jitter))
    if rng.random() < strength.glued:
        sample = glued(sample, rng)
    return kept(sample, _staying(sample, rng, strength))


def misread(text: str, rng: Random) -> str:
    """One letter confused, lost or doubled."""
    at = rng.randrange(len(text))
    letter = text[at]
    if letter in CONFUSED and rng.random() < 0.7:
        return text[:at] + rng.choice(CONFUSED[letter]) + text[at + 1 :]
    if len(text) > 2 and rng.random() < 0.6:
        return text[:at] + text[at + 1 :]
    return text[:at] + letter + text[at:]


def moved(boxes: NDArray[np.float64], rng: Random, jitter: float) -> NDArray[np.float64]:
    """Every edge moves a little, the page is stretched and tilted a little."""
    source = np.random.default_rng(rng.getrandbits(32))
    height = np.median(boxes[:, 3] - boxes[:, 1])
    shaken: NDArray[np.float64] = boxes + source.normal(0, jitter * rng.random() * height, boxes.shape)
    stretch = np.array([rng.uniform(0.85, 1.2), rng.uniform(0.9, 1.15)] * 2)
    lean = rng.gauss(0, 0.004)
    shaken = shaken * stretch
    shaken[:, 1] += lean * shaken[:, 0]
    shaken[:, 3] += lean * shaken[:, 0]
    shaken[:, 2:] = np.maximum(shaken[:, 2:], shaken[:, :2] + 1e-3)
    return shaken


def _staying(sample: Sample, rng: Random, strength: Strength) -> list[int]:
    """The words that are not lost; now and then the paper's lower or upper end is cut off."""
    low, high = sample.boxes[:, 1].min(), sample.boxes[:, 3].max()
    if rng.random() < strength.crop:
        cut = rng.uniform(0.02, 0.25) * (high - low)
        low, high = (low, high - cut) if rng.random() < 0.7 else (low + cut, high)
    inside = (sample.boxes[:, 1] >= low) & (sample.boxes[:, 3] <= high)
    staying = [i for i in range(len(sample.texts)) if inside[i] and rng.random() >= strength.lost]
    return staying if len(staying) > 3 else list(range(len(sample.texts)))


def kept(sample: Sample, staying: Sequence[int]) -> Sample:
    """The sample with only these words. Where a value lost its first word, the next one begins it."""
    chosen = np.array(staying, dtype=np.int64)
    before = np.cumsum(sample.begins == 1)[chosen]
    tags, begins = sample.tags[chosen], sample.begins[chosen].copy()
    fresh = np.append(True, (before[1:] != before[:-1]) | (tags[1:] != tags[:-1]))
    begins[(tags > 0) & fresh] = 1
    return replace(
        sample,
        texts=tuple(sample.texts[i] for i in staying),
        boxes=sample.boxes[chosen],
        lines=sample.lines[chosen],
        tags=tags,
        begins=begins,
        rows=sample.rows[chosen],
        roles=sample.roles[chosen],
        parts=sample.parts[chosen],
    )


def glued(sample: Sample, rng: Random) -> Sample:
    """Neighbours on a line read as one word. Where a label is glued to a value, the word is the value's."""
    texts, boxes, tags = list(sample.texts), sample.boxes.copy(), sample.tags.copy()
    staying = list(range(len(texts)))
    for i in range(len(texts) - 1, 0, -1):
        together = sample.lines[i] == sample.lines[i - 1] and sample.rows[i] != 1
        agree = tags[i] == tags[i - 1] or tags[i - 1] == 0 or tags[i] == 0
        near = boxes[i, 0] - boxes[i - 1, 2] < boxes[i, 3] - boxes[i, 1]
        if together and agree and near and IGNORE not in (tags[i], tags[i - 1]) and rng.random() < 0.06:
            texts[i - 1] += texts[i]
            boxes[i - 1, 2:] = np.maximum(boxes[i - 1, 2:], boxes[i, 2:])
            tags[i - 1] = max(tags[i], tags[i - 1])
            staying.remove(i)
    return kept(replace(sample, texts=tuple(texts), boxes=boxes, tags=tags), staying)


# ---- other vendors ---------------------------------------------------------------------------------------


def other_vendor(sample: Sample, rng: Random) -> Sample:
    """The same receipt of another shop: an invented name, an invented address, on the same lines."""
    region = rng.choice((MY, MY, MY, SG, REGIONS["US"], REGIONS["GB"]))
    sample = _rewritten(sample, NAME, names.company(region, rng, shop=True).split())
    if rng.random() < 0.7:
        sample = _rewritten(sample, ADDRESS, " ".join(names.address(region, rng)).split())
    return sample


def _rewritten(sample: Sample, tag: int, words: list[str]) -> Sample:
    """The words under `tag` replaced line by line; each line keeps its left edge and its height."""
    marked = [i for i in range(len(sample.texts)) if sample.tags[i] == tag]
    spans = _occurrences(sample, marked)
    if not spans or any(sample.lines[i] < 0 for i in marked):
        return sample
    for span in reversed(spans):
        sample = _replace_span(sample, span, words)
    return sample


def _occurrences(sample: Sample, marked: list[int]) -> list[list[int]]:
    spans: list[list[int]] = []
    for i in marked:
        if spans and spans[-1][-1] == i - 1 and not sample.begins[i]:
            spans[-1].append(i)
        else:
            spans.append([i])
    return spans


def _replace_span(sample: Sample, span: list[int], words: list[str]) -> Sample:
    lines = sorted({int(sample.lines[i]) for i in span})
    share = max(1, -(-len(words) // len(lines)))
    texts: list[str] = []
    boxes: list[NDArray[np.float64]] = []
    numbers: list[int] = []
    for k, line in enumerate(lines):
        old = [i for i in span if sample.lines[i] == line]
        new = words[k * share : (k + 1) * share] if k < len(lines) - 1 else words[k * share :]
        texts += new
        boxes += _laid_out(sample.boxes[old], [sample.texts[i] for i in old], new)
        numbers += [line] * len(new)
    if not texts:
        return sample
    return _spliced(sample, span, texts, np.array(boxes), numbers)


def _laid_out(boxes: NDArray[np.float64], old: list[str], new: list[str]) -> list[NDArray[np.float64]]:
    """Boxes for new words from the left edge and the width of a letter of the old ones."""
    letter = (boxes[:, 2].max() - boxes[:, 0].min()) / max(1, sum(map(len, old)) + len(old) - 1)
    at, top, low, laid = boxes[:, 0].min(), boxes[:, 1].min(), boxes[:, 3].max(), []
    for word in new:
        laid.append(np.array([at, top, at + letter * len(word), low]))
        at += letter * (len(word) + 1)
    return laid


def _spliced(
    sample: Sample, span: list[int], texts: list[str], boxes: NDArray[np.float64], lines: list[int]
) -> Sample:
    a, b, n = span[0], span[-1] + 1, len(texts)

    def join(values: NDArray[np.int64], middle: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([values[:a], middle, values[b:]])

    def repeat(values: NDArray[np.int64]) -> NDArray[np.int64]:
        return join(values, np.full(n, values[a]))

    begins = np.zeros(n, dtype=np.int64)
    begins[0] = 1
    return replace(
        sample,
        texts=(*sample.texts[:a], *texts, *sample.texts[b:]),
        boxes=np.concatenate([sample.boxes[:a], boxes, sample.boxes[b:]]),
        lines=join(sample.lines, np.array(lines, dtype=np.int64)),
        tags=repeat(sample.tags),
        begins=join(sample.begins, begins),
        rows=repeat(sample.rows),
        roles=repeat(sample.roles),
        parts=repeat(sample.parts),
    )

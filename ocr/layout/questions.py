"""Other words for the questions of a made page, in the same places: so that forms are learned and measured by how
they are laid out, not by the words that the maker happens to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ocr.synthetic.document import TruthWord


def asked(words: Sequence[TruthWord]) -> list[int]:
    """The links that have a question, in the order in which they are printed."""
    return list(dict.fromkeys(w.link for w in words if w.part == "label" and w.link is not None))


def renamed(words: Sequence[TruthWord], names: Mapping[int, str]) -> list[TruthWord]:
    """The words with the question of every link of `names` replaced; a colon stays."""
    lines: dict[int, list[TruthWord]] = {}
    for word in _renamed(words, names):
        lines.setdefault(word.line, []).append(word)
    return [word for line in lines.values() for word in line]


def _renamed(words: Sequence[TruthWord], names: Mapping[int, str]) -> Iterator[TruthWord]:
    seen: set[int] = set()
    for word in words:
        if word.part != "label" or word.link is None or word.link not in names:
            yield word
        elif word.link not in seen:
            seen.add(word.link)
            yield from _spread([w for w in words if w.part == "label" and w.link == word.link], names[word.link])


def _spread(old: Sequence[TruthWord], name: str) -> Iterator[TruthWord]:
    """The new words side by side where the old ones stood."""
    x0, x1 = min(w.box[0] for w in old), max(w.box[2] for w in old)
    new = (name + (":" if old[-1].text.endswith(":") else "")).split()
    wide = (x1 - x0) / sum(len(text) + 1 for text in new)
    for text in new:
        yield replace(old[0], text=text, box=(x0, old[0].box[1], x0 + wide * len(text), old[0].box[3]))
        x0 += wide * (len(text) + 1)

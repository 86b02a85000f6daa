"""Pairs of made forms that no training saw: `python -m ocr.layout.held_out_forms --count 60 [--strange]`.

A pair is right when its question and its answer both read as the truth's (case, spaces and signs aside). `--strange`
replaces every question by words that the maker does not have, so that no finder can know them by heart.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from ocr.doctypes import load_doctype
from ocr.fields.finder import same_value_key
from ocr.fields.pairs import Pair, find_pairs
from ocr.layout.held_out import SEED, reading_of
from ocr.layout.pairs import form_pairs, linked_pairs, shipped_links
from ocr.layout.questions import asked, renamed
from ocr.layout.runtime import shipped
from ocr.synthetic.corpus import CorpusSpec, documents
from ocr.synthetic.document import SyntheticDocument
from ocr.values import Field, Reading

Texts = Counter[tuple[object, object]]
STRANGE = {
    "en": "Vessel berth|Herd tag|Kiln batch|Court room|Pilot on duty|Crop grown|Blood group|Shelf mark",
    "de": "Deichabschnitt|Impfstoff|Kennfarbe|Saalnummer|Flurstück|Pegelstand|Rufzeichen|Baumart|Tierhalter",
    "fr": "Quai|Cépage|Sentier|Matériau|Groupe sanguin|Chambre|Équipage|Cote du livre|Verger|Chorale",
    "ko": "선석|품종|수조 번호|혈액형|법정|등대|나무 이름|지휘자|수위|가축표",
}


def truth_of(document: SyntheticDocument) -> Texts:
    """(question, answer) of every link; a question left blank has an empty answer."""
    asks: dict[int, list[str]] = {}
    told: dict[int, list[str]] = {}
    for word in document.truth.words:
        if word.link is not None and word.part:
            (asks if word.part == "label" else told).setdefault(word.link, []).append(word.text)
    return Counter(_key(" ".join(q), " ".join(told.get(name, []))) for name, q in asks.items())


def _key(question: str, answer: str) -> tuple[object, object]:
    return same_value_key(question), same_value_key(answer)


def texts_of(lines: Iterable[Pair]) -> Texts:
    return Counter(_key(_text(line["question"]), _text(line["answer"])) for line in lines)


def _text(cell: object) -> str:
    return str(cell.value) if isinstance(cell, Field) else ""


def strange(document: SyntheticDocument, rng: Random) -> tuple[Reading, Texts]:
    """The document as read, and its truth, with other questions in the same places."""
    words, choice = document.truth.words, STRANGE[document.language].split("|")
    names = {link: rng.choice(choice) for link in asked(words)}
    changed = replace(document.truth, words=tuple(renamed(words, names)))
    told = {link: " ".join(w.text for w in words if w.link == link and w.part == "value") for link in names}
    return reading_of(document, changed), Counter(_key(name, told[link]) for link, name in names.items())


def f1(found: Texts, wanted: Texts) -> float:
    return round(2 * sum((found & wanted).values()) / max(1, sum(found.values()) + sum(wanted.values())), 4)


def measure(count: int, odd: bool, languages: tuple[str, ...] = ("en", "de", "fr", "ko")) -> dict[str, float]:
    """Link F1 of the colon rules, of the network with its link head, and of both as shipped."""
    doctype = load_doctype("form")
    ways: dict[str, Callable[[Reading], Iterable[Pair]]] = {
        "rules": lambda reading: find_pairs(reading, doctype).lines,
        "model": lambda reading: linked_pairs(reading, shipped(), shipped_links()),
        "both": lambda reading: form_pairs(reading, doctype).lines,
    }
    found: dict[str, Texts] = {name: Counter() for name in ways}
    wanted: Texts = Counter()
    spec = CorpusSpec(count=count, kinds={"form": 1.0}, languages=languages, damaged=0.0)
    for number, document in enumerate(documents(spec, SEED)):
        reading, told = strange(document, Random(number)) if odd else (reading_of(document), truth_of(document))
        wanted += _numbered(told, number)
        for name, way in ways.items():
            found[name] += _numbered(texts_of(way(reading)), number)
    return {"pairs": sum(wanted.values()), **{name: f1(texts, wanted) for name, texts in found.items()}}


def _numbered(texts: Texts, number: int) -> Texts:
    return Counter({((number, q), a): n for (q, a), n in texts.items()})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ocr.layout.held_out_forms", description=__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--strange", action="store_true")
    parser.add_argument("--lang", action="append")
    given = parser.parse_args()
    languages = tuple(given.lang) if given.lang else ("en", "de", "fr", "ko")
    print(json.dumps(measure(given.count, given.strange, languages)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

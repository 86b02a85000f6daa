"""Other words in the place of a document's own, of the same shape, so that letters are learned and not the few
hundred words our document maker knows."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from random import Random

from ocr.training.hangul_alphabet import FINALS, INITIALS, MEDIALS, SIGNS, everyday, is_syllable, syllable

_CLDR = ("territories", "languages", "currencies", "scripts", "variants")
_FAKED = ("name", "company", "address", "job", "catch_phrase", "bs", "land_address", "road_address")
_ODD = 0.12
"""Share of syllables of any kind among the random ones; a sixth of them outside KS X 1001."""


@lru_cache(maxsize=1)
def vocabulary() -> dict[int, list[str]]:
    """Korean words by their length: names of the CLDR, and made names, addresses and firms of faker."""
    from babel import Locale
    from faker import Faker

    locale = Locale("ko")
    texts = [str(text) for table in _CLDR for text in getattr(locale, table).values()]
    made = Faker("ko_KR")
    made.seed_instance(5)
    texts += [getattr(made, kind)() for kind in _FAKED for _ in range(1500)]
    words: dict[int, list[str]] = {}
    for word in dict.fromkeys(" ".join(texts).split()):
        if all(map(is_syllable, word)):
            words.setdefault(len(word), []).append(word)
    return words


@lru_cache(maxsize=1)
def _frequent() -> tuple[str, list[float]]:
    counts = Counter("".join(word for words in vocabulary().values() for word in words))
    return everyday(), [0.4 + counts[char] ** 0.5 for char in everyday()]


def random_syllables(count: int, rng: Random) -> str:
    chars, weights = _frequent()
    drawn = rng.choices(chars, weights, k=count)
    return "".join(_odd(rng) if rng.random() < _ODD else char for char in drawn)


def _odd(rng: Random) -> str:
    if rng.random() < 0.83:
        return rng.choice(everyday())
    return syllable(rng.randrange(INITIALS), rng.randrange(MEDIALS), rng.randrange(FINALS))


def reworded(text: str, rng: Random, invented: float) -> str:
    """`text` with other syllables, digits and now and then other letters and signs in the same places.
    `invented` is the share of words of random syllables; the others are words of the vocabulary."""
    made, at = [], 0
    while at < len(text):
        end = at
        while end < len(text) and is_syllable(text[end]):
            end += 1
        made.append(_korean(end - at, rng, invented) if end > at else _single(text[at], rng))
        at = max(end, at + 1)
    return "".join(made)


def _korean(count: int, rng: Random, invented: float) -> str:
    words = vocabulary().get(count)
    return rng.choice(words) if words and rng.random() >= invented else random_syllables(count, rng)


def _single(char: str, rng: Random) -> str:
    if char.isdigit():
        return rng.choice("0123456789")
    if char.isascii() and char.isalpha() and rng.random() < 0.25:
        return rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ" if char.isupper() else "abcdefghijklmnopqrstuvwxyz")
    if not char.isalnum() and rng.random() < 0.15:
        return rng.choice("!\"#$%&'()*+,-./:;<=>?@[]^_{|}~" + SIGNS)
    return char

from decimal import Decimal

import pytest

from ocr.doctypes import load_doctype
from ocr.fields.confidence import GATE, shipped_calibration
from ocr.fields.decode import decode
from ocr.fields.finder import Candidate, Joined, merge
from ocr.fields.label_finder import LabelFinder
from ocr.fields.names import together
from ocr.values import Field, Missing, Reading, Word
from tests.ocr.fields.layout import INVOICE, reading_of

READING = reading_of([[(50, "a b c d e f g h")]])
WORDS = READING.words


def money(name: str, value: str, score: float, word: int) -> Candidate:
    return Candidate(name, Decimal(value), value, (WORDS[word],), "label", score)


def test_the_triple_that_adds_up_wins_over_the_best_single_scores() -> None:
    found = {
        "net_total": [money("net_total", "202.76", 0.93, 0), money("net_total", "193.83", 0.90, 1)],
        "tax_total": [money("tax_total", "9.06", 0.92, 2), money("tax_total", "21.31", 0.88, 3)],
        "gross_total": [money("gross_total", "215.14", 0.92, 4)],
    }
    decoded = decode(found, [], load_doctype("invoice"), READING)
    chosen = {n: f.value for n, f in decoded.fields.items() if isinstance(f, Field)}
    assert chosen["net_total"] == Decimal("193.83")
    assert chosen["tax_total"] == Decimal("21.31")
    net = decoded.fields["net_total"]
    assert isinstance(net, Field) and Decimal("202.76") in [a.value for a in net.alternatives]


def test_nothing_but_candidates_values_is_ever_answered() -> None:
    found = {
        "net_total": [money("net_total", "100.00", 0.9, 0)],
        "tax_total": [money("tax_total", "19.00", 0.9, 1)],
        "gross_total": [money("gross_total", "191.00", 0.9, 2)],
    }
    decoded = decode(found, [], load_doctype("invoice"), READING)
    proposed = {c.value for items in found.values() for c in items}
    assert {f.value for f in decoded.fields.values() if isinstance(f, Field)} <= proposed
    assert decoded.needs_review


def test_a_doubtful_candidate_is_missing_and_says_why() -> None:
    found = {"order_reference": [Candidate("order_reference", "1", "1", (WORDS[0],), "label", 0.02)]}
    missing = decode(found, [], load_doctype("invoice"), READING).fields["order_reference"]
    assert isinstance(missing, Missing) and "doubtful" in missing.reason


def test_one_word_serves_one_identifier() -> None:
    found = {
        "invoice_number": [
            Candidate("invoice_number", "A-1", "A-1", (WORDS[0],), "label", 0.9, {"strong": 1.0})
        ],
        "order_reference": [
            Candidate("order_reference", "A-1", "A-1", (WORDS[0],), "label", 0.8, {"strong": 1.0})
        ],
    }
    fields = decode(found, [], load_doctype("invoice"), READING).fields
    assert isinstance(fields["invoice_number"], Field) and isinstance(fields["order_reference"], Missing)


def test_a_candidate_needs_words() -> None:
    with pytest.raises(ValueError, match="words"):
        Candidate("total", Decimal(1), "1", (), "model", 0.9)


def test_equal_values_support_each_other_and_five_are_kept() -> None:
    twice = merge([money("total", "5.00", 0.6, 0), money("total", "5.00", 0.6, 1)])
    assert len(twice) == 1 and twice[0].support == 2 and twice[0].score > 0.6
    same_place = merge([money("total", "5.00", 0.6, 0), money("total", "5.00", 0.6, 0)])
    assert same_place[0].support == 1 and same_place[0].score == 0.6
    assert len(merge([money("total", str(n), 0.5, n % 8) for n in range(9)])) == 5


def test_confidence_is_a_probability_for_every_type_and_falls_with_a_failed_check() -> None:
    known = shipped_calibration()
    for key in known.weights:
        doctype, _, name = key.removesuffix("+joint").rpartition(".")
        base = {"logit": 2.0, "margin": 0.8, "strong": 1.0, "joint": float(key.endswith("+joint"))}
        sure = known.probability(doctype, name, name, base)
        assert 0 < known.probability(doctype, name, name, {**base, "failed": 1.0}) <= sure < 1


def test_the_gate_is_strict_where_no_real_documents_were_measured() -> None:
    assert shipped_calibration().gate("invoice") == GATE == 0.975
    assert 0.5 < shipped_calibration().gate("receipt") < 1


class Second:
    """A finder that knows one field, as a learned model might."""

    name = "second"

    def candidates(self, reading: Reading, doctype: object) -> dict[str, list[Candidate]]:
        word: Word = next(w for w in reading.words if w.text == "4711")
        return {
            "order_reference": [
                Candidate("order_reference", "4711", "4711", (word,), "model", 0.99, {"strong": 1.0})
            ]
        }

    def rows(self, reading: Reading, doctype: object) -> list[dict[str, Candidate]]:
        return []


def test_another_finder_can_be_joined() -> None:
    reading, doctype = reading_of(INVOICE), load_doctype("invoice")
    joined = Joined((LabelFinder(), Second()))
    decoded = decode(joined.candidates(reading, doctype), joined.rows(reading, doctype), doctype, reading)
    found = decoded.fields["order_reference"]
    assert isinstance(found, Field) and (found.value, found.evidence.how) == ("4711", "model")
    assert len(decoded.lines) == 2 and joined.name == "labels+second"


def test_a_korean_name_read_with_spaces_between_its_syllables_is_one_word() -> None:
    word = Word("주 식 회 사 한 빛", WORDS[0].box)
    item = Candidate("supplier_name", word.text, word.text, (word,), "label", 0.9)
    decoded = decode({"supplier_name": [item]}, [], load_doctype("invoice"), READING)
    found = decoded.fields["supplier_name"]
    assert isinstance(found, Field) and (found.value, found.raw) == ("주식회사한빛", "주 식 회 사 한 빛")
    assert together("서울 강남구 테헤란로 1 가 나") == "서울 강남구 테헤란로 1 가 나"

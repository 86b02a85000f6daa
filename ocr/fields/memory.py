"""What corrections teach about a vendor, used on its next document.

For values that stay (name, address, tax id, account, currency) the corrected value itself is kept; for
those that change (number, dates, amounts) the words that label them on this vendor's pages. Both are plain text that
a person can read and remove.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ocr.doctypes.model import Doctype, FieldSpec
from ocr.fields.binding import below
from ocr.fields.finder import Candidate, FieldFinder, Row, merge, same_value_key
from ocr.fields.sheet import Segment, Sheet, make_sheet
from ocr.fields.typed import convention_of
from ocr.fields.typed.parse import parse
from ocr.values import Extraction, Field, Reading, Value, Word

CONSTANT = frozenset({"name", "address", "tax_id", "iban", "currency"})
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class VendorKnowledge:
    """One vendor: the names and numbers it goes by, values that stay, labels learned by field."""

    key: str
    names: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class VendorStore(Protocol):
    """Where knowledge is kept; a dict will do, a ledger's table as well."""

    def all(self) -> Sequence[VendorKnowledge]: ...
    def put(self, knowledge: VendorKnowledge) -> None: ...
    def remove(self, key: str) -> None: ...


def recognise(reading: Reading, store: VendorStore) -> VendorKnowledge | None:
    """The vendor whose name or number stands on the page, the longest match first."""
    text = str(same_value_key(reading.text))
    found = [
        (len(str(same_value_key(name))), k)
        for k in store.all()
        for name in k.names
        if len(str(same_value_key(name))) >= 4 and str(same_value_key(name)) in text
    ]
    return max(found, key=lambda item: item[0])[1] if found else None


def learn(
    extraction: Extraction,
    corrected: Mapping[str, str],
    doctype: Doctype,
    known: VendorKnowledge | None = None,
) -> VendorKnowledge | None:
    """Knowledge of the vendor after a person's answers (`corrected`: field name to printed text).

    None where the document names no vendor, or carries no reading to learn from.
    """
    names = [value for spec in _vendor_specs(doctype) if (value := _answer(spec.name, extraction, corrected))]
    if not names or extraction.reading is None:
        return None
    before = known or VendorKnowledge(str(same_value_key(names[-1])))
    sheet = make_sheet(extraction.reading)
    constants, labels = dict(before.constants), dict(before.labels)
    for name, text in corrected.items():
        spec = doctype.fields.get(name)
        if spec is None:
            continue
        if spec.type in CONSTANT and spec.role != "buyer":
            constants[name] = text
        else:
            labels[name] = tuple(dict.fromkeys((*labels.get(name, ()), *_labels_of(sheet, text, spec))))
    return replace(
        before, names=tuple(dict.fromkeys((*before.names, *names))), constants=constants, labels=labels
    )


def confirmed(doctype: Doctype, values: Mapping[str, Any]) -> dict[str, str]:
    """Of a document that a person has seen and let pass: the vendor's values that stay."""
    names = [s.name for s in doctype.fields.values() if s.type in CONSTANT and s.role != "buyer"]
    return {name: str(values[name]) for name in names if values.get(name)}


def _vendor_specs(doctype: Doctype) -> list[FieldSpec]:
    return [s for s in doctype.fields.values() if s.type in ("name", "tax_id") and s.role == doctype.issuer]


def _answer(name: str, extraction: Extraction, corrected: Mapping[str, str]) -> str | None:
    found = extraction.fields.get(name)
    return corrected.get(name) or (str(found.value) if isinstance(found, Field) else None)


def _labels_of(sheet: Sheet, text: str, spec: FieldSpec) -> Iterator[str]:
    """The words left of, or above, every place where the corrected value is printed."""
    for segment in sheet.segments:
        at = _place(segment, text, spec, sheet)
        if at is None:
            continue
        before = segment.text[:at].strip(" :.#")
        label = before if any(ch.isalpha() for ch in before) else _neighbour(sheet, segment)
        if label and len(label) <= _LONGEST_LABEL and any(ch.isalpha() for ch in label):
            yield label


def _place(segment: Segment, text: str, spec: FieldSpec, sheet: Sheet) -> int | None:
    wanted = parse(text, spec.type, convention_of(sheet.text))
    for at in segment.starts:
        part = segment.text[at:]
        if part.startswith(text) or (
            spec.type in ("money", "date") and wanted is not None and _equal(part, spec, wanted)
        ):
            return at
    return None


def _equal(part: str, spec: FieldSpec, wanted: Value) -> bool:
    return (
        any(ch.isdigit() for ch in part.split()[0]) and parse(part, spec.type, convention_of(part)) == wanted
    )


def _neighbour(sheet: Sheet, segment: Segment) -> str | None:
    page = sheet.page(segment.page)
    row = page.rows[segment.row]
    at = row.index(segment)
    if at and any(ch.isalpha() for ch in row[at - 1].text):
        return row[at - 1].text.strip(" :.#")
    over = [
        s
        for r in page.rows[max(0, segment.row - 2) : segment.row]
        for s in r
        if segment in below(page, s, 1.5)
    ]
    aligned = [s for s in over if abs(s.x0 - segment.x0) < 2 * page.unit]
    return aligned[-1].text.strip(" :.#") if aligned else None


def doctype_for(doctype: Doctype, knowledge: VendorKnowledge) -> Doctype:
    """The doctype with the labels this vendor uses."""
    return with_labels(doctype, knowledge.labels)


def with_labels(doctype: Doctype, labels: Mapping[str, Sequence[str]]) -> Doctype:
    """The doctype with more labels; a phrase learned for a field stands no longer for anything else."""
    learned = {phrase.casefold() for phrases in labels.values() for phrase in phrases}
    fields = {}
    for name, spec in doctype.fields.items():
        kept = tuple(p for p in spec.labels if p.casefold() not in learned)
        fields[name] = replace(spec, labels=(*kept, *labels.get(name, ())))
    others = tuple(p for p in doctype.other_labels if p.casefold() not in learned)
    return replace(doctype, fields=fields, other_labels=others)


@dataclass(frozen=True, slots=True)
class RememberingFinder:
    """Another finder, with what is known of the vendor on the page: its labels and the values that stay.

    A value that stays is proposed only where it is printed: memory never puts a word on a page.
    """

    finder: FieldFinder
    store: VendorStore

    @property
    def name(self) -> str:
        return f"{self.finder.name}+memory"

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """The finder's proposals with the vendor's own labels, and its known values where they are
        printed.
        """
        knowledge = recognise(reading, self.store)
        if knowledge is None:
            return self.finder.candidates(reading, doctype)
        found = {
            n: list(c) for n, c in self.finder.candidates(reading, doctype_for(doctype, knowledge)).items()
        }
        for name, text in knowledge.constants.items():
            item = _printed(make_sheet(reading), doctype.fields.get(name), text)
            if item is not None:
                found[name] = merge([item, *(replace(c, score=c.score * 0.5) for c in found.get(name, ()))])
        return found

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The finder's line items."""
        return self.finder.rows(reading, doctype)


def _printed(sheet: Sheet, spec: FieldSpec | None, text: str) -> Candidate | None:
    """The value where the page prints it, over several lines too."""
    wanted = str(same_value_key(text))
    if spec is None or not wanted:
        return None
    for page in sheet.pages:
        words = [word for segment in page.segments for word in segment.words]
        found = _run(words, wanted)
        if found:
            raw = " ".join(word.text for word in found)
            features = {"strong": 1.0, "labelled": 1.0, "memory": 1.0}
            value = parse(text, spec.type) if spec.type in ("tax_id", "iban", "currency") else text
            return Candidate(spec.name, value, raw, tuple(found), "memory", 0.97, features)
    return None


def _run(words: Sequence[Word], wanted: str) -> Sequence[Word]:
    """The neighbouring words that spell `wanted` together; none where no run does."""
    keys = [str(same_value_key(word.text)) for word in words]
    for start, first in enumerate(keys):
        if not first or not wanted.startswith(first):
            continue
        spelt = ""
        for end in range(start, len(words)):
            spelt += keys[end]
            if spelt == wanted:
                return words[start : end + 1]
            if not wanted.startswith(spelt):
                break
    return ()


@dataclass(slots=True)
class MemoryStore:
    """A store in memory, for tests and single programs."""

    vendors: dict[str, VendorKnowledge] = field(default_factory=dict)

    def all(self) -> Sequence[VendorKnowledge]:
        return list(self.vendors.values())

    def put(self, knowledge: VendorKnowledge) -> None:
        self.vendors[knowledge.key] = knowledge

    def remove(self, key: str) -> None:
        self.vendors.pop(key, None)


@dataclass(slots=True)
class PlainStore:
    """Knowledge as plain data (`{key: {names, constants, labels}}`), as it is kept and shown."""

    data: dict[str, Any]

    def all(self) -> Sequence[VendorKnowledge]:
        return [
            VendorKnowledge(
                key,
                tuple(value.get("names", ())),
                dict(value.get("constants", {})),
                {name: tuple(found) for name, found in value.get("labels", {}).items()},
            )
            for key, value in self.data.items()
        ]

    def put(self, knowledge: VendorKnowledge) -> None:
        self.data[knowledge.key] = {
            "names": list(knowledge.names),
            "constants": dict(knowledge.constants),
            "labels": {name: list(found) for name, found in knowledge.labels.items()},
        }

    def remove(self, key: str) -> None:
        self.data.pop(key, None)


def improved(
    doctype: Doctype, examples: Sequence[tuple[Extraction, Mapping[str, str]]], least: int = 2
) -> Doctype:
    """The doctype with labels that at least `least` corrected examples share: ten corrected pages teach a
    new document type its words without a line of Python."""
    return with_labels(doctype, shared_labels(doctype, examples, least))


def shared_labels(
    doctype: Doctype, examples: Sequence[tuple[Extraction, Mapping[str, str]]], least: int = 2
) -> dict[str, list[str]]:
    """By field, the words that stand left of or above the corrected value in at least `least` examples."""
    counts: dict[tuple[str, str], int] = {}
    for extraction, corrected in examples:
        if extraction.reading is None:
            continue
        sheet = make_sheet(extraction.reading)
        for name, text in corrected.items():
            spec = doctype.fields.get(name)
            for label in set(_labels_of(sheet, text, spec)) if spec is not None else ():
                counts[name, label.casefold()] = counts.get((name, label.casefold()), 0) + 1
    labels: dict[str, list[str]] = {}
    for (name, label), count in counts.items():
        if count >= least:
            labels.setdefault(name, []).append(label)
    return labels

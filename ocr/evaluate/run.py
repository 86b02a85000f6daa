"""Measure a folder: read or take the given text, extract with the XML rung barred, score."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ocr.doctypes import load_doctype
from ocr.errors import DocumentError
from ocr.evaluate.compare import alnum
from ocr.evaluate.given import reading_of_segments
from ocr.evaluate.report import Report
from ocr.evaluate.score import DocumentScore, score_document
from ocr.evaluate.truth import Truth, read_truth
from ocr.extract import extract_reading
from ocr.fields.finder import FieldFinder
from ocr.values import Reading

Read = Callable[[Path], Reading]


def evaluate_folder(
    folder: str | Path,
    *,
    doctype: str | None = None,
    given_text: bool = False,
    limit: int | None = None,
    engine: str = "auto",
    finder: FieldFinder | None = None,
    read: Read | None = None,
    seen_vendors: Iterable[str] = (),
) -> Report:
    """Scores of all documents of a folder with `truth.jsonl`.

    `given_text` takes the text of the truth's `segments`. `read` replaces our reading. `seen_vendors` are the
    names of the vendors in the training data, for the split by vendor. A document that cannot be read counts
    with all its fields missing.
    """
    truths = read_truth(Path(folder), doctype)[:limit]
    reader = read or _reader(engine)
    scored: list[DocumentScore] = []
    unreadable: list[tuple[str, str]] = []
    for truth in truths:
        try:
            reading = given_reading(truth) if given_text else reader(truth.file)
        except DocumentError as error:
            unreadable.append((truth.id, error.message))
            continue
        wanted = load_doctype(truth.doctype)
        extraction = extract_reading(reading, wanted, finder=finder)
        scored.append(score_document(extraction, truth, wanted, vendor_of(truth)))
    how = "given text" if given_text else f"our reading ({engine})"
    protocol = (
        f"{len(truths)} documents, {how}, embedded XML barred, finder {finder.name if finder else 'labels'}"
    )
    complete = bool(truths) and all(t.complete for t in truths)
    return Report(
        str(folder), protocol, tuple(scored), tuple(unreadable), complete, frozenset(map(alnum, seen_vendors))
    )


def _reader(engine: str) -> Read:
    def read(path: Path) -> Reading:
        from ocr.reading import read_one  # engines load when first used

        return read_one(path, engine=engine)

    return read


def given_reading(truth: Truth) -> Reading:
    """The reading of a truth's own `segments`. Raises `DocumentError` (`text-not-given`)."""
    record = truth.record
    if "segments" not in record:
        raise DocumentError(
            "text-not-given",
            f"The truth of {truth.id} gives no text.",
            "Measure it without --given-text.",
            kind="flow",
        )
    return reading_of_segments(
        str(truth.file), record["segments"], record["width"], record["height"], record.get("scale", 1.0)
    )


def vendor_of(truth: Truth) -> str:
    """The normalised name of the document's vendor, by which folds are split."""
    for name in ("supplier_name", "company", "seller_name"):
        if truth.fields.get(name):
            return alnum(truth.fields[name][0])
    return ""

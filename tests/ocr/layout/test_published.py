"""Published checkpoints of four families load from a folder and propose fields; licences are shown and asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: published checkpoints are not tested")
pytest.importorskip("transformers", reason="transformers is not installed: published checkpoints are not tested")

from ocr.doctypes import load_doctype  # noqa: E402
from ocr.errors import DocumentError  # noqa: E402
from ocr.extract import extract_reading  # noqa: E402
from ocr.layout.published import PublishedFinder, _runs  # noqa: E402
from ocr.values import Box, Field, Word  # noqa: E402
from tests.ocr.fields.layout import reading_of  # noqa: E402

LABELS = ["O", "B-COMPANY", "I-COMPANY", "B-SUM", "I-SUM"]
SMALL = {
    "hidden_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 12,
    "max_position_embeddings": 514, "id2label": dict(enumerate(LABELS)), "label2id": {v: i for i, v in enumerate(LABELS)},
}  # fmt: skip
READING = reading_of([[(50, "ACME"), (120, "STORE")], [(50, "TOTAL"), (200, "12.50")]])


def _saved(kind: str, folder: Path) -> Path:
    """A checkpoint whose every word says «sum», because its weights were set so."""
    import transformers as t

    parts: dict[str, tuple[Any, Any, dict[str, Any]]] = {
        "bros": (t.BrosConfig, t.BrosForTokenClassification, {"hidden_size": 64}),
        "lilt": (t.LiltConfig, t.LiltForTokenClassification, {"channel_shrink_ratio": 2}),
        "layoutlm": (t.LayoutLMConfig, t.LayoutLMForTokenClassification, {}),
        "layoutlmv3": (t.LayoutLMv3Config, t.LayoutLMv3ForTokenClassification,
                       {"visual_embed": False, "coordinate_size": 8, "shape_size": 8}),
    }  # fmt: skip
    make_config, make_model, more = parts[kind]
    torch.manual_seed(1)
    model = make_model(make_config(**SMALL | more))
    head = model.classifier.out_proj if hasattr(model.classifier, "out_proj") else model.classifier
    with torch.no_grad():
        head.weight.zero_()
        head.bias.copy_(torch.tensor([0.0, 0.0, 0.0, 3.0, 0.0]))
    model.save_pretrained(folder)
    (folder / "vocab.txt").write_text("[PAD] [UNK] [CLS] [SEP] [MASK] acme store total 12 . 50".replace(" ", "\n"))
    t.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ("bros", "lilt", "layoutlm", "layoutlmv3"))
def test_a_checkpoint_from_a_folder_proposes_fields(kind: str, tmp_path: Path) -> None:
    finder = PublishedFinder(_saved(kind, tmp_path), {"SUM": "total"}, accept_licence=kind == "layoutlmv3")
    found = finder.candidates(READING, load_doctype("receipt"))
    assert str(found["total"][0].value) == "12.50" and found["total"][0].score > 0.7
    assert finder.name.startswith(kind) and finder.licence
    total = extract_reading(READING, load_doctype("receipt"), finder=finder).fields["total"]
    assert isinstance(total, Field) and str(total.value) == "12.50"


def test_a_licence_without_commercial_use_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="CC BY-NC-SA"):
        PublishedFinder(_saved("layoutlmv3", tmp_path))


def test_what_is_no_checkpoint_is_said(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no layout checkpoint"):
        PublishedFinder(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(DocumentError, match="it is a bert"):
        PublishedFinder(tmp_path)


def test_entities_begin_and_go_on() -> None:
    words = [Word(text, Box(1, 0, 0, 1, 1)) for text in "a b c d".split()]
    labels = [("B-X", 1.0), ("I-X", 0.5), ("O", 1.0), ("B-Y", 0.7)]
    assert [(e, len(w), s) for e, w, s in _runs(labels, words)] == [("X", 2, 0.75), ("Y", 1, 0.7)]

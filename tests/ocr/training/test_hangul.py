"""Training of the Hangul recogniser: the loss is exact, the lines are what they say, the export answers alike."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")
pytest.importorskip("faker", reason="faker is not installed: training takes Korean names from it")

from ocr.errors import DocumentError  # noqa: E402
from ocr.training import hangul_fonts  # noqa: E402
from ocr.training.hangul_alphabet import (  # noqa: E402
    FIRST,
    OTHERS,
    everyday,
    exported,
    is_syllable,
    jamo,
    known,
    other_classes,
    syllable,
)
from ocr.training.hangul_ctc import WIDTH, loss, split, targets_of  # noqa: E402
from ocr.training.hangul_net import multiplied_out  # noqa: E402
from ocr.training.hangul_words import reworded  # noqa: E402


def multiplied(logits: torch.Tensor) -> torch.Tensor:
    others, initials, medials, finals = split(logits)
    syllables = initials[..., :, None, None] + medials[..., None, :, None] + finals[..., None, None, :]
    return torch.cat([others, syllables.flatten(2)], -1)


def number(char: str) -> int:
    return OTHERS + ord(char) - FIRST if is_syllable(char) else other_classes()[char]


def test_the_loss_and_its_gradient_are_those_of_ctc_over_all_classes() -> None:
    torch.manual_seed(0)
    texts, steps = ["가각 10", "힣11 ab", "밖"], torch.tensor([14, 12, 9])
    ours = torch.randn(3, 14, WIDTH).mul_(2).requires_grad_()
    plain = ours.detach().clone().requires_grad_()
    targets = targets_of(texts)
    made = loss(ours, targets, steps)
    every = torch.tensor([number(char) for text in texts for char in text])
    each = torch.nn.functional.ctc_loss(
        multiplied(plain).log_softmax(-1).transpose(0, 1), every, steps, targets.lengths, reduction="none"
    )
    wanted = (each / targets.lengths).mean()
    made.backward()
    wanted.backward()
    assert made.item() == pytest.approx(wanted.item(), rel=1e-5)
    assert torch.allclose(ours.grad, plain.grad, atol=2e-5)


def test_a_line_that_is_too_short_for_its_text_teaches_nothing() -> None:
    logits = torch.randn(1, 2, WIDTH).requires_grad_()
    loss(logits, targets_of(["가나다라"]), torch.tensor([2])).backward()
    assert float(logits.grad.abs().max()) == 0.0


def test_the_exported_head_says_the_same() -> None:
    torch.manual_seed(1)
    head, features = torch.nn.Linear(12, WIDTH), torch.randn(2, 5, 12)
    whole = multiplied_out(head, torch.zeros(11_172))(features)
    wanted = multiplied(head(features))
    order = [*range(OTHERS - 1), *range(OTHERS, wanted.shape[-1]), OTHERS - 1]
    assert torch.allclose(whole, wanted[..., order], atol=1e-5)
    assert len(exported()) + 2 == whole.shape[-1]


def test_jamo() -> None:
    assert jamo("한") == (18, 0, 4)
    assert all(syllable(*jamo(char)) == char for char in everyday())
    assert len(everyday()) == 2350 and not known("漢")


def test_other_words_have_the_same_shape() -> None:
    text = "사업자등록번호: 123-45-67890 (주)한빛"
    made = reworded(text, Random(4), 0.5)
    assert len(made) == len(text) and made != text
    assert [is_syllable(a) for a in made] == [is_syllable(b) for b in text]
    assert made == reworded(text, Random(4), 0.5)


def test_a_machine_without_the_fonts_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hangul_fonts, "_files", dict)
    hangul_fonts._faces.cache_clear()
    with pytest.raises(DocumentError, match="Korean fonts") as caught:
        hangul_fonts.any_face(Random(1))
    hangul_fonts._faces.cache_clear()
    assert "fonts-unfonts-core" in caught.value.fix


def needs_fonts() -> None:
    try:
        hangul_fonts.any_face(Random(1))
    except DocumentError as error:
        pytest.skip(f"{error.message} {error.fix}")


def test_lines_follow_from_their_seed() -> None:
    needs_fonts()
    from ocr.training.hangul_pages import lines

    first, again = (list(islice(lines(5), 40)) for _ in range(2))
    assert all(a.text == b.text and np.array_equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True))
    assert all(line.pixels.shape[0] == 48 and line.pixels.shape[2] == 3 for line in first)
    assert sum(any(map(is_syllable, line.text)) for line in first) > 10


@pytest.mark.heavy
def test_a_run_stops_goes_on_and_exports(tmp_path: Path) -> None:
    """A few steps only: nothing is learned, everything is walked through."""
    needs_fonts()
    from ocr.training.hangul import Config, train
    from ocr.training.hangul_export import export, trained

    train(Config(steps=2, head_steps=1, keep=1, check=99), tmp_path)
    train(Config(steps=3, head_steps=1, keep=1, check=99), tmp_path)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["step"] == 3
    _, equal = export(trained(tmp_path), tmp_path / "made.onnx")
    assert equal > 0.99

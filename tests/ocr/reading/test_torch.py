"""The networks on torch: equal to onnxruntime, and a reader that reads the same. No GPU is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocr.errors import DocumentError
from ocr.models import file_of
from ocr.models.onnxgraph import read_graph
from ocr.pages import Picture
from ocr.reading.batched.reader import torch_device
from ocr.reading.batched.recognise import GPU_ROWS, batches
from ocr.reading.engines import open_reader
from ocr.reading.reader import ReaderOptions
from tests.ocr.reading.paper import HANGUL, LATIN, draw

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("PP-OCRv6_small_det", (1, 3, 96, 160)),
        ("PP-OCRv6_small_rec", (2, 3, 48, 128)),
        ("ch_ppocr_mobile_v2.0_cls", (2, 3, 48, 192)),
        ("daeri_hangul_rec", (2, 3, 48, 128)),
    ],
)
def test_every_network_answers_as_on_onnxruntime(name: str, shape: tuple[int, ...]) -> None:
    import onnxruntime as ort

    from ocr.reading.batched.torchgraph import TorchGraph

    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    session = ort.InferenceSession(file_of(name))
    wanted = session.run(None, {session.get_inputs()[0].name: x})[0]
    made = TorchGraph(file_of(name))(x)
    assert np.abs(made - wanted).max() < 2e-4
    if name.endswith(("rec", "cls")):
        assert (made.argmax(-1) == wanted.argmax(-1)).all()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("PP-OCRv6_small_det", (1, 3, 64, 96)),
        ("PP-OCRv6_small_rec", (1, 3, 48, 64)),
        ("daeri_hangul_rec", (1, 3, 48, 64)),
    ],
)
def test_sixteen_bits_answer_the_same(name: str, shape: tuple[int, ...]) -> None:
    """What runs on a GPU, on the processor."""
    from ocr.reading.batched.torchgraph import TorchGraph

    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    wanted, made = (TorchGraph(file_of(name), half=half)(x) for half in (False, True))
    assert made.dtype == np.float32
    assert np.abs(made - wanted).max() < 0.05  # of chances, on noise that no network was trained on
    if name.endswith("rec"):
        assert (made.argmax(-1) == wanted.argmax(-1)).mean() > 0.99


def test_korean_is_read_on_torch() -> None:
    paper = draw([(20, 20, "공급가액 1,250,000원", 30), (20, 80, "주식회사 한빛상사", 30)], (420, 140), HANGUL)
    (page,) = open_reader("batched", ReaderOptions(backend="torch")).read([Picture(1, paper.pixels)])
    assert [line.text for line in page.lines] == paper.texts


def test_a_page_read_on_torch_says_the_same() -> None:
    paper = draw([(20, 20, "Net total 1,250.00", 26), (20, 70, "VAT 20% 250.00", 26)], (360, 130), LATIN)
    picture = Picture(1, paper.pixels)
    lines = []
    for backend in ("torch", "onnxruntime"):
        (page,) = open_reader("batched", ReaderOptions(backend=backend, hangul=False)).read([picture])
        lines.append([line.text for line in page.lines])
    assert lines[0] == lines[1] == paper.texts


def test_gradients_reach_a_replaced_layer() -> None:
    from ocr.reading.batched.torchgraph import TorchGraph

    path = file_of("PP-OCRv6_small_rec")
    network = TorchGraph(path)
    name = next(name for name, values in read_graph(path).constants.items() if values.shape == (120, 18710))
    network.replace(name, torch.zeros(120, 18710))
    network(torch.zeros(1, 3, 48, 64)).log().sum().backward()
    assert network.weight(name).grad.abs().sum() > 0


def test_lines_for_a_gpu_come_in_large_batches() -> None:
    made = list(batches([100] * 150, GPU_ROWS))
    assert [len(indices) for indices, _ in made] == [64, 64, 22]
    assert sorted(i for indices, _ in made for i in indices) == list(range(150))


@pytest.mark.parametrize("device", ["gpu:99", "gpu:x", "tpu"])
def test_devices_that_are_not_here_are_refused(device: str) -> None:
    with pytest.raises(DocumentError) as refused:
        torch_device(device)
    assert refused.value.code == "device-missing"


@pytest.mark.parametrize("name", ["PP-OCRv6_small_det", "PP-OCRv6_small_rec"])
def test_weights_for_transformers_are_equal_and_complete(name: str, tmp_path: Path) -> None:
    """What PaddleOCR needs on a GPU. Measured differences: 1.1e-7 and 4.2e-5."""
    from ocr.models.transformers_dir import convert

    made = convert(name, tmp_path)
    assert made.difference < 2e-4
    assert made.equal == 1.0
    names = {path.name for path in made.folder.iterdir()}
    assert names == {"config.json", "model.safetensors", "preprocessor_config.json", "inference.yml"}


def test_only_networks_with_a_class_are_converted(tmp_path: Path) -> None:
    from ocr.models.transformers_dir import convert

    with pytest.raises(DocumentError) as refused:
        convert("ch_ppocr_mobile_v2.0_cls", tmp_path)
    assert refused.value.code == "model-not-convertible"


def test_a_conversion_that_answers_otherwise_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ocr.models import transformers_dir

    monkeypatch.setattr(transformers_dir, "_compared", lambda *_: (0.5, 0.7))
    with pytest.raises(DocumentError) as refused:
        transformers_dir.convert("PP-OCRv6_small_rec", tmp_path)
    assert refused.value.code == "model-unequal"
    assert list(tmp_path.iterdir()) == []

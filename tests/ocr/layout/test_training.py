"""The network learns, stops and goes on, and its ONNX file answers like it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from ocr.layout.augment import Strength, augment  # noqa: E402
from ocr.layout.batches import batch, example, stream  # noqa: E402
from ocr.layout.export import compare, export  # noqa: E402
from ocr.layout.network import LayoutNet, Size, load, save  # noqa: E402
from ocr.layout.runtime import LayoutRunner  # noqa: E402
from ocr.layout.samples import of_synthetic  # noqa: E402
from ocr.layout.train import Config, Drop, config_of, stage, total_loss, train  # noqa: E402
from ocr.synthetic import make  # noqa: E402

torch.set_num_threads(1)
SMALL = Size(hidden=48, layers=1, heads=4, inner=64)


def _pages(count: int) -> list:
    return [s for seed in range(count) for s in of_synthetic(make("receipt", lang="en", seed=seed))]


def test_a_small_network_learns_a_few_pages() -> None:
    torch.manual_seed(1)
    pages, rows = _pages(6), []
    net = LayoutNet(SMALL)
    fixed = batch([example(p) for p in pages])
    before = float(total_loss(net(fixed.ids, fixed.boxes), fixed).detach())
    batches = stream(
        lambda r: r.choice(pages), Random(1), 600, lambda s, r: augment(s, r, Strength(vendor=0))
    )
    stage(net, batches, 50, 5e-3, log=rows.append, name="t", check=25, drop=Drop(0.1, 0.0, 0.1))
    net.eval()
    assert float(total_loss(net(fixed.ids, fixed.boxes), fixed).detach()) < 0.75 * before
    assert [r["step"] for r in rows] == [25, 50]


def test_relative_bias_is_trained() -> None:
    net = LayoutNet(SMALL)
    page = batch([example(_pages(1)[0])])
    total_loss(net(page.ids, page.boxes), page).backward()
    assert all(float(table.weight.grad.abs().sum()) > 0 for table in net.bias.tables)


def test_padding_does_not_change_an_answer() -> None:
    torch.manual_seed(2)
    net = LayoutNet(SMALL).eval()
    short, long = sorted((example(p) for p in _pages(4)[:2]), key=lambda e: len(e.encoded.ids))
    both, alone = batch([short, long]), batch([short])
    with torch.no_grad():
        padded = net(both.ids, both.boxes)[0, : len(short.encoded.ids)]
        single = net(alone.ids, alone.boxes)[0]
    assert torch.allclose(padded, single, atol=1e-4)


@pytest.mark.parametrize("half", (False, True))
def test_the_exported_graph_answers_like_the_network(tmp_path: Path, half: bool) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    torch.manual_seed(3)
    net = LayoutNet(SMALL)
    save(net, str(tmp_path / "net.pt"), {})
    assert export(tmp_path / "net.pt", tmp_path / "small.onnx", half=half) < (0.05 if half else 2e-3)
    assert compare(net.eval(), tmp_path / "small.onnx") < 0.05
    runner = LayoutRunner(tmp_path / "small.onnx")
    page = example(_pages(1)[0]).encoded
    believed = runner(page)
    assert believed.tags.shape[0] == len(page.ids) and abs(float(believed.tags[0].sum()) - 1) < 1e-4


def test_weights_of_another_version_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    from ocr.errors import DocumentError

    save(LayoutNet(SMALL), str(tmp_path / "net.pt"), {})
    export(tmp_path / "net.pt", tmp_path / "m.onnx")
    card = json.loads((tmp_path / "m.json").read_text())
    (tmp_path / "m.json").write_text(json.dumps(card | {"tags": ["O"]}))
    with pytest.raises(DocumentError, match="another version"):
        LayoutRunner(tmp_path / "m.onnx")
    with pytest.raises(DocumentError, match="not at"):
        LayoutRunner(tmp_path / "none.onnx")


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    config = Config(
        out=str(tmp_path / "run"), cache=str(tmp_path / "cache"), synthetic=220, synthetic_seeds=(1,),
        pretrain_steps=4, finetune_steps=2, words=400, check=2, size=SMALL,
    )  # fmt: skip
    train(config)
    running = tmp_path / "run" / "checkpoint.pt"
    assert load(str(running))[1]["step"] == 4
    (tmp_path / "run" / "pretrained.pt").unlink()
    train(replace(config, pretrain_steps=6))
    steps = [json.loads(line)["step"] for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert steps == [2, 4, 6]


def test_unknown_settings_are_named() -> None:
    with pytest.raises(ValueError, match="lerning_rate"):
        config_of({"out": "x", "lerning_rate": 1})


def test_a_config_becomes_a_model_with_its_card(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    from ocr.errors import DocumentError
    from ocr.layout.own import read_config, train_own

    config = {
        "out": str(tmp_path / "run"), "cache": str(tmp_path / "cache"), "synthetic": 40,
        "synthetic_seeds": [1], "pretrain_steps": 4, "words": 400, "check": 2,
        "size": {"hidden": 48, "layers": 1, "heads": 4, "inner": 64},
    }  # fmt: skip
    file, told = tmp_path / "config.json", []
    file.write_text(json.dumps(config))
    made = train_own(file, tell=told.append)
    assert LayoutRunner(Path(made["model"])).card["parameters"] == made["parameters"]
    assert "minutes left" in told[0] and "2/4" in told[0] and made["held"] > 0
    assert '"pretrain_steps": 4' in Path(made["card"]).read_text("utf-8")
    file.write_text(json.dumps({"out": "x", "lerning_rate": 1}))
    with pytest.raises(DocumentError, match="lerning_rate"):
        read_config(file)

"""Settings are searched over a stated space, within a budget, and what was measured is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from ocr.errors import DocumentError  # noqa: E402
from ocr.layout.search import Space, chosen, search, space_of, table  # noqa: E402
from ocr.layout.train import Config, config_of  # noqa: E402

torch.set_num_threads(1)


def _base(folder: Path) -> Config:
    values = {
        "out": str(folder / "run"), "cache": str(folder / "cache"), "synthetic": 20, "synthetic_seeds": [1],
        "pretrain_steps": 2, "words": 300, "check": 2,
        "size": {"hidden": 24, "layers": 1, "heads": 2, "inner": 32, "dropout": 0.0},
    }  # fmt: skip
    return config_of(values)


def test_the_best_of_a_small_space_comes_first(tmp_path: Path) -> None:
    space = Space({"pretrain_rate": [0.02, 1e-9], "seed": [1]}, trials=4, judge=4)
    told: list[str] = []
    trials = search(_base(tmp_path), space, told.append)
    assert [t.choice["pretrain_rate"] for t in trials] == [0.02, 1e-9]
    assert trials[0].loss < trials[1].loss and len(told) == 2
    assert "pretrain_rate 0.02" in table(trials)[0][1]
    assert search(_base(tmp_path), space, told.append) == trials and len(told) == 2  # nothing is trained twice


def test_no_trial_begins_after_the_budget(tmp_path: Path) -> None:
    told: list[str] = []
    assert search(_base(tmp_path), Space({"seed": [1, 2]}, minutes=-1.0), told.append) == []
    assert "are over" in told[0]


def test_draws_are_fixed_and_parts_of_the_size_can_be_chosen(tmp_path: Path) -> None:
    space = Space({"size.hidden": [24, 48], "seed": [1, 2, 3]}, trials=3)
    assert space.draw() == space.draw() and len(space.draw()) == 3
    config = chosen(_base(tmp_path), {"size.hidden": 48, "seed": 7}, "there")
    assert (config.size.hidden, config.size.layers, config.seed, config.out) == (48, 1, 7, "there")


@pytest.mark.parametrize("space", ({}, {"choices": {"lerning_rate": [1]}}, {"choices": {"seed": []}}, {"choices": {"seed": [1]}, "x": 1}))
def test_a_space_that_means_nothing_is_refused(tmp_path: Path, space: dict) -> None:
    file = tmp_path / "space.json"
    file.write_text(json.dumps(space))
    with pytest.raises(DocumentError, match="no space of settings"):
        space_of(file)

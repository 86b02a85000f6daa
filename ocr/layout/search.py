"""Search of training settings over a small stated space: every trial is a whole training, judged on the same pages.

    {"choices": {"pretrain_rate": [0.0006, 0.0009], "size.hidden": [96, 192], "seed": [1, 2]},
     "trials": 6, "minutes": 30, "judge": 60}

Trials are drawn without repetition in an order that `order` (a seed, 1 when left out) fixes. `minutes` is the budget:
no trial begins after it. `judge` made pages of a seed that no training uses measure each one; a trial that was
measured before is not trained again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from ocr.errors import DocumentError
from ocr.layout.network import load
from ocr.layout.shards import shard
from ocr.layout.train import Config, config_of, held_out_loss, train

JUDGE_SEED = 986
"""Not among the seeds of any training."""
KNOWN = {"choices", "trials", "minutes", "order", "judge"}
Choice = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Space:
    """`choices`: a setting (`size.hidden` for a part of the size) → the values it may take."""

    choices: Mapping[str, Sequence[Any]]
    trials: int = 8
    minutes: float = 60.0
    order: int = 1
    judge: int = 60

    def draw(self) -> list[Choice]:
        """At most `trials` different choices in the fixed order."""
        names = list(self.choices)
        every: list[Choice] = [dict(zip(names, v, strict=True)) for v in product(*self.choices.values())]
        Random(self.order).shuffle(every)
        return every[: self.trials]


@dataclass(frozen=True, slots=True)
class Trial:
    """One training: what was chosen, the loss on the judging pages, and its cost."""

    choice: Choice
    loss: float
    parameters: int
    seconds: float
    out: str


def space_of(file: Path) -> Space:
    """The space of a JSON file. Raises `DocumentError` (`training-config-invalid`)."""
    try:
        values = json.loads(file.read_text("utf-8"))
        if set(values) - KNOWN or not values.get("choices") or not all(values["choices"].values()):
            raise ValueError(f"it needs `choices` with values, and knows {', '.join(sorted(KNOWN))}")
        space = Space(**values)
        for choice in space.draw():
            chosen(config_of({"out": "x"}), choice, "x")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DocumentError(
            "training-config-invalid",
            f"{file} is no space of settings: {error}",
            'For instance {"choices": {"pretrain_rate": [0.0006, 0.0009]}, "trials": 2, "minutes": 30}.',
            kind="flow",
            details={"file": str(file), "reason": str(error)},
        ) from error
    return space


def chosen(base: Config, choice: Choice, out: str) -> Config:
    """The base config with a choice's settings. Raises ValueError or TypeError for an unknown one."""
    values = {name: value for name, value in choice.items() if not name.startswith("size.")}
    size = {name.removeprefix("size."): value for name, value in choice.items() if name.startswith("size.")}
    return config_of({**asdict(base), "size": {**asdict(base.size), **size}, **values, "out": out})


def search(base: Config, space: Space, tell: Callable[[str], Any] = print) -> list[Trial]:
    """The trials, the best first. Their results stay in `trials.jsonl` under the base's `out`."""
    began, file = time.perf_counter(), Path(base.out) / "trials.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    done = _kept(file)
    for number, choice in enumerate(space.draw(), 1):
        if (time.perf_counter() - began) / 60 > space.minutes:
            tell(f"{space.minutes:g} minutes are over: {number - 1} trials")
            break
        if not any(trial.choice == choice for trial in done):
            trial = _tried(base, choice, str(file.parent / f"trial-{_name(choice)}"), space.judge)
            done.append(trial)
            with file.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(trial)) + "\n")
            tell(f"{number}: {_words(choice)}: loss {trial.loss:.4f}, {trial.seconds:.0f} s")
    return sorted(done, key=lambda trial: trial.loss)


def _kept(file: Path) -> list[Trial]:
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return [Trial(**json.loads(line)) for line in lines]


def _tried(base: Config, choice: Choice, out: str, judge: int) -> Trial:
    began = time.perf_counter()
    config = chosen(base, choice, out)
    net = load(str(train(config, watch=lambda _: None)))[0]
    seconds = time.perf_counter() - began
    loss = held_out_loss(shard(Path(base.cache), judge, JUDGE_SEED))(net)
    parameters = sum(p.numel() for p in net.parameters())
    return Trial(dict(choice), round(loss, 5), parameters, round(seconds, 1), out)


def _name(choice: Choice) -> str:
    return "-".join(f"{name}={value}" for name, value in choice.items()).replace("/", "_")


def _words(choice: Choice) -> str:
    return ", ".join(f"{name} {value}" for name, value in choice.items())


def table(trials: Sequence[Trial]) -> list[tuple[str, ...]]:
    """Rows of place, settings, loss, parameters, minutes."""
    return [
        (str(i), _words(t.choice), f"{t.loss:.4f}", f"{t.parameters:,}", f"{t.seconds / 60:.1f}")
        for i, t in enumerate(trials, 1)
    ]

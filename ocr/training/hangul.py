"""Training of the Hangul recogniser.

    python -m ocr.training.hangul OUT [--steps N] [--seed S] [--threads T]

Everything follows from the seed; a run that was stopped goes on from its last checkpoint in OUT. First the new
head alone, on features as the base gives them; then all but the first layers. The weights that count are a
running mean. `python -m ocr.training.hangul_export OUT` writes the ONNX file and the model card.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor

from ocr.training.hangul_check import CHECKS, measure, stacked
from ocr.training.hangul_ctc import loss, targets_of
from ocr.training.hangul_net import HangulNet, from_base
from ocr.training.hangul_pages import LineImage, Mix, lines

_POOL = 2048
"""Lines drawn at once and sorted by width, so that a batch holds little besides lines."""
_MIX = Mix(reworded=0.6, faxed=0.4)
_COLUMNS = 5600
"""Pixels of width a batch may have in sum."""
_FIRST_LAYERS = ("backbone.backbone.encoder.convolution", "backbone.backbone.encoder.blocks.0")


@dataclass(frozen=True, slots=True)
class Config:
    """A run. `head_steps` of `steps` train the head alone; `keep_numbers` is the share of lines without any
    syllable that stays; rates are AdamW's. Every `keep` steps a checkpoint,
    every `check` steps the error rates."""

    steps: int = 20_000
    head_steps: int = 500
    head_rate: float = 4e-3
    rate: float = 7e-4
    keep_numbers: float = 0.35
    decay: float = 0.999
    keep: int = 50
    check: int = 500
    seed: int = 1
    threads: int = 1


def train(config: Config, out: Path) -> Path:
    """Trains, or goes on; returns the checkpoint."""
    torch.set_num_threads(config.threads)
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(asdict(config), indent=1), "utf-8")
    run = _Run(config, out)
    run.resume()
    run.go()
    return run.file


class _Run:
    """Network, optimiser and running mean, with their checkpoint."""

    def __init__(self, config: Config, out: Path) -> None:
        self.config, self.out, self.file = config, out, out / "checkpoint.pt"
        self.net = from_base(config.seed).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean = {name: value.clone() for name, value in self.net.state_dict().items()}
        self.chooser = torch.optim.AdamW(_groups(self.net, config), betas=(0.9, 0.98))
        self.step, self.seconds, self.seen = 0, 0.0, 0

    def resume(self) -> None:
        if not self.file.is_file():
            return
        kept = torch.load(self.file, weights_only=True)
        self.net.load_state_dict(kept["net"])
        self.chooser.load_state_dict(kept["chooser"])
        self.mean, self.step, self.seconds, self.seen = (kept[k] for k in ("mean", "step", "seconds", "seen"))

    def save(self) -> None:
        values = ("net", self.net.state_dict()), ("chooser", self.chooser.state_dict())
        kept = dict(values) | {"mean": self.mean, "step": self.step, "seconds": self.seconds, "seen": self.seen}
        part = self.file.with_suffix(".part")
        torch.save(kept, part)
        part.replace(self.file)

    def go(self) -> None:
        stream = batches(f"{self.config.seed}/{self.step}", self.config.keep_numbers)
        _frees(self.net, self.step >= self.config.head_steps)
        total, since, cpu = 0.0, 0, time.process_time()
        while self.step < self.config.steps:
            total, since = total + self._one(next(stream)), since + 1
            if self.step % 50 == 0 or self.step == self.config.steps:
                self.seconds, cpu = self.seconds + time.process_time() - cpu, time.process_time()
                self._log({"loss": total / since})
                total, since = 0.0, 0
            if self.step % self.config.keep == 0:
                self.save()
            if self.step % self.config.check == 0 or self.step == self.config.steps:
                self.save()
                self._log(self._checked())
                cpu = time.process_time()

    def _one(self, batch: Sequence[LineImage]) -> float:
        _set_rates(self.chooser, self.config, self.step)
        self.net.train()
        pixels, steps = stacked(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.net(pixels.contiguous(memory_format=torch.channels_last))
        value = loss(logits, targets_of([line.text for line in batch]), steps)
        self.chooser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.chooser.step()
        if self.step + 1 == self.config.head_steps:
            _frees(self.net, True)
        self.step, self.seen = self.step + 1, self.seen + len(batch)
        _average(self.mean, self.net, min(self.config.decay, (1 + self.step) / (10 + self.step)))
        return float(value.detach())

    def _checked(self) -> dict[str, float]:
        own = {name: value.clone() for name, value in self.net.state_dict().items()}
        self.net.load_state_dict(self.mean)
        rates = {name: measure(self.net, name).rate for name in CHECKS}
        self.net.load_state_dict(own)
        return rates

    def _log(self, values: dict[str, float]) -> None:
        row: dict[str, Any] = {"step": self.step, "lines": self.seen, "cpu_seconds": round(self.seconds)}
        text = json.dumps(row | {name: round(value, 5) for name, value in values.items()})
        print(text, flush=True)
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def batches(seed: str, keep_numbers: float) -> Iterator[list[LineImage]]:
    """Lines of like width together, the batches in random order; made by a process of their own."""
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    context.Process(target=_serve, args=(theirs, seed, keep_numbers), daemon=True).start()
    theirs.close()
    while True:
        yield from ours.recv()


def _serve(pipe: Connection, seed: str, keep_numbers: float) -> None:
    """Sends pools of batches until nobody listens."""
    rng = Random(f"{seed}/batches")
    source = (line for line in lines(rng.getrandbits(40), _MIX) if _wanted(line, rng, keep_numbers))
    while True:
        made = _batches(sorted(islice(source, _POOL), key=lambda line: line.pixels.shape[1]))
        try:
            pipe.send(rng.sample(made, len(made)))
        except BrokenPipeError:
            return


def _batches(pool: Sequence[LineImage]) -> list[list[LineImage]]:
    made: list[list[LineImage]] = [[]]
    for line in pool:
        if (len(made[-1]) + 1) * line.pixels.shape[1] > _COLUMNS:
            made.append([])
        made[-1].append(line)
    return made


def _wanted(line: LineImage, rng: Random, keep_numbers: float) -> bool:
    return rng.random() < keep_numbers or any("가" <= char <= "힣" for char in line.text)


def _groups(net: HangulNet, config: Config) -> list[dict[str, Any]]:
    """The head; the body without its first layers, which stay as they are."""
    body = [p for n, p in net.named_parameters() if not n.startswith(("classes", *_FIRST_LAYERS))]
    return [
        {"params": list(net.classes.parameters()), "lr": config.head_rate, "weight_decay": 0.0},
        {"params": body, "lr": config.rate, "weight_decay": 0.01},
    ]


def _frees(net: HangulNet, body: bool) -> None:
    """Which parameters learn: the head always, the body but for its first layers if `body`."""
    for name, parameter in net.named_parameters():
        first = name.startswith(_FIRST_LAYERS)
        parameter.requires_grad_(name.startswith("classes") or (body and not first))


def _set_rates(chooser: torch.optim.Optimizer, config: Config, step: int) -> None:
    """The body joins slowly after the head's own steps; both end at a twentieth."""
    head, body = chooser.param_groups
    left = max(0.05, min(1.0, 2.0 * (1 - step / config.steps)))
    head["lr"] = (config.head_rate if step < config.head_steps else 2 * config.rate) * left
    body["lr"] = config.rate * left * min(1.0, max(0.0, (step - config.head_steps) / 300))


def _average(mean: dict[str, Tensor], net: HangulNet, decay: float) -> None:
    for name, value in net.state_dict().items():
        mean[name].lerp_(value, 1 - decay) if value.is_floating_point() else mean[name].copy_(value)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    for name in ("steps", "seed", "threads"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Config(), name))
    asked = parser.parse_args(arguments)
    print(train(Config(steps=asked.steps, seed=asked.seed, threads=asked.threads), asked.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Training: synthetic pages first, then real ones with synthetic ones mixed in.

`python -m ocr.layout.train config.json` or `train(Config(...))`. Everything follows from the config and its
seed; a run that was stopped goes on from its last checkpoint.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ocr.layout.augment import Strength, augment
from ocr.layout.batches import Batch, batch, example, stream
from ocr.layout.encode import TEXT_SLOTS
from ocr.layout.network import LayoutNet, Size, heads_slices, load, save
from ocr.layout.samples import IGNORE, Sample, of_folder
from ocr.layout.shards import shard


@dataclass(frozen=True, slots=True)
class Config:
    """A run. `data`: folders with `truth.jsonl`; `synthetic`: how many documents are made."""

    out: str
    data: tuple[str, ...] = ()
    cache: str = ".layout-cache"
    synthetic: int = 15000
    synthetic_seeds: tuple[int, ...] = (101, 102, 103, 104, 105, 106)
    pretrain_steps: int = 3600
    finetune_steps: int = 500
    pretrain_rate: float = 9e-4
    finetune_rate: float = 5e-4
    replay: float = 0.3
    drop_text: float = 0.15
    drop_word: float = 0.04
    drop_place: float = 0.25
    words: int = 1200
    seed: int = 1
    threads: int = 1
    device: str = "cpu"
    check: int = 300
    patience: int = 6
    size: Size = field(default_factory=Size)
    start: str | None = None
    """A checkpoint to begin with: pretrained already, unless `again`."""
    again: bool = False


def config_of(values: dict[str, Any]) -> Config:
    """A config from JSON. Raises ValueError that names an unknown key."""
    known = {f.name for f in fields(Config)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(
            f"unknown training settings: {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    values = dict(values)
    if "size" in values:
        values["size"] = Size(**values["size"])
    for name in ("data", "synthetic_seeds"):
        if name in values:
            values[name] = tuple(values[name])
    return Config(**values)


# ---- loss ------------------------------------------------------------------------------------------------


def losses(out: Tensor, target: Batch) -> dict[str, Tensor]:
    """One loss for each head. A word may have several allowed tags: their probabilities add up."""
    cut = heads_slices()
    logits = {name: out[..., a:b] for name, (a, b) in cut.items()}
    open_tags = target.allowed.any(dim=-1)
    log = functional.log_softmax(logits["tag"], dim=-1).masked_fill(~target.allowed, -1e4)
    tag_loss = -torch.logsumexp(log, dim=-1)[open_tags]
    named = ~target.allowed[..., 0][open_tags]
    weights = 1.0 + named.float()
    return {
        "tag": (tag_loss * weights).sum() / weights.sum(),
        "role": _cross(logits["role"], target.roles),
        "part": _cross(logits["part"], target.parts),
        "begin": _binary(logits["begin"], target.begins),
        "row": _binary(logits["row"], target.rows),
    }


def _cross(logits: Tensor, target: Tensor) -> Tensor:
    if not (target != IGNORE).any():
        return logits.sum() * 0.0
    return functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=IGNORE)


def _binary(logits: Tensor, target: Tensor) -> Tensor:
    open_words = target != IGNORE
    if not open_words.any():
        return logits.sum() * 0.0
    return functional.binary_cross_entropy_with_logits(logits[..., 0][open_words], target[open_words].float())


WEIGHTS = {"tag": 1.0, "role": 0.3, "part": 0.2, "begin": 0.5, "row": 0.3}


def total_loss(out: Tensor, target: Batch) -> Tensor:
    parts = losses(out, target)
    return torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()


# ---- one stage -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Average:
    """A running mean of the weights: steadier than the last step's."""

    state: dict[str, Tensor]
    decay: float = 0.998

    def update(self, net: LayoutNet, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in net.state_dict().items():
            self.state[name].lerp_(value, 1 - decay) if value.is_floating_point() else self.state[name].copy_(
                value
            )


@dataclass(frozen=True, slots=True)
class Drop:
    """Chances to blank a piece of a spelling, a whole spelling, or a hint about place and amounts, so that
    nothing is learned from one of them alone."""

    text: float
    word: float
    place: float

    def apply(self, ids: Tensor) -> Tensor:
        """`ids` with rows blanked; a word keeps at least one hint, for a word without any is padding."""
        chance = torch.full(ids.shape, self.text, device=ids.device)
        chance[..., TEXT_SLOTS:] = self.place
        gone = torch.rand(ids.shape, device=ids.device) < chance
        gone[..., :TEXT_SLOTS] |= torch.rand((*ids.shape[:2], 1), device=ids.device) < self.word
        gone[..., TEXT_SLOTS] = False
        return ids.masked_fill(gone, 0)


def drop_of(config: Config) -> Drop:
    return Drop(config.drop_text, config.drop_word, config.drop_place)


Log = Callable[[dict[str, Any]], None]


def stage(
    net: LayoutNet,
    batches: Iterator[Batch],
    steps: int,
    rate: float,
    *,
    log: Log,
    name: str,
    check: int = 500,
    validate: Callable[[LayoutNet], float] | None = None,
    patience: int = 6,
    keep: Callable[[LayoutNet, int], None] | None = None,
    begin: int = 0,
    drop: Drop,
) -> None:
    """`steps` steps of AdamW with warm-up and a cosine; the net ends with averaged weights."""
    chooser = torch.optim.AdamW(_groups(net), lr=rate, betas=(0.9, 0.98))
    average = Average({k: v.clone() for k, v in net.state_dict().items()})
    best, worse, since, started = math.inf, 0, 0.0, time.perf_counter()
    for step in range(begin, steps):
        for group in chooser.param_groups:
            group["lr"] = _rate(rate, step, steps)
        since += _step(net, next(batches), chooser, drop)
        average.update(net, step - begin)
        if (step + 1) % check and step + 1 != steps:
            continue
        held = _with(net, average.state, validate) if validate else None
        log(
            {
                "stage": name,
                "step": step + 1,
                "begun": begin,
                "loss": since / check,
                "held": held,
                "seconds": time.perf_counter() - started,
            }
        )
        since = 0.0
        if keep:
            keep(net, step + 1)
        worse = worse + 1 if held is not None and held >= best else 0
        best = min(best, held) if held is not None else best
        if worse > patience:
            break
    net.load_state_dict(average.state)


def _groups(net: LayoutNet) -> list[dict[str, Any]]:
    """No decay for biases, norms and the hashed rows."""
    plain = [p for n, p in net.named_parameters() if p.ndim < 2 or n.startswith("words")]
    decayed = [p for n, p in net.named_parameters() if p.ndim >= 2 and not n.startswith("words")]
    return [{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}]


def _rate(peak: float, step: int, steps: int) -> float:
    warm = min(400, max(1, steps // 10))
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


def _step(net: LayoutNet, target: Batch, chooser: torch.optim.Optimizer, drop: Drop) -> float:
    net.train()
    device = next(net.parameters()).device
    target = target.to(device)
    ids = drop.apply(target.ids)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        out = net(ids, target.boxes)
    loss = total_loss(out.float(), target)
    chooser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    chooser.step()
    return float(loss.detach())


def losses_of_steps(net: LayoutNet, pages: Sequence[Sample], config: Config, steps: int, drop: Drop) -> list[float]:
    """The losses of a few plain steps over made pages: what a bench times."""
    chooser = torch.optim.AdamW(_groups(net), lr=config.pretrain_rate, betas=(0.9, 0.98))
    strength = Strength(vendor=0.0)
    rng = Random(config.seed)
    batches = stream(lambda r: r.choice(pages), rng, config.words, lambda s, r: augment(s, r, strength))
    return [_step(net, next(batches), chooser, drop) for _ in range(steps)]


def _with(net: LayoutNet, state: dict[str, Tensor], measure: Callable[[LayoutNet], float]) -> float:
    """`measure` with other weights, then the old ones again."""
    old = {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(state)
    value = measure(net)
    net.load_state_dict(old)
    return value


def held_out_loss(samples: Sequence[Sample]) -> Callable[[LayoutNet], float]:
    """The mean loss over pages that are never trained on."""
    ready = [batch([example(sample)]) for sample in samples]

    def measure(net: LayoutNet) -> float:
        net.eval()
        device = next(net.parameters()).device
        with torch.no_grad():
            moved = (b.to(device) for b in ready)
            return sum(float(total_loss(net(b.ids, b.boxes), b)) for b in moved) / max(1, len(ready))

    return measure


# ---- the two stages --------------------------------------------------------------------------------------


def pretrain(
    net: LayoutNet,
    pages: Sequence[Sample],
    config: Config,
    log: Log,
    begin: int = 0,
    keep: Callable[[LayoutNet, int], None] | None = None,
) -> None:
    """Synthetic pages; the last tenth of them, 100 at most, is held out."""
    count = min(100, len(pages) // 10)
    pages, held = pages[:-count], pages[-count:]
    rng = Random(f"{config.seed}/pretrain/{begin}")
    strength = Strength(vendor=0.0)
    batches = stream(lambda r: r.choice(pages), rng, config.words, lambda s, r: augment(s, r, strength))
    stage(
        net,
        batches,
        config.pretrain_steps,
        config.pretrain_rate,
        log=log,
        name="pretrain",
        drop=drop_of(config),
        check=config.check,
        validate=held_out_loss(held),
        patience=config.patience,
        keep=keep,
        begin=begin,
    )


def finetune(
    net: LayoutNet,
    real: Sequence[Sample],
    synthetic: Sequence[Sample],
    config: Config,
    log: Log,
    name: str = "finetune",
) -> None:
    """Real pages, with a share of synthetic ones so that what they taught stays."""
    rng = Random(f"{config.seed}/{name}")
    strength = Strength()

    def draw(r: Random) -> Sample:
        return r.choice(synthetic) if r.random() < config.replay else r.choice(real)

    batches = stream(draw, rng, config.words, lambda s, r: augment(s, r, strength))
    stage(
        net,
        batches,
        config.finetune_steps,
        config.finetune_rate,
        log=log,
        name=name,
        check=config.check,
        drop=drop_of(config),
    )


def synthetic_pages(config: Config) -> list[Sample]:
    """All made pages of a config, from its cache where they are there."""
    each = config.synthetic // max(1, len(config.synthetic_seeds))
    return [sample for seed in config.synthetic_seeds for sample in shard(Path(config.cache), each, seed)]


def logger(path: Path, watch: Callable[[dict[str, Any]], None] | None = None) -> Log:
    """A log of one JSON object a line, also printed, or shown to `watch`."""

    def write(row: dict[str, Any]) -> None:
        text = json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in row.items()})
        if watch is None:
            print(text, flush=True)
        else:
            watch(row)
        with path.open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    return write


def prepared(config: Config) -> Path:
    """Fix the random sources and make the output folder."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(asdict(config), indent=1), "utf-8")
    return out


def train(config: Config, watch: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """Both stages; returns the checkpoint. Goes on where an earlier run with the same `out` stopped."""
    out = prepared(config)
    log, pages = logger(out / "log.jsonl", watch), synthetic_pages(config)
    first, final = out / "pretrained.pt", out / "final.pt"
    net = _first_stage(config, pages, first, out / "checkpoint.pt", log)
    real = [sample for folder in config.data for sample in of_folder(Path(folder))]
    if real:
        finetune(net, real, pages, config, log)
    save(net, str(final), {"log": [len(pages), len(real)]})
    return final


def _first_stage(config: Config, pages: Sequence[Sample], first: Path, running: Path, log: Log) -> LayoutNet:
    if first.exists() or (config.start and not config.again):
        return load(str(first) if first.exists() else str(config.start))[0].to(config.device)
    net, begin = (load(config.start)[0] if config.start else LayoutNet(config.size)), 0
    if running.exists():
        net, extra = load(str(running))
        begin = int(extra["step"])
    net.to(config.device)
    pretrain(net, pages, config, log, begin, lambda n, step: save(n, str(running), {"step": step}))
    save(net, str(first), {})
    return net


def main(arguments: Sequence[str] | None = None) -> int:
    """`config.json`: train as it says."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 1:
        print("usage: python -m ocr.layout.train config.json", file=sys.stderr)
        return 2
    print(train(config_of(json.loads(Path(given[0]).read_text("utf-8")))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

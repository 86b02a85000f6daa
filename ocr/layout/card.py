"""The model card: what was trained, on what, how well it does, what it must not be used for."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocr.layout.network import Size

HERE = Path(__file__).parent

TEMPLATE = """# {name}

Text + layout transformer for fields of invoices, receipts, Korean tax invoices and forms.

| | |
|---|---|
| parameters | {parameters:,} |
| file | {megabytes:.1f} MB ONNX, 16-bit weights, run by onnxruntime |
| largest difference to the trained network | {difference:.5f} (logits) |
| network | {network} |
| training data | {data} |
| synthetic pages | {synthetic} documents of `ocr/synthetic`, seeds {seeds} |
| steps | {pretrain_steps} on synthetic pages, {finetune_steps} on real and synthetic ones |
| seed | {seed} |
| licence of the weights | Apache-2.0; {attribution} |

## Retrain

```
python -m ocr.layout.train config.json
```

with this `config.json`:

```json
{config}
```

The log is beside the checkpoint (`log.jsonl`). {recipe}

## Measured

{measured}

## Limits

{limits}
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the card says beyond the export's own numbers."""

    config: Mapping[str, Any]
    config_text: str
    data: str
    attribution: str
    measured: str
    limits: str
    recipe: str = ""


def write_card(path: Path, exported: Mapping[str, Any], size: int, facts: Facts) -> None:
    """Write `path` from the export's JSON, its size in bytes and the facts."""
    network = ", ".join(f"{name} {value}" for name, value in facts.config["size"].items())
    text = TEMPLATE.format(
        name=exported["name"],
        parameters=exported["parameters"],
        megabytes=size / 1e6,
        difference=exported["difference"],
        network=network,
        data=facts.data,
        synthetic=facts.config["synthetic"],
        seeds=", ".join(map(str, facts.config["synthetic_seeds"])),
        pretrain_steps=facts.config["pretrain_steps"],
        finetune_steps=facts.config["finetune_steps"],
        seed=facts.config["seed"],
        attribution=facts.attribution,
        config=facts.config_text,
        recipe=facts.recipe,
        measured=facts.measured,
        limits=facts.limits,
    )
    path.write_text(text, "utf-8")


def shipped_facts(recipes: Path = HERE / "recipes") -> Facts:
    """The facts of the shipped weights: their last recipe and `facts.json` beside it."""
    told = json.loads((recipes / "facts.json").read_text("utf-8"))
    config_text = (recipes / "3-receipts.json").read_text("utf-8").strip()
    config = {**json.loads((recipes / "1-pretrain.json").read_text("utf-8")), **json.loads(config_text)}
    return Facts(
        config={"size": asdict(Size()), **config},
        config_text=config_text,
        data=told["data"],
        attribution=told["attribution"],
        measured="\n\n".join(told["measured"]),
        limits="\n".join(f"- {limit}" for limit in told["limits"]),
        recipe=told["recipe"],
    )


def main() -> int:
    """`python -m ocr.layout.card`: writes the card of the shipped weights again."""
    weights = HERE / "weights" / "layout-small.onnx"
    exported = json.loads(weights.with_suffix(".json").read_text("utf-8"))
    write_card(weights.with_suffix(".md"), exported, weights.stat().st_size, shipped_facts())
    print(weights.with_suffix(".md").name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

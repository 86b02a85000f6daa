"""Training of the network that tells where words part.

    python -m ocr.synthetic made --count 300 --seed 31 --pictures --damaged 0.4
    python -m ocr.synthetic madeko --count 260 --seed 47 --lang ko --pictures --damaged 0.4
    python -m ocr.training.spaces OUT FOLDER[:FIRST-LAST]...

Each FOLDER has a `truth.jsonl` whose `segments` tell text and box; FIRST-LAST takes part of its pages (by their
order in `bench.reading`, so that measured pages can be left out). The lines are found and read as the reader does
it; a boundary counts where both characters are those of the reference. What was seen is kept in OUT, so that a
second training needs no second reading. Writes the weights and their card; every fifth page is held out.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from torch import Tensor, nn

from ocr.pages.page import Picture
from ocr.reading.batched.colons import with_colons
from ocr.reading.batched.fax import DETECTION_SIGMA, softened
from ocr.reading.batched.ownhangul import OwnRouter
from ocr.reading.batched.reader import BatchedReader
from ocr.reading.batched.recognise import Glyphs
from ocr.reading.batched.spaces import FEATURES, WEIGHTS, seen
from ocr.reading.batched.stacked import parted
from ocr.reading.crops import cut
from ocr.reading.engines import open_reader
from ocr.reading.quads import Quad
from ocr.reading.reader import ReaderOptions

Features: TypeAlias = NDArray[np.float32]
_ALIKE = 0.8
"""Share of a line's characters that must be the reference's."""
_HIDDEN, _EPOCHS, _ROWS = 32, 40, 512
_CARD = """# spaces

A network of two layers ({hidden} hidden) that tells whether words part between two characters of a recognised line.

| | |
|---|---|
| file | spaces.npz, {bytes:,} bytes |
| input | {features} numbers a boundary: room, the recogniser's chance of a space, classes of the characters around |
| trained on | {train:,} boundaries of {pages} pages: {sources} |
| seed | {seed} |
| held out, every fifth page | {held:,} boundaries, {wrong:.2%} wrong; by the recogniser's own spaces {written:.2%} |
| licence | Apache-2.0; ICDAR 2019 SROIE (Huang et al.), CC BY 4.0, is credited in NOTICE |

## Retrain

```
python -m ocr.synthetic made --count 300 --seed 31 --pictures --damaged 0.4
python -m ocr.synthetic madeko --count 260 --seed 47 --lang ko --pictures --damaged 0.4
python -m ocr.training.spaces OUT {command}
```
"""


@dataclass(frozen=True, slots=True)
class Boundaries:
    """`features` (n, FEATURES), `parts` (n,): whether the reference has a space, `page` (n,): from which page."""

    features: Features
    parts: NDArray[np.bool_]
    page: NDArray[np.int64]


# ---- what the reader sees --------------------------------------------------------------------------------


def boundaries_of(folder: Path, first: int, last: int) -> Boundaries:
    """All boundaries of the pages `first` to `last` of a folder with truth that can be told."""
    reader = open_reader("batched", ReaderOptions(korean="own"))
    assert isinstance(reader, BatchedReader)
    made: list[tuple[Features, NDArray[np.bool_], int]] = []
    for number, row in enumerate(_rows(folder)[first:last], first):
        picture = _picture(folder / row["file"])
        for features, parts in _page(reader, picture, row):
            made.append((features, np.array(parts, bool), number))
        print(f"\r{folder.name} {number + 1}", end="", file=sys.stderr, flush=True)
    features, parts, pages = zip(*((f, p, np.full(len(p), number)) for f, p, number in made), strict=True)
    return Boundaries(np.concatenate(features), np.concatenate(parts), np.concatenate(pages))


def _rows(folder: Path) -> list[dict[str, Any]]:
    """In the order of `bench.reading`: by a hash of their names."""
    rows = map(json.loads, (folder / "truth.jsonl").read_text("utf-8").splitlines())
    pictured = [row for row in rows if row.get("segments") and not row["file"].endswith(".pdf")]
    return sorted(pictured, key=lambda row: hashlib.md5(row["id"].encode(), usedforsecurity=False).hexdigest())


def _picture(file: Path) -> Picture:
    from PIL import Image

    with Image.open(file) as image:
        return Picture(1, np.asarray(image.convert("RGB")))


def _page(reader: BatchedReader, picture: Picture, row: dict[str, Any]) -> Iterator[tuple[Features, list[bool]]]:
    soft = softened(picture)
    found = reader.detector.quads(softened(picture, DETECTION_SIGMA).pixels)
    quads = parted(soft.pixels, with_colons(soft.pixels, found))
    crops = [cut(soft.pixels, quad) for quad in quads]
    scale = np.array([row["width"] / picture.width, row["height"] / picture.height])
    wanted = [_printed(quad * scale, row["segments"]) for quad in quads]
    for glyphs in _readings(reader, crops, row):
        for crop, line, text in zip(crops, glyphs, wanted, strict=True):
            yield from _told(crop, line, text)


def _readings(reader: BatchedReader, crops: Sequence[Any], row: dict[str, Any]) -> Iterator[list[Glyphs]]:
    if row.get("language") == "ko":
        assert isinstance(reader.router, OwnRouter)
        yield reader.router.recogniser.read(crops)
    else:
        yield reader.recogniser.read(crops)


def _printed(quad: Quad, segments: Sequence[dict[str, Any]]) -> str:
    """The reference of a line: the segments whose middle height lies in it, from left to right."""
    (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
    inside = [s for s in segments if _shares(s["box"], x0, y0, x1, y1)]
    return " ".join(s["text"] for s in sorted(inside, key=lambda s: s["box"][0]))


def _shares(box: Sequence[float], x0: float, y0: float, x1: float, y1: float) -> bool:
    height = min(box[3], y1) - max(box[1], y0)
    width = min(box[2], x1) - max(box[0], x0)
    return bool(width > 0 and height > 0.5 * min(box[3] - box[1], y1 - y0))


def _told(crop: Any, glyphs: Glyphs, text: str) -> Iterator[tuple[Features, list[bool]]]:
    """Features and answers of the boundaries between characters that the reference has side by side too."""
    line = seen(crop, glyphs)
    read = "".join(glyphs.text[i] for i in line.printed).casefold()
    words = text.casefold().split()
    reference, ends = "".join(words), set(itertools.accumulate(len(word) for word in words))
    if len(read) < 2 or len(read) != len(line.printed):
        return
    same = _same(read, reference)
    if len(same) < _ALIKE * len(read):
        return
    known = [k for k in range(len(read) - 1) if k in same and same.get(k + 1) == same[k] + 1]
    if known:
        yield line.features[known], [same[k] + 1 in ends for k in known]


def _same(read: str, reference: str) -> dict[int, int]:
    """Places in `read` of characters that are the reference's, and their places there."""
    blocks = Levenshtein.editops(read, reference).as_matching_blocks()
    return {block.a + i: block.b + i for block in blocks for i in range(block.size)}


# ---- the network -----------------------------------------------------------------------------------------


class Network(nn.Module):
    """Features (n, FEATURES) to logits (n,)."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(FEATURES, _HIDDEN), nn.Linear(_HIDDEN, 1)

    def forward(self, features: Tensor) -> Tensor:
        made: Tensor = self.second(torch.relu(self.first(features)))[:, 0]
        return made


def fitted(features: Features, parts: NDArray[np.bool_], seed: int) -> Network:
    """Cross-entropy by AdamW; features as they come (they are of like size). One thread: more gain nothing here."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = Network()
    chooser = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(chooser, _EPOCHS)
    x, y = torch.from_numpy(features), torch.from_numpy(parts.astype(np.float32))
    for _ in range(_EPOCHS):
        for rows in torch.split(torch.randperm(len(x)), _ROWS):
            loss = nn.functional.binary_cross_entropy_with_logits(net(x[rows]), y[rows])
            chooser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            chooser.step()
        rates.step()
    return net


def wrong(net: Network, held: Boundaries) -> float:
    """Share of boundaries told wrongly."""
    with torch.inference_mode():
        told: Tensor = net(torch.from_numpy(held.features)) > 0
    return float((told.numpy() != held.parts).mean())


def write(net: Network, file: Path) -> None:
    first, second = (value.detach().numpy() for value in (net.first.weight.T, net.second.weight[0]))
    bias, last = (value.detach().numpy() for value in (net.first.bias, net.second.bias[0]))
    np.savez(file, first=first, bias=bias, second=second, last=last)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("sources", nargs="+", metavar="FOLDER[:FIRST-LAST]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", type=Path, default=WEIGHTS)
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    parts = [_kept(asked.out, source) for source in asked.sources]
    train, held = (_joined([_share(part, keep) for part in parts]) for keep in (False, True))
    net = fitted(train.features, train.parts, asked.seed)
    for source, part in zip(asked.sources, parts, strict=True):
        print(f"{source}: {wrong(net, _share(part, True)):.2%} wrong of what is held out")
    write(net, asked.target)
    _write_card(asked, train, held, wrong(net, held))
    return 0


def _kept(out: Path, source: str) -> Boundaries:
    """The boundaries of a source, read once."""
    folder, _, pages = source.partition(":")
    first, last = (int(x) for x in pages.split("-")) if pages else (0, 10**6)
    file = out / f"{Path(folder).name}-{first}-{last}.npz"
    if not file.is_file():
        made = boundaries_of(Path(folder), first, last)
        np.savez_compressed(file, features=made.features, parts=made.parts, page=made.page)
    with np.load(file, allow_pickle=False) as kept:
        return Boundaries(kept["features"], kept["parts"], kept["page"])


def _share(all_: Boundaries, held: bool) -> Boundaries:
    """Every fifth page, or the others."""
    chosen = (all_.page % 5 == 0) == held
    return Boundaries(all_.features[chosen], all_.parts[chosen], all_.page[chosen])


def _joined(parts: Sequence[Boundaries]) -> Boundaries:
    """Page numbers stay apart from folder to folder."""
    pages = [part.page + 100_000 * index for index, part in enumerate(parts)]
    return Boundaries(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.parts for part in parts]),
        np.concatenate(pages),
    )


def _write_card(asked: argparse.Namespace, train: Boundaries, held: Boundaries, share: float) -> None:
    told = [Path(s.partition(":")[0]).name + s[s.find(":") :] * (":" in s) for s in asked.sources]
    text = _CARD.format(
        hidden=_HIDDEN,
        bytes=asked.target.stat().st_size,
        features=FEATURES,
        train=len(train.parts),
        pages=len(np.unique(train.page)),
        sources=", ".join(told),
        seed=asked.seed,
        held=len(held.parts),
        wrong=share,
        written=float(((held.features[:, 4] > 0) != held.parts).mean()),
        command=" ".join(told),
    )
    asked.target.with_suffix(".md").write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())

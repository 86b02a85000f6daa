"""Reading on a GPU: are the networks the same there, is what is read the same, how many pages a second, and what
limits them.

    python -m bench.reading_gpu [FOLDER] [--device gpu:0] [--batches 1,2,4,…,256] [--pages 24] [--doctype invoice]
                                [--processes 1,2,4] [--log FILE]

FOLDER holds pages (pictures or PDFs); without one, invoices and receipts are made. Three parts:
1. each network on torch against onnxruntime, in 32 and in 16 bits: the largest difference, and the share of equal
   answers (most likely class of a column; text or not of a pixel);
2. pages read on the device and on the processor (onnxruntime): words and fields that are equal;
3. pages a second at each batch size, seconds a page of each stage, and the stage that limits.

`--device cpu` does all of it on torch's processor backend (small batches, please). `--log` keeps what is printed;
on a GPU it is bench/reading_gpu.log where nothing else is said. Without a GPU it ends with exit code 3.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench.reading_stages import NETWORKS, STAGES, StagedReader, pictures_of
from ocr.doctypes import load_doctype
from ocr.errors import DocumentError
from ocr.extract import extract_reading
from ocr.models import file_of
from ocr.pages import Picture
from ocr.reading.batched.detect import DetectOptions, network_input
from ocr.reading.batched.graph import Tensor, open_graph
from ocr.reading.batched.reader import DETECTION, RECOGNITION, open_batched, torch_device
from ocr.reading.batched.recognise import lines_input
from ocr.reading.crops import cut
from ocr.reading.korean import HANGUL
from ocr.reading.reader import ReaderOptions
from ocr.values import PageText, Reading

BATCHES = "1,2,4,8,16,32,64,128,256"


@dataclass(frozen=True, slots=True)
class Checked:
    """A network on torch beside onnxruntime: `difference` is the largest one, `equal` a share."""

    name: str
    bits: int
    difference: float
    equal: float

    def row(self) -> list[str]:
        return [self.name, str(self.bits), f"{self.difference:.1e}", f"{100 * self.equal:.3f} %"]


@dataclass(frozen=True, slots=True)
class Speed:
    """One batch size: pages a second, and seconds a page by stage."""

    batch: int
    rate: float
    stages: dict[str, float]

    @property
    def limit(self) -> str:
        return max(STAGES, key=lambda stage: self.stages[stage])

    def row(self) -> list[str]:
        times = [f"{1000 * self.stages[stage]:.1f}" for stage in (*STAGES, *NETWORKS)]
        return [str(self.batch), f"{self.rate:.2f}", *times, self.limit]


def check_networks(pictures: Sequence[Picture], device: str) -> Iterator[Checked]:
    """Every network of the batched reader, on a page and on the lines of pages."""
    page = pictures[0].pixels
    lines = _lines(page)
    for name, sample in ((DETECTION, network_input(page, 1280)), (RECOGNITION, lines), (HANGUL, lines)):
        wanted = open_graph(file_of(name), "onnxruntime")(sample)
        for bits in (32, 16):
            yield _checked(name, bits, wanted, _on_torch(name, device, bits)(sample))


def _on_torch(name: str, device: str, bits: int) -> Any:
    from ocr.reading.batched.torchgraph import TorchGraph

    return TorchGraph(file_of(name), device, half=bits == 16).eval()


def _checked(name: str, bits: int, wanted: Tensor, made: Tensor) -> Checked:
    threshold = DetectOptions().threshold
    alike = (made > threshold) == (wanted > threshold) if name == DETECTION else made.argmax(-1) == wanted.argmax(-1)
    return Checked(name, bits, float(np.abs(made - wanted).max()), float(np.mean(alike)))


def _lines(page: Any) -> Tensor:
    """Up to eight lines of a page as one batch."""
    detector = open_batched(ReaderOptions(backend="onnxruntime", hangul=False)).detector
    crops = [cut(page, quad) for quad in detector.quads(page)[:8]]
    return lines_input(crops, max(crop.shape[1] for crop in crops))


def check_parity(files: Sequence[Path], device: str, doctype: str) -> list[list[str]]:
    """Rows of a table: what is equal of words, pages and fields read on both sides."""
    there, here = (_readings(files, options) for options in (_options(device), ReaderOptions(backend="onnxruntime")))
    words = [(_words(a), _words(b)) for a, b in zip(there, here, strict=True)]
    fields = [(_fields(a, doctype), _fields(b, doctype)) for a, b in zip(there, here, strict=True)]
    common = sum((a & b).total() for a, b in words)
    most = sum(max(a.total(), b.total()) for a, b in words)
    named = [(a.get(name), b.get(name)) for a, b in fields for name in a.keys() | b.keys()]
    return [
        ["words", f"{common} of {most}", f"{100 * common / max(1, most):.2f} %"],
        ["documents, all words equal", f"{sum(a == b for a, b in words)} of {len(words)}", ""],
        ["fields", f"{sum(a == b for a, b in named)} of {len(named)}", ""],
    ]


def _options(device: str) -> ReaderOptions:
    return ReaderOptions(device=device, backend="torch")


def _readings(files: Sequence[Path], options: ReaderOptions) -> list[Reading]:
    reader = open_batched(options)
    pages: list[list[PageText]] = [reader.read(pictures_of(file)) for file in files]
    return [Reading(str(file), tuple(read), reader.name, "ocr") for file, read in zip(files, pages, strict=True)]


def _words(reading: Reading) -> Counter[str]:
    return Counter(word.text for page in reading.pages for word in page.words)


def _fields(reading: Reading, doctype: str) -> dict[str, Any]:
    found = extract_reading(reading, load_doctype(doctype)).fields
    return {name: getattr(field, "value", None) for name, field in found.items()}


def measure(files: Sequence[Path], device: str, batches: Sequence[int]) -> Iterator[Speed]:
    """The reader is warmed by every page once; each batch size is measured after that."""
    staged = StagedReader(open_batched(_options(device)))
    staged.pages_a_second(files, len(files))
    for batch in batches:
        rate = staged.pages_a_second(files, batch)
        yield Speed(batch, rate, {name: staged.spent[name] / batch for name in (*STAGES, *NETWORKS)})


def made_pages(count: int, folder: Path) -> list[Path]:
    """Invoices and receipts of many looks, half of them damaged, one in four Korean."""
    from ocr.synthetic.maker import make

    files = []
    for number in range(count):
        kind, lang = ("invoice", "receipt")[number % 2], ("en", "de", "fr", "ko")[number % 4]
        document = make(kind, lang=lang, seed=9_100 + number, dpi=150.0, degrade="any" if number % 4 > 1 else None)
        files.append(folder / f"{number:03}.png")
        document.images()[0].convert("RGB").save(files[-1])
    return files


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def device_words(device: str) -> str:
    import torch

    name = torch.cuda.get_device_name(device) if device != "cpu" else "torch on the processor"
    return (
        f"{date.today()} · {name} · torch {torch.__version__} · {platform.machine()}, {torch.get_num_threads()} threads"
    )


def parts(files: Sequence[Path], asked: argparse.Namespace, device: str) -> Iterator[str]:
    yield f"{device_words(device)}\n{len(files)} files"
    networks = [checked.row() for checked in check_networks(pictures_of(files[0]), device)]
    yield table(["network", "bits", "largest difference", "equal answers"], networks)
    yield table(["device and processor", "equal", "share"], check_parity(files, asked.device, asked.doctype))
    heads = ["batch", "pages/s", *(f"{name} ms" for name in (*STAGES, *NETWORKS)), "limit"]
    yield table(heads, [speed.row() for speed in measure(files, asked.device, asked.batches)])


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--device", default="gpu:0")
    parser.add_argument("--batches", type=numbers, default=numbers(BATCHES))
    parser.add_argument("--pages", type=int, default=24, help="pages of FOLDER, or made, at most")
    parser.add_argument("--doctype", default="invoice")
    parser.add_argument("--log", type=Path)
    asked = parser.parse_args(words)
    try:
        device = torch_device(asked.device)
    except DocumentError as error:
        print(f"{error.message} {error.fix} To see it run without one: --device cpu --batches 1,2", file=sys.stderr)
        return 3
    log = asked.log or (None if device == "cpu" else Path(__file__).with_name("reading_gpu.log"))
    with tempfile.TemporaryDirectory() as folder:
        files = _files(asked.folder)[: asked.pages] if asked.folder else made_pages(asked.pages, Path(folder))
        _tell(parts(files, asked, device), log)
    return 0


def _files(folder: Path) -> list[Path]:
    known = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".pdf"}
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in known)


def _tell(told: Iterator[str], log: Path | None) -> None:
    """Prints each part when it is there, and keeps it."""
    if log:
        log.write_text("", "utf-8")
    for part in told:
        print(part, end="\n\n", flush=True)
        if log:
            with log.open("a", encoding="utf-8") as stream:
                stream.write(part + "\n\n")


if __name__ == "__main__":
    sys.exit(main())

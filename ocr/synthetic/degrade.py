"""What happens to paper on its way: scanners, fax, phones, thermal printers, folds. Boxes move along."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Warp: TypeAlias = tuple[float, ...]
"""A 3 × 3 homography by rows, from fractions of the clean page to fractions of the damaged picture."""
Box: TypeAlias = tuple[float, float, float, float]
Step: TypeAlias = Callable[[Image.Image], Image.Image]
Pixels: TypeAlias = NDArray[np.float32]

IDENTITY: Warp = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
KINDS = ("scan", "fax", "phone", "thermal", "fold")


@dataclass(frozen=True)
class Damage:
    """`warp` moves the page, `steps` spoil the pixels, `jpeg` is the quality it was last saved with."""

    warp: Warp
    size: tuple[int, int]
    steps: tuple[Step, ...]
    jpeg: int | None = None
    ground: tuple[int, int, int] = (255, 255, 255)

    def apply(self, image: Image.Image) -> Image.Image:
        """The damaged picture of a clean one."""
        if self.warp != IDENTITY:
            image = _transform(image, self.warp, self.size, self.ground)
        for step in self.steps:
            image = step(image)
        return _jpeg(image, self.jpeg) if self.jpeg else image


def warp_box(warp: Warp, box: Box) -> Box:
    """The upright box around the moved corners, in fractions."""
    if warp == IDENTITY:
        return box
    x0, y0, x1, y1 = box
    points = [_move(warp, x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _move(warp: Warp, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f, g, h, i = warp
    w = g * x + h * y + i
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w


def _matrix(warp: Warp) -> NDArray[np.float64]:
    return np.array(warp, dtype=np.float64).reshape(3, 3)


def _transform(
    image: Image.Image, warp: Warp, size: tuple[int, int], ground: tuple[int, int, int]
) -> Image.Image:
    """Pillow wants the way back, in pixels."""
    forth = (
        np.diag([size[0], size[1], 1.0]) @ _matrix(warp) @ np.diag([1 / image.width, 1 / image.height, 1.0])
    )
    back = np.linalg.inv(forth)
    back /= back[2, 2]
    data = tuple(float(v) for v in back.reshape(-1)[:8])
    return image.transform(
        size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR, fillcolor=ground
    )


def tilt(degrees: float, size: tuple[int, int]) -> Warp:
    """A turn about the middle of a page of `size` pixels."""
    c, s, ratio = cos(radians(degrees)), sin(radians(degrees)), size[1] / size[0]
    turn = np.array([[c, -s * ratio, 0.0], [s / ratio, c, 0.0], [0, 0, 1.0]])
    there = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    back = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
    return tuple(float(v) for v in (there @ turn @ back).reshape(-1))


def corners(rng: Random, reach: float) -> Warp:
    """A page seen at an angle: every corner moves inwards by up to `reach` of the page."""
    source = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float64)
    shift = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], dtype=np.float64)
    target = source + shift * np.array([[rng.uniform(0.01, reach) for _ in range(2)] for _ in range(4)])
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    solved = np.linalg.solve(np.array(rows), np.array(values))
    return (*(float(v) for v in solved), 1.0)


# ---- pixels ----------------------------------------------------------------------------------------------


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert(image.mode)


def _through(function: Callable[[Pixels], Pixels]) -> Step:
    def step(image: Image.Image) -> Image.Image:
        pixels = function(np.asarray(image, dtype=np.float32))
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), image.mode)

    return step


def grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


def blur(radius: float) -> Step:
    return lambda image: image.filter(ImageFilter.GaussianBlur(radius))


def noise(strength: float, seed: int) -> Step:
    """Grain of a sensor: normal, `strength` in grey levels."""

    def add(pixels: Pixels) -> Pixels:
        source = np.random.default_rng(seed)
        grain = source.standard_normal(pixels.shape[:2], dtype=np.float32) * np.float32(strength)
        return pixels + (grain if pixels.ndim == 2 else grain[..., None])

    return _through(add)


def specks(share: float, seed: int) -> Step:
    """Single black and white dots."""

    def add(pixels: Pixels) -> Pixels:
        source = np.random.default_rng(seed)
        count = int(pixels.shape[0] * pixels.shape[1] * share)
        rows, columns = source.integers(0, pixels.shape[0], count), source.integers(0, pixels.shape[1], count)
        pixels = pixels.copy()
        pixels[rows[::2], columns[::2]] = 30
        pixels[rows[1::2], columns[1::2]] = 255
        return pixels

    return _through(add)


def shade(rng: Random, depth: float) -> Step:
    """Light that falls off over the page by up to `depth`."""
    gx, gy, bend = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-0.6, 0.6)

    def fall(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
        y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
        light: Pixels = (1 - depth * (0.5 + 0.5 * (gx * x + gy * y) + bend * (x * x + y * y))).astype(
            np.float32
        )
        return pixels * (light if pixels.ndim == 2 else light[..., None])

    return _through(fall)


def fade(black: float, white: float) -> Step:
    """Less contrast: ink rises to `black`, paper sinks to `white`."""
    table = [round(black + (white - black) * v / 255) for v in range(256)]
    return lambda image: image.point(table * len(image.getbands()))


def bilevel(share: float) -> Step:
    """Black and white only, as a fax sends it: ink is what lies below the paper by `share` of the way to the
    darkest print. Fax machines take the level from the page they see."""

    def decide(image: Image.Image) -> Image.Image:
        grey = image.convert("L")
        dark, paper = np.percentile(np.asarray(grey), (0.5, 80))
        level = paper - share * (paper - dark)
        return grey.point([255 if v > level else 0 for v in range(256)])

    return decide


def sharpened(strength: float) -> Step:
    """Edges raised by `strength`, which fax machines do so that thin strokes survive the threshold."""
    return lambda image: image.filter(ImageFilter.UnsharpMask(1.5, round(100 * strength), 0))


def fax_lines(fine: bool, dpi: float) -> Step:
    """Scanned as ITU-T T.4 has it: 204 columns an inch by 196 lines, or 98 of which each is printed twice."""

    def scan(image: Image.Image) -> Image.Image:
        width, height = round(image.width * 204 / dpi), round(image.height * 98 / dpi)
        resample = Image.Resampling.BICUBIC if dpi < 204 else Image.Resampling.BOX
        return image.resize((width, 2 * height if fine else height), resample, reducing_gap=3.0)

    return scan


def printed_twice(image: Image.Image) -> Image.Image:
    """Each line of pixels a second time below itself."""
    return image.resize((image.width, 2 * image.height), Image.Resampling.NEAREST)


def lost_lines(rng: Random, count: int) -> Step:
    """Lines that the telephone lost: the receiver prints the line before in their place."""
    places = [(rng.random(), rng.randint(1, 3)) for _ in range(count)]

    def lose(pixels: Pixels) -> Pixels:
        pixels = pixels.copy()
        for at, lines in places:
            y = 1 + int(at * (len(pixels) - lines - 1))
            pixels[y : y + lines] = pixels[y - 1]
        return pixels

    return _through(lose)


def creases(rng: Random, count: int) -> Step:
    """Folds across the page: a dark line beside a light one, and a change of shade."""
    lines = [(rng.random() < 0.65, rng.uniform(0.15, 0.85), rng.uniform(0.03, 0.12)) for _ in range(count)]

    def fold(pixels: Pixels) -> Pixels:
        pixels = pixels.copy()
        for across, at, depth in lines:
            view = pixels if across else np.swapaxes(pixels, 0, 1)
            middle = int(view.shape[0] * at)
            view[middle : middle + 2] *= 1 - 2.2 * depth
            view[middle + 2 : middle + 4] *= 1 + depth
            view[middle + 4 :] *= 1 - depth * 0.4
        return pixels

    return _through(fold)


def streaks(rng: Random, count: int) -> Step:
    """Columns where a thermal head or a scanner's glass failed."""
    columns = [(rng.random(), rng.uniform(0.3, 0.8)) for _ in range(count)]

    def draw(pixels: Pixels) -> Pixels:
        pixels = pixels.copy()
        for at, depth in columns:
            x = int(at * (pixels.shape[1] - 1))
            pixels[:, x] = 255 - (255 - pixels[:, x]) * (1 - depth)
        return pixels

    return _through(draw)


# ---- recipes ---------------------------------------------------------------------------------------------


def _scan(size: tuple[int, int], rng: Random, _dpi: float) -> Damage:
    steps: list[Step] = [grey] if rng.random() < 0.5 else []
    steps += [blur(rng.uniform(0.3, 0.8)), fade(rng.uniform(10, 60), rng.uniform(235, 255))]
    steps += [shade(rng, rng.uniform(0.02, 0.12)), noise(rng.uniform(2, 7), rng.getrandbits(32))]
    if rng.random() < 0.4:
        steps.append(specks(rng.uniform(0.0001, 0.0008), rng.getrandbits(32)))
    return Damage(tilt(rng.gauss(0, 0.7), size), size, tuple(steps), rng.randint(45, 90))


def _fax(size: tuple[int, int], rng: Random, dpi: float) -> Damage:
    fine = rng.random() < 0.6
    steps: list[Step] = [grey, blur(0.5), noise(rng.uniform(4, 12), rng.getrandbits(32)), fax_lines(fine, dpi)]
    steps += [sharpened(rng.uniform(0.5, 1.5)), bilevel(rng.uniform(0.3, 0.6))]
    steps += [specks(rng.uniform(0.0, 0.001), rng.getrandbits(32)), lost_lines(rng, rng.randint(0, 4))]
    return Damage(tilt(rng.gauss(0, 0.6), size), size, (*steps, *(() if fine else (printed_twice,))))


def _phone(size: tuple[int, int], rng: Random, _dpi: float) -> Damage:
    ground = tuple(rng.randint(40, 150) for _ in range(3))
    steps = (
        blur(rng.uniform(0.4, 1.1)),
        shade(rng, rng.uniform(0.15, 0.4)),
        fade(rng.uniform(15, 60), rng.uniform(215, 250)),
        noise(rng.uniform(3, 9), rng.getrandbits(32)),
    )
    return Damage(
        corners(rng, rng.uniform(0.03, 0.07)),
        size,
        steps,
        rng.randint(40, 85),
        (ground[0], ground[1], ground[2]),
    )


def _thermal(size: tuple[int, int], rng: Random, _dpi: float) -> Damage:
    steps = (
        grey,
        blur(rng.uniform(0.5, 0.9)),
        fade(rng.uniform(60, 130), rng.uniform(225, 250)),
        streaks(rng, rng.randint(0, 6)),
        shade(rng, rng.uniform(0.05, 0.25)),
        noise(rng.uniform(4, 10), rng.getrandbits(32)),
    )
    return Damage(tilt(rng.gauss(0, 1.0), size), size, steps, rng.randint(38, 75))


def _fold(size: tuple[int, int], rng: Random, _dpi: float) -> Damage:
    steps = (
        grey,
        blur(rng.uniform(0.3, 0.7)),
        creases(rng, rng.randint(1, 3)),
        shade(rng, rng.uniform(0.05, 0.2)),
        noise(rng.uniform(2, 6), rng.getrandbits(32)),
    )
    return Damage(tilt(rng.gauss(0, 0.9), size), size, steps, rng.randint(50, 85))


RECIPES: dict[str, Callable[[tuple[int, int], Random, float], Damage]] = {
    "scan": _scan,
    "fax": _fax,
    "phone": _phone,
    "thermal": _thermal,
    "fold": _fold,
}


def damage(kind: str | None, size: tuple[int, int], rng: Random, dpi: float = 150.0) -> Damage:
    """The damage of one page of `size` pixels, `dpi` of them an inch; `None` leaves it clean."""
    if kind is None:
        return Damage(IDENTITY, size, ())
    return RECIPES[kind](size, rng, dpi)

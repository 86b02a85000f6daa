"""What one line suffers besides its page's damage: low resolution, blur, thermal fade, dot matrix, folds, light,
JPEG, reversed print, rules and neighbours at its edges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
Harm: TypeAlias = Callable[[Pixels, Random], Pixels]


def worn(pixels: Pixels, rng: Random) -> Pixels:
    """The line after one to three harms."""
    for harm in rng.sample(_HARMS, rng.choice((1, 1, 1, 2, 2, 3))):
        pixels = harm(pixels, rng)
    return pixels


def _low_resolution(pixels: Pixels, rng: Random) -> Pixels:
    height, width = pixels.shape[:2]
    low = rng.uniform(17, 32)
    small = cv2.resize(pixels, (max(4, round(width * low / height)), round(low)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _blur(pixels: Pixels, rng: Random) -> Pixels:
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.5, 1.7)), np.uint8)
    kernel = np.zeros((5, 5), np.float32)
    kernel[2] = 0.2
    turn = cv2.getRotationMatrix2D((2, 2), rng.uniform(0, 180), 1)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (5, 5)), np.float32)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / max(kernel.sum(), 1e-3)), np.uint8)


def _fade(pixels: Pixels, rng: Random) -> Pixels:
    """Ink that has gone in places: towards the paper by a slowly changing share."""
    height, width = pixels.shape[:2]
    points = np.array([[rng.uniform(0.0, 0.75) for _ in range(max(3, width // 60))]], np.float32)
    share = cv2.resize(points, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    paper = np.percentile(pixels, 90, axis=(0, 1))
    return _bytes(pixels + (paper - pixels) * np.clip(share, 0, 0.82))


def _dots(pixels: Pixels, rng: Random) -> Pixels:
    """Ink only in the dots of a needle printer's grid."""
    height, width = pixels.shape[:2]
    pitch, paper = rng.uniform(2.2, 3.4), np.percentile(pixels, 90, axis=(0, 1))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.cos(2 * np.pi * x / pitch) + np.cos(2 * np.pi * y / pitch)
    share = np.clip(0.55 + rng.uniform(0.25, 0.5) * waves, 0, 1)[..., None]
    return _bytes(paper + (pixels - paper) * share)


def _fold(pixels: Pixels, rng: Random) -> Pixels:
    made, height, width = pixels.astype(np.float32), *pixels.shape[:2]
    if rng.random() < 0.5:
        at, depth = rng.randrange(max(1, width - 3)), rng.uniform(0.1, 0.4)
        made[:, at : at + 2] *= 1 - depth
        made[:, at + 2 :] *= 1 - depth * 0.3
    else:
        at, depth = rng.randrange(height - 3), rng.uniform(0.1, 0.35)
        made[at : at + rng.choice((1, 2))] *= 1 - depth
        made[at + 2 :] *= 1 - depth * 0.3
    return _bytes(made)


def _light(pixels: Pixels, rng: Random) -> Pixels:
    slope = np.linspace(rng.uniform(0.45, 1.05), rng.uniform(0.45, 1.05), pixels.shape[1], dtype=np.float32)
    tint = np.array([rng.uniform(0.85, 1.05) for _ in range(3)], np.float32)
    return _bytes((pixels * slope[None, :, None] * tint) + rng.uniform(0, 30))


def _jpeg(pixels: Pixels, rng: Random) -> Pixels:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(18, 70)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _grain(pixels: Pixels, rng: Random) -> Pixels:
    source = np.random.default_rng(rng.getrandbits(32))
    grain = source.normal(0, rng.uniform(4, 26), pixels.shape[:2]).astype(np.float32)
    return _bytes(cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.3, 1.0))[..., None] * 1.5 + pixels)


def _bilevel(pixels: Pixels, rng: Random) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    dark, light = np.percentile(grey, (3, 90))
    level = dark + (light - dark) * rng.uniform(0.4, 0.75)
    return np.repeat(np.where(grey > level, 255, 0).astype(np.uint8)[..., None], 3, axis=2)


def _reverse(pixels: Pixels, rng: Random) -> Pixels:
    return _bytes((255.0 - pixels) * rng.uniform(0.7, 1.0) + rng.uniform(0, 50))


def _thickness(pixels: Pixels, rng: Random) -> Pixels:
    kernel = np.ones(rng.choice(((1, 2), (2, 1), (2, 2))), np.uint8)
    return np.asarray((cv2.erode if rng.random() < 0.6 else cv2.dilate)(pixels, kernel), np.uint8)


def _bytes(values: NDArray[np.floating] | NDArray[np.uint8]) -> Pixels:
    return np.clip(values, 0, 255).astype(np.uint8)


_HARMS: tuple[Harm, ...] = (
    _low_resolution, _low_resolution, _low_resolution, _blur, _blur, _fade, _fade, _dots, _fold, _light, _light,
    _jpeg, _jpeg, _grain, _grain, _bilevel, _thickness, _thickness, _reverse,
)  # fmt: skip

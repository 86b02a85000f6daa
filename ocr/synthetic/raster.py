"""A scene as a picture."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ocr.synthetic.fonts import pil_font
from ocr.synthetic.scene import PageScene, Run, Scene, Shape


def rasterise(scene: Scene, dpi: float) -> list[Image.Image]:
    """One RGB picture a page, `dpi` dots per inch."""
    return [_page(page, scene.paper, dpi / 72.0) for page in scene.pages]


def _page(page: PageScene, paper: tuple[int, int, int], scale: float) -> Image.Image:
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    for shapes, runs in ((page.shapes, page.runs), (page.over, page.over_runs)):
        for shape in shapes:
            _shape(draw, shape, scale)
        for run in runs:
            _run(draw, run, scale)
    return image


def _run(draw: ImageDraw.ImageDraw, run: Run, scale: float) -> None:
    font = pil_font(run.face.path, max(4, round(run.size * scale)))
    # Hinted advances are whole pixels: where they would eat the blank, each letter goes to its own place.
    if font.getlength(run.text) - run.width * scale < 0.08 * run.size * scale:
        draw.text((run.x * scale, run.y * scale), run.text, font=font, fill=run.colour, anchor="ls")
        return
    for index, letter in enumerate(run.text):
        x = run.x + run.face.width(run.text[:index], run.size)
        draw.text((x * scale, run.y * scale), letter, font=font, fill=run.colour, anchor="ls")


def _shape(draw: ImageDraw.ImageDraw, shape: Shape, scale: float) -> None:
    points = [(x * scale, y * scale) for x, y in shape.points]
    width = max(1, round(shape.width * scale))
    if shape.kind == "rect":
        draw.rectangle(_corners(points), fill=shape.fill, outline=shape.stroke, width=width)
    elif shape.kind == "ellipse":
        draw.ellipse(_corners(points), fill=shape.fill, outline=shape.stroke, width=width)
    elif shape.dash:
        _dashed(draw, shape, points, width, scale)
    elif shape.stroke:
        draw.line(points, fill=shape.stroke, width=width, joint="curve" if shape.kind == "path" else None)


def _corners(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    (x0, y0), (x1, y1) = points
    return [(min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1))]


def _dashed(
    draw: ImageDraw.ImageDraw, shape: Shape, points: list[tuple[float, float]], width: int, scale: float
) -> None:
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = max(abs(x1 - x0), abs(y1 - y0))
    steps = max(1, int(length / (3 * scale)))
    for step in range(0, steps, 2):
        a, b = step / steps, min(1.0, (step + 1) / steps)
        ends = [(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (a, b)]
        draw.line(ends, fill=shape.stroke, width=width)

"""Picture files become upright RGB pages, or a clear refusal."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from ocr.errors import DocumentError
from ocr.pages import Limits, Picture, open_document
from tests.ocr.pages.files import gradient


def pictures(path: Path, limits: Limits | None = None) -> list[Picture]:
    with open_document(path, limits) as document:
        return [page.draw() for page in document.pages()]


def refusal(path: Path, limits: Limits | None = None) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        pictures(path, limits)
    return caught.value


@pytest.mark.parametrize("kind", ["png", "jpg", "tiff", "webp", "bmp", "gif"])
def test_every_format_gives_one_rgb_page(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"page.{kind}"
    gradient().save(path, quality=95) if kind in ("jpg", "webp") else gradient().save(path)
    (page,) = pictures(path)
    assert page.pixels.shape == (80, 120, 3)
    assert page.pixels[60, 2].mean() < 30
    assert page.pixels[60, 117].mean() > 225


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F", "LAB"])
def test_every_colour_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    grey = gradient().convert("L")
    if mode.startswith("I") or mode == "F":
        scale = 257 if mode == "I;16" else 1
        image = (
            Image.fromarray(np.asarray(grey).astype(np.uint16) * scale)
            if mode == "I;16"
            else grey.convert(mode)
        )
    else:
        image = (gradient() if mode in ("LAB", "CMYK") else grey).convert(mode)
    path = tmp_path / "page.tiff"
    image.save(path)
    (page,) = pictures(path)
    assert page.pixels.dtype == np.uint8
    assert page.pixels[60, 5:20].mean() + 60 < page.pixels[60, 100:115].mean()


def test_transparency_is_white_paper(tmp_path: Path) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 40))
    image.save(tmp_path / "page.png")
    (page,) = pictures(tmp_path / "page.png")
    assert page.pixels[20, 5].max() == 0
    assert page.pixels[20, 30].min() == 255


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, corner: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    gradient().save(tmp_path / "page.jpg", exif=exif, quality=95)
    (page,) = pictures(tmp_path / "page.jpg")
    red, green, _ = page.pixels[corner].astype(int)
    assert red > 200
    assert green < 60


def test_tiff_pages_come_one_by_one(tmp_path: Path) -> None:
    frames = [Image.new("L", (50 + 10 * i, 40), 40 * i) for i in range(4)]
    frames[0].save(tmp_path / "fax.tiff", save_all=True, append_images=frames[1:])
    found = pictures(tmp_path / "fax.tiff")
    assert [(p.number, p.width) for p in found] == [(1, 50), (2, 60), (3, 70), (4, 80)]
    assert [int(p.pixels.mean()) for p in found] == [0, 40, 80, 120]


def test_fax_group_4_is_read(tmp_path: Path) -> None:
    gradient().convert("1").save(tmp_path / "fax.tiff", compression="group4")
    assert len(pictures(tmp_path / "fax.tiff")) == 1


@pytest.mark.parametrize(("dpi", "size"), [((204, 98), (1, 2)), ((204, 196), (1, 1)), ((100, 200), (2, 1))])
def test_a_fax_with_few_lines_an_inch_is_stretched(
    tmp_path: Path, dpi: tuple[int, int], size: tuple[int, int]
) -> None:
    fax = gradient().convert("1")
    fax.save(tmp_path / "fax.tiff", compression="group4", dpi=dpi)
    (page,) = pictures(tmp_path / "fax.tiff")
    assert (page.width, page.height) == (fax.width * size[0], fax.height * size[1])
    assert set(np.unique(page.pixels)) == {0, 255}


def test_large_pictures_are_scaled_down(tmp_path: Path) -> None:
    Image.new("L", (3000, 2000), 255).save(tmp_path / "page.png")
    (page,) = pictures(tmp_path / "page.png", Limits(working_pixels=600_000))
    assert page.width * page.height <= 600_000
    assert page.width / page.height == pytest.approx(1.5, rel=0.01)


def bomb(path: Path, side: int) -> Path:
    """A PNG that only claims its size: refusing must not need the pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("side", [11_000, 20_000, 60_000])
def test_a_decompression_bomb_is_refused_unopened(tmp_path: Path, side: int) -> None:
    error = refusal(bomb(tmp_path / "bomb.png", side))
    assert error.code == "image-too-large"
    assert "resolution" in error.fix


def test_damaged_and_empty_files(tmp_path: Path) -> None:
    gradient(400, 300).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    (tmp_path / "half.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:1500])
    (tmp_path / "zero.png").write_bytes(b"")
    codes = {
        name: refusal(tmp_path / name).code for name in ("cut.png", "half.jpg", "zero.png", "absent.png")
    }
    assert codes == {
        "cut.png": "image-broken",
        "half.jpg": "image-broken",
        "zero.png": "file-empty",
        "absent.png": "file-missing",
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Dear Sir,\nplease find", "plain text"),
        (b"PK\x03\x04aaaa", "Office"),
        (b"\xde\xad\xbe\xef\xff" * 9, "unknown"),
    ],
)
def test_other_files_are_refused_by_what_they_are(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "invoice.pdf").write_bytes(data)
    error = refusal(tmp_path / "invoice.pdf")
    assert error.code == "file-unsupported"
    assert said in error.message


def test_limits_on_bytes_and_pages(tmp_path: Path) -> None:
    frames = [Image.new("1", (30, 30)) for _ in range(5)]
    frames[0].save(tmp_path / "long.tiff", save_all=True, append_images=frames[1:])
    assert refusal(tmp_path / "long.tiff", Limits(pages=4)).code == "document-too-long"
    assert refusal(tmp_path / "long.tiff", Limits(bytes=100)).code == "document-too-large"


@pytest.mark.parametrize("brand", [b"heic", b"hevc", b"mif1", b"msf1"])
def test_a_heic_photo_says_what_to_install(tmp_path: Path, brand: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.pages.kinds.find_spec", lambda _: None)
    (tmp_path / "photo.jpg").write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + b"\0" * 60)
    error = refusal(tmp_path / "photo.jpg")
    assert (error.code, error.details["kind"]) == ("photo-unsupported", "HEIC")
    assert "pip install pillow-heif" in error.fix


def test_a_heic_photo_is_read_where_the_library_is(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed: HEIC photos are refused")
    pillow_heif.from_pillow(gradient()).save(tmp_path / "photo.heic", quality=95)
    (page,) = pictures(tmp_path / "photo.heic")
    assert page.pixels.shape == (80, 120, 3)
    assert page.pixels[60, 2].mean() + 150 < page.pixels[60, 117].mean()


def test_an_avif_photo_is_read(tmp_path: Path) -> None:
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF decoder")
    gradient().save(tmp_path / "photo.avif", quality=95)
    (page,) = pictures(tmp_path / "photo.avif")
    assert page.pixels.shape == (80, 120, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_pages_scaled_down_keep_their_grey(tmp_path: Path, mode: str) -> None:
    """Left half dark, right half light, in every mode, however early the page is made smaller."""
    grey = Image.new("L", (400, 200), 255)
    grey.paste(0, (0, 0, 200, 200))
    image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey
    if mode != "I;16":
        image = (grey.convert("RGB") if mode in ("P", "CMYK") else grey).convert(mode)
    image.save(tmp_path / "page.tiff")
    (page,) = pictures(tmp_path / "page.tiff", Limits(working_pixels=20_000))
    assert page.pixels.shape == (100, 200, 3)
    assert page.pixels[50, 20].max() < 20
    assert page.pixels[50, 180].min() > 235


def test_a_large_turned_tiff_is_turned_before_it_shrinks(tmp_path: Path) -> None:
    gradient(400, 200).save(tmp_path / "page.tiff", tiffinfo={0x0112: 6})
    (page,) = pictures(tmp_path / "page.tiff", Limits(working_pixels=20_000))
    assert page.pixels.shape == (200, 100, 3)
    red, green, _ = page.pixels[1, -2].astype(int)
    assert red > 180
    assert green < 80

"""Pictures of documents with known text, drawn on the fly for the reading tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

LATIN = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
HANGUL = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")


@dataclass(frozen=True)
class Paper:
    """A page (h, w, 3) and the pieces of text on it, in reading order."""

    pixels: NDArray[np.uint8]
    texts: list[str]

    @property
    def words(self) -> list[str]:
        return [word for text in self.texts for word in text.split()]


def font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    if not path.is_file():
        pytest.skip(f"the font {path} is not installed")
    return ImageFont.truetype(str(path), size)


def draw(
    pieces: list[tuple[int, int, str, int]],
    size: tuple[int, int],
    face: Path,
    rules: tuple[tuple[int, int, int, int], ...] = (),
) -> Paper:
    """`pieces` are (x, y, text, font size); `rules` are lines (x0, y0, x1, y1)."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for rule in rules:
        pen.line(rule, fill=(90, 90, 90), width=2)
    for x, y, text, points in pieces:
        pen.text((x, y), text, font=font(face, points), fill=(20, 20, 20))
    return Paper(np.asarray(image), [text for _, _, text, _ in pieces])


def english_invoice() -> Paper:
    """A4 at 150 dpi."""
    head = [
        (90, 80, "NORTHWIND TRADING LTD", 34),
        (90, 130, "14 Harbour Street, Bristol BS1 4QA", 20),
        (880, 80, "INVOICE", 40),
        (780, 160, "Invoice number", 20),
        (980, 160, "NW-2026-00417", 20),
        (780, 195, "Invoice date", 20),
        (980, 195, "17/03/2026", 20),
        (90, 260, "Bill to:", 20),
        (90, 290, "Fabrikam Services GmbH", 22),
        (90, 320, "Lindenallee 12, 50667 Köln", 20),
    ]
    rows = [
        ("A4 paper, 80 g, white", "40", "3.25", "130.00"),
        ("Toner cartridge black", "6", "71.90", "431.40"),
        ("Desk lamp LED 9W", "12", "24.50", "294.00"),
        ("Courier service", "1", "18.75", "18.75"),
    ]
    table = [
        (90, 420, "Description", 20),
        (640, 420, "Quantity", 20),
        (820, 420, "Unit price", 20),
        (1040, 420, "Amount", 20),
    ]
    for index, row in enumerate(rows):
        table += [(x, 470 + 45 * index, text, 20) for x, text in zip((90, 660, 840, 1040), row, strict=True)]
    foot = [
        (820, 700, "Net total", 20),
        (1040, 700, "874.15", 20),
        (820, 740, "VAT 20%", 20),
        (1040, 740, "174.83", 20),
        (820, 780, "Amount due", 22),
        (1040, 780, "1,048.98", 22),
        (90, 900, "IBAN DE89 3704 0044 0532 0130 00", 20),
    ]
    rules = ((80, 410, 1160, 410), (80, 455, 1160, 455), (80, 690, 1160, 690))
    return draw(head + table + foot, (1240, 1754), LATIN, rules)


def korean_tax_invoice() -> Paper:
    """A part of a 전자세금계산서, with its frame."""
    pieces = [
        (420, 40, "전자세금계산서", 36),
        (800, 50, "승인번호", 18),
        (900, 50, "20260317-41000012-a3f91c07", 18),
        (60, 130, "등록번호", 20),
        (180, 130, "214-87-15673", 22),
        (640, 130, "등록번호", 20),
        (760, 130, "120-81-47521", 22),
        (60, 180, "상호", 20),
        (180, 180, "주식회사 한빛상사", 20),
        (640, 180, "상호", 20),
        (760, 180, "대림물산 주식회사", 20),
        (60, 230, "성명", 20),
        (180, 230, "김민수", 20),
        (640, 230, "성명", 20),
        (760, 230, "박지영", 20),
        (60, 280, "사업장 주소", 18),
        (180, 280, "서울특별시 강남구 테헤란로 152", 18),
        (640, 280, "사업장 주소", 18),
        (760, 280, "부산광역시 해운대구 센텀로 9", 18),
        (60, 330, "업태", 18),
        (180, 330, "도매 및 소매업", 18),
        (640, 330, "종목", 18),
        (760, 330, "사무용품", 18),
        (60, 400, "작성일자", 20),
        (200, 400, "2026/03/17", 20),
        (400, 400, "공급가액", 20),
        (540, 400, "1,250,000", 20),
        (760, 400, "세액", 20),
        (860, 400, "125,000", 20),
        (60, 470, "품목", 18),
        (300, 470, "규격", 18),
        (450, 470, "수량", 18),
        (600, 470, "단가", 18),
        (760, 470, "공급가액", 18),
        (980, 470, "세액", 18),
        (60, 510, "복사용지", 18),
        (300, 510, "A4", 18),
        (450, 510, "50", 18),
        (600, 510, "21,000", 18),
        (760, 510, "1,050,000", 18),
        (980, 510, "105,000", 18),
        (60, 550, "사무용 의자", 18),
        (300, 550, "높낮이 조절", 18),
        (450, 550, "2", 18),
        (600, 550, "100,000", 18),
        (760, 550, "200,000", 18),
        (980, 550, "20,000", 18),
        (60, 630, "합계금액", 20),
        (220, 630, "1,375,000", 22),
        (640, 630, "이 금액을 청구함", 20),
    ]
    rules = tuple((40, y, 1180, y) for y in (115, 165, 215, 265, 315, 365, 450, 500, 540, 590, 670))
    return draw(pieces, (1240, 760), HANGUL, rules)


def korean_receipt() -> Paper:
    pieces = [
        (180, 30, "행복마트 역삼점", 34),
        (60, 90, "사업자번호 123-45-67890", 22),
        (60, 125, "대표 이서준", 22),
        (60, 160, "서울 강남구 역삼로 17길 8", 22),
        (60, 220, "2026-03-17 18:42:05", 22),
        (60, 280, "상품명", 22),
        (330, 280, "수량", 22),
        (470, 280, "금액", 22),
        (60, 325, "서울우유 1L", 22),
        (350, 325, "2", 22),
        (470, 325, "5,960", 22),
        (60, 360, "신라면 5입", 22),
        (350, 360, "1", 22),
        (470, 360, "4,100", 22),
        (60, 395, "햇반 큰공기", 22),
        (350, 395, "3", 22),
        (470, 395, "5,940", 22),
        (60, 450, "합계", 26),
        (450, 450, "16,000", 26),
        (60, 490, "부가세", 22),
        (470, 490, "1,455", 22),
        (60, 530, "신용카드", 22),
        (450, 530, "16,000", 22),
        (60, 590, "이용해 주셔서 감사합니다", 22),
    ]
    return draw(pieces, (640, 680), HANGUL)


def worn(paper: Paper, seed: int = 1, tilt: float = 1.4) -> Paper:
    """Tilted, blurred, unevenly lit, noisy, JPEG: a receipt under a phone."""
    random = np.random.default_rng(seed)
    height, width = paper.pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    made = cv2.warpAffine(paper.pixels, turn, (width, height), borderValue=(255, 255, 255))
    made = cv2.GaussianBlur(made, (3, 3), 0.8).astype(np.float32)
    made *= np.linspace(0.78, 1.0, width, dtype=np.float32)[None, :, None]
    made += random.normal(0, 9, made.shape[:2])[:, :, None]
    made[random.random(made.shape[:2]) < 0.004] = 30
    _, data = cv2.imencode(".jpg", made.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 42])
    return Paper(cv2.imdecode(data, cv2.IMREAD_COLOR), paper.texts)

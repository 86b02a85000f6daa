"""What Korean papers do differently: no postal codes, both parties' numbers, names in one line with the address."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ocr.doctypes import load_doctype
from ocr.extract import extract_reading
from ocr.values import Field
from tests.ocr.fields.layout import Row, reading_of

TABLE: list[Row] = [
    [(50, "품목"), (250, "수량"), (320, "단가"), (420, "공급가액")],
    [(50, "복합기"), (250, "3"), (320, "10,000"), (420, "30,000")],
]
SUMS: list[Row] = [
    [(320, "공급가액"), (420, "30,000")],
    [(320, "부가세"), (420, "3,000")],
    [(320, "합계금액"), (420, "33,000")],
]


def fields(rows: list[Row], doctype: str = "invoice") -> dict[str, Any]:
    found = extract_reading(reading_of(rows), load_doctype(doctype)).fields
    return {name: field.value for name, field in found.items() if isinstance(field, Field)}


def test_a_sender_in_one_line_and_the_recipient_below() -> None:
    found = fields(
        [
            [(50, "주식회사 히종산업 · 부산광역시 해운대구 형누길 60, 712호")],
            [(50, "지두시스템"), (400, "문서번호"), (470, "26/38303")],
            [(50, "구민재"), (400, "작성일자"), (470, "2026.02.07")],
            [(50, "인천광역시 남동구 삼치대로17번길 27")],
            [],
            [(50, "거래명세서")],
            *TABLE,
            *SUMS,
        ]
    )
    assert found["supplier_name"] == "주식회사 히종산업"
    assert found["supplier_address"] == "부산광역시 해운대구 형누길 60, 712호"
    assert found["buyer_name"] == "지두시스템"
    assert found["buyer_address"] == "인천광역시 남동구 삼치대로17번길 27"
    assert (found["net_total"], found["tax_total"], found["gross_total"]) == (30000, 3000, 33000)


def test_an_address_goes_on_in_the_next_line_and_goods_are_none() -> None:
    found = fields(
        [
            [(50, "거래명세서")],
            [(50, "공급자"), (300, "공급받는자")],
            [(50, "유한회사 창부전자"), (300, "양른테크")],
            [(50, "부산광역시 해운대구 누다길 7398,"), (300, "서울시 구로구 서길 264")],
            [(50, "417호(빛빛동)")],
            *TABLE,
            *SUMS,
        ]
    )
    assert found["supplier_address"] == "부산광역시 해운대구 누다길 7398, 417호(빛빛동)"
    assert found["buyer_address"] == "서울시 구로구 서길 264"
    assert found["buyer_name"] == "양른테크"


def test_what_is_asked_for_has_many_words() -> None:
    found = fields(
        [
            [(50, "청구서")],
            [(50, "공급자 :"), (150, "한빛상사")],
            [(50, "입금기한"), (150, "2026-04-16")],
            [(50, "발주번호"), (150, "PO-2016-63")],
            *TABLE,
            *SUMS,
            [(320, "선수금"), (420, "-3,000")],
            [(320, "납부하실 금액"), (420, "30,000")],
        ]
    )
    assert found["due_date"] == date(2026, 4, 16)
    assert found["order_reference"] == "PO-2016-63"
    assert found["amount_due"] == Decimal(30000)


def test_two_headings_over_texts_and_amounts_are_a_table() -> None:
    found = fields(
        [
            [(50, "전기요금 청구서")],
            [(50, "품목"), (420, "공급가액")],
            [(50, "기본요금"), (420, "84,320")],
            [(50, "TV수신료"), (420, "38,580")],
            [(320, "합계금액"), (420, "122,900")],
        ]
    )
    assert found.get("net_total") != 84320
    assert found["gross_total"] == 122900


@pytest.mark.parametrize(("head", "label"), [("하나은행", "입금은행"), ("카카오뱅크", "받는은행")])
def test_a_slip_names_two_banks(head: str, label: str) -> None:
    found = fields(
        [
            [(50, head)],
            [(200, "이체확인증")],
            [(50, "이체일시"), (200, "2026-03-16")],
            [(50, "받는분"), (200, "(주)아유전기")],
            [(50, label), (200, "기업은행")],
            [(50, "입금계좌번호"), (200, "9902226216")],
            [(50, "이체금액"), (200, "931,920원")],
        ],
        "bank_slip",
    )
    assert found["bank"] == head
    assert found["payee_bank"] == "기업은행"

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields.typed import (
    convention_of,
    find_dates,
    find_ibans,
    find_money,
    find_resident_numbers,
    find_tax_ids,
    parse_number,
)
from ocr.fields.typed.parse import parse_currency, parse_percent, parse_quantity, parse_time


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1.234,56", "1234.56", None),
        ("1,234.56", "1234.56", None),
        ("1 234,56 €", "1234.56", "EUR"),
        ("1'234.56", "1234.56", None),
        ("₩1,234,000", "1234000", "KRW"),
        ("1,234,000원", "1234000", "KRW"),
        ("RM 12.00", "12.00", "MYR"),
        ("RM9.00", "9.00", "MYR"),
        ("(12.00)", "-12.00", None),
        ("12.00-", "-12.00", None),
        ("€ -9,32", "-9.32", "EUR"),
        ("99.80SR", "99.80", None),
        ("US$ 5.00", "5.00", "USD"),
    ],
)
def test_amounts_as_people_print_them(text: str, value: str, currency: str | None) -> None:
    (hit,) = find_money(text)
    assert (hit.value, hit.currency) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text", ["12/03/2017", "201/113/40209", "DE123456789", "INV-2024", "19 %", "10:30", "500ml"]
)
def test_what_is_no_amount_is_left_alone(text: str) -> None:
    assert [h for h in find_money(text) if h.looks_like_money] == []


@given(st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False))
def test_both_ways_of_grouping_give_the_number_back(value: Decimal) -> None:
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert parse_number(english, ".") == value
    assert parse_number(german, ",") == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09.05.2017", date(2017, 5, 9)),
        ("7. Mai 2014", date(2014, 5, 7)),
        ("August 3 , 2014", date(2014, 8, 3)),
        ("02 Juillet 2015", date(2015, 7, 2)),
        ("1er juillet 2015", date(2015, 7, 1)),
        ("18 april 2014", date(2014, 4, 18)),
        ("24 de marzo de 2024", date(2024, 3, 24)),
        ("9 marzo 2019", date(2019, 3, 9)),
        ("12-JAN-17", date(2017, 1, 12)),
        ("2026년 11월 21일", date(2026, 11, 21)),
        ("2018. 3. 5.", date(2018, 3, 5)),
        ("2017-05-09", date(2017, 5, 9)),
    ],
)
def test_dates_in_many_languages(text: str, expected: date) -> None:
    assert [hit.value for hit in find_dates(text)] == [expected]


def test_an_ambiguous_date_is_day_first_and_keeps_the_other_reading() -> None:
    (hit,) = find_dates("05/01/2018")
    assert (hit.value, hit.other) == (date(2018, 1, 5), date(2018, 5, 1))
    (dotted,) = find_dates("05.01.2018")
    assert dotted.other is None


def test_the_page_proves_the_order_of_its_dates() -> None:
    assert convention_of("due 03/20/2023, paid 04/04/2023").order == "month"
    assert convention_of("13/01/2018 and 05/02/2018").order_known
    assert convention_of("05/01/2018").order == "day"
    korean = convention_of("거래명세서 공급자 상호 성명 사업장주소 업태 종목 작성일자 20.12.05")
    assert [h.value for h in find_dates("20.12.05", korean.order)] == [date(2020, 12, 5)]


def test_identifiers_with_their_check_digits() -> None:
    text = "USt-ID: DE136695976 IBAN DE88 2008 0000 0970 3757 00 BIC COBADEFF"
    assert [(h.value, h.valid) for h in find_tax_ids(text)] == [("DE136695976", True)]
    assert [(h.value, h.valid) for h in find_ibans(text)] == [("DE88200800000970375700", True)]
    assert [(h.value, h.valid) for h in find_tax_ids("등록번호 220-81-62517")] == [("220-81-62517", True)]
    assert [h.valid for h in find_ibans("DE88 2008 0000 0970 3757 01")] == [False]


def test_a_resident_number_is_seen_and_a_phone_number_is_not() -> None:
    assert find_resident_numbers("주민등록번호 900101-1234567") == [(7, 21)]
    assert find_resident_numbers("전화 02-1234-5678, 123-45-67890") == []


def test_small_types() -> None:
    assert parse_time("10.00.53PM") == time(22, 0, 53)
    assert parse_time("오후 3시 05분") == time(15, 5)
    assert parse_time("Total 12.50") is None
    assert parse_percent("19,00 %", ",") == Decimal("19.00")
    assert parse_quantity("5,000 kg", ",") == Decimal("5.000")
    assert parse_currency("Amounts in EUR") == "EUR"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("05-05~18", date(2018, 5, 5)),
        ("30.032018", date(2018, 3, 30)),
        ("2703/2018", date(2018, 3, 27)),
        ("04/03/201815:41:52", date(2018, 3, 4)),
    ],
)
def test_dates_whose_separators_were_misread(text: str, value: date) -> None:
    (hit,) = find_dates(text)
    assert (hit.value, hit.style) == (value, "torn")


@pytest.mark.parametrize(
    "text", ["012-9719493", "10.00 12.50", "03-5542 3213", "12.05 18.00", "4711 0204 2018"]
)
def test_numbers_that_are_no_torn_dates(text: str) -> None:
    assert find_dates(text) == []

"""Due times equal the written rule, on change days, holidays and ordinary days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpa.schedule.calendars import WorkCalendar, work_calendar
from rpa.schedule.cron import parse_cron
from rpa.schedule.due import At, Every, Plan
from rpa.schedule.manifest import Calendar

DAY = timedelta(days=1)
NEW_YORK, BERLIN, SEOUL = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Seoul")


def due(text: str, zone: ZoneInfo, start: str, number: int) -> list[str]:
    plan = Plan(parse_cron(text), zone)
    begin = datetime.fromisoformat(start).replace(tzinfo=zone)
    return [f"{d.at.astimezone(zone):%d %H:%M%z}" for d in islice(plan.after(begin), number)]


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("0 7 * * 0", {6}),
        ("0 7 * * 7", {6}),
        ("0 7 * * sun", {6}),
        ("0 7 * * 1-5", {0, 1, 2, 3, 4}),
        ("0 7 * * mon-fri", {0, 1, 2, 3, 4}),
        ("0 7 * * sat-sun", {5, 6}),
        ("0 7 * * */2", {6, 1, 3, 5}),
    ],
)
def test_weekdays_count_as_in_cron(text: str, weekdays: set[int]) -> None:
    cron = parse_cron(text)
    assert {
        d.weekday() for d in (date(2026, 11, 1) + timedelta(n) for n in range(7)) if cron.on(d)
    } == weekdays


def test_two_day_fields_mean_or_and_a_star_means_and() -> None:
    days = [date(2026, 11, 1) + timedelta(n) for n in range(30)]
    assert [d.day for d in days if parse_cron("0 0 13 * fri").on(d)] == [6, 13, 20, 27]
    assert [d.day for d in days if parse_cron("0 0 15 * mon").on(d)] == [2, 9, 15, 16, 23, 30]
    assert [d.day for d in days if parse_cron("0 0 */10 * mon").on(d)] == []


@pytest.mark.parametrize(
    "text",
    [
        "0 7 * *",
        "60 7 * * *",
        "0 24 * * *",
        "0 7 0 * *",
        "0 7 * 13 *",
        "0 7 * * 8",
        "0 7 * * fri-mon",
        "0 7/0 * * *",
        "a 7 * * *",
        "0 7-5 * * *",
        "0 ٧ * * *",
        ", 7 * * *",
    ],
)
def test_a_wrong_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_cron(text)


def test_a_fixed_hour_runs_once_on_both_change_days() -> None:
    assert due("30 1 * * *", NEW_YORK, "2026-10-31T12:00", 3) == [
        "01 01:30-0400",
        "02 01:30-0500",
        "03 01:30-0500",
    ]
    assert due("30 2 * * *", NEW_YORK, "2026-03-07T12:00", 2) == ["08 03:00-0400", "09 02:30-0400"]


def test_several_fixed_times_in_one_gap_are_one() -> None:
    assert due("*/15 2 * * *", BERLIN, "2026-03-28T12:00", 2) == ["29 03:00+0200", "30 02:00+0200"]


def test_a_wildcard_hour_follows_elapsed_time() -> None:
    assert due("30 * * * *", NEW_YORK, "2026-11-01T00:15", 4) == [
        "01 00:30-0400",
        "01 01:30-0400",
        "01 01:30-0500",
        "01 02:30-0500",
    ]
    assert due("30 * * * *", NEW_YORK, "2026-03-08T00:45", 2) == ["08 01:30-0500", "08 03:30-0400"]
    assert due("0 */2 * * *", BERLIN, "2026-03-29T00:00", 2) == ["29 04:00+0200", "29 06:00+0200"]


def test_a_half_hour_change_and_a_skipped_midnight() -> None:
    assert due("15 2 * * *", ZoneInfo("Australia/Lord_Howe"), "2026-10-03T12:00", 1) == ["04 02:30+1100"]
    assert due("0 0 * * *", ZoneInfo("Africa/Cairo"), "2026-04-23T12:00", 2) == [
        "24 01:00+0300",
        "25 00:00+0300",
    ]
    assert due("0 7 * * *", ZoneInfo("Pacific/Apia"), "2011-12-29T12:00", 2) == [
        "31 00:00+1400",
        "31 07:00+1400",
    ]


def test_names_in_the_ledger_are_wall_time_for_fixed_hours_and_utc_otherwise() -> None:
    begin = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert next(Plan(parse_cron("30 1 * * *"), NEW_YORK).after(begin)).occurrence == "2026-11-01T01:30"
    twice = [d.occurrence for d in islice(Plan(parse_cron("30 * * * *"), NEW_YORK).after(begin), 2)]
    assert twice == ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]


def test_every_is_elapsed_time_that_all_processes_agree_on() -> None:
    plan = Plan(Every(timedelta(minutes=15)), NEW_YORK)
    begin = datetime(2026, 11, 1, 5, 7, 3, tzinfo=UTC)
    found = [d.at for d in islice(plan.after(begin), 8)]
    assert found[0] == datetime(2026, 11, 1, 5, 15, tzinfo=UTC)
    assert {b - a for a, b in pairwise(found)} == {timedelta(minutes=15)}
    assert next(plan.after(found[0])).at == found[1]


def test_at_is_daily_or_a_moment_and_ends() -> None:
    once = Plan(At(moments=(datetime(2026, 12, 24, 18),)), SEOUL)
    assert [d.occurrence for d in once.after(datetime(2026, 1, 1, tzinfo=UTC))] == ["2026-12-24T18:00"]
    daily = Plan(At(daily=(time(7), time(19))), SEOUL)
    assert [d.occurrence for d in islice(daily.after(datetime(2026, 1, 1, tzinfo=UTC)), 2)] == [
        "2026-01-01T19:00",
        "2026-01-02T07:00",
    ]


def test_a_day_that_never_comes_ends_the_search() -> None:
    assert Plan(parse_cron("0 0 31 feb *"), SEOUL).next(datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert Plan(parse_cron("0 0 29 feb *"), SEOUL).next(datetime(2096, 3, 1, tzinfo=UTC)) is not None


# ── holidays ──
CHUSEOK = work_calendar(Calendar(country="KR", closed=["2026-09-28"]))


def told(
    policy: str, text: str, begin: date, days: int, calendar: WorkCalendar = CHUSEOK
) -> list[tuple[str, str]]:
    plan = Plan(parse_cron(text), SEOUL, calendar, policy)  # type: ignore[arg-type]
    start = datetime.combine(begin, time(), SEOUL)
    end = start + timedelta(days=days)
    return [(d.occurrence[8:], d.skip) for d in takewhile(lambda d: d.at < end, plan.after(start))]


def test_holiday_policies_over_chuseok_2026() -> None:
    """24 to 26 September 2026 are holidays (Thursday to Saturday); the company also closes on Monday 28."""
    week = date(2026, 9, 23), 7
    assert told("run", "0 7 * * mon-fri", *week) == [
        ("23T07:00", ""),
        ("24T07:00", ""),
        ("25T07:00", ""),
        ("28T07:00", ""),
        ("29T07:00", ""),
    ]
    assert told("skip", "0 7 * * mon-fri", *week) == [
        ("23T07:00", ""),
        ("24T07:00", "holiday"),
        ("25T07:00", "holiday"),
        ("28T07:00", "holiday"),
        ("29T07:00", ""),
    ]
    assert told("next_working_day", "0 7 25 * *", *week) == [("25T07:00", "moved"), ("29T07:00", "")]
    assert told("previous_working_day", "0 7 25 * *", *week) == [("23T07:00", ""), ("25T07:00", "moved")]


def test_what_moves_onto_another_time_of_the_schedule_is_one_with_it() -> None:
    fires = [name for name, skip in told("next_working_day", "0 7 * * *", date(2026, 9, 23), 7) if not skip]
    assert fires == ["23T07:00", "29T07:00"]


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="XX"):
        work_calendar(Calendar(country="XX"))


# ── the rule, independently: every second-exact minute of the real time line ──
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def by_minutes(cron_text: str, zone: ZoneInfo, begin: datetime, days: int) -> list[datetime]:
    """Walks real minutes; a fixed time fires at the first minute whose wall clock has reached it."""
    cron, found, fired = parse_cron(cron_text), [], set()
    start = begin.astimezone(zone).replace(tzinfo=None, fold=0)
    reached = start
    for minute in range(1, days * 1440 + 1):
        at = begin + timedelta(minutes=minute)
        wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
        if not cron.fixed:
            found += [at] if cron.on(wall.date()) and wall.time() in cron.times else []
            continue
        passed = []
        while reached < wall:  # all wall minutes that the clock has passed or skipped
            reached += timedelta(minutes=1)
            if cron.on(reached.date()) and reached.time() in cron.times and reached not in fired:
                fired.add(reached)
                passed.append(reached)
        found += [at] if passed else []
    return found


LINES = [
    "30 1 * * *",
    "0 2 * * *",
    "30 2 * * *",
    "*/20 0-3 * * *",
    "15 */2 * * *",
    "5 * * * *",
    "0 0,3 * * *",
    "59 23 * * *",
    "45 1 * * mon,sun",
]


def change_days(zone: ZoneInfo, year: int) -> list[datetime]:
    """Noon UTC of the days before the offset changes."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    return [
        a
        for a, b in pairwise(noons)
        if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
    ]


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(ZONES), st.integers(2024, 2028), st.sampled_from(LINES), st.randoms(use_true_random=False)
)
def test_due_times_equal_a_walk_over_real_minutes(name: str, year: int, line: str, random) -> None:  # type: ignore[no-untyped-def]
    zone = ZoneInfo(name)
    days = change_days(zone, year)
    begin = random.choice(days) if days else datetime(year, random.randint(1, 12), 1, 12, tzinfo=UTC)
    begin -= timedelta(hours=6)
    end = begin + timedelta(days=3)
    found = [d.at for d in takewhile(lambda d: d.at <= end, Plan(parse_cron(line), zone).after(begin))]
    assert found == by_minutes(line, zone, begin, 3)


@pytest.mark.heavy
@pytest.mark.parametrize("line", ["30 1 * * *", "30 2 * * *", "0 0 * * *"])
def test_a_daily_time_is_due_once_a_day_in_every_zone_for_five_years(line: str) -> None:
    begin, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    for name in ZONES:
        found = list(takewhile(lambda d: d.at < end, Plan(parse_cron(line), ZoneInfo(name)).after(begin)))
        days = [d.occurrence[:10] for d in found]
        assert (
            len(days)
            == len(set(days))
            == (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days + 1
        ), name


@pytest.mark.heavy
@pytest.mark.timeout(1200)
def test_every_change_day_of_every_zone_in_five_years_equals_a_walk_over_real_minutes() -> None:
    """Zones with the same changes are one; 0 differences in all."""
    seen: set[tuple[object, ...]] = set()
    compared = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        for year in range(2024, 2029):
            for noon in change_days(zone, year):
                begin = noon - timedelta(hours=6)
                mark = (begin, begin.astimezone(zone).utcoffset(), (begin + 2 * DAY).astimezone(zone).utcoffset())
                if mark in seen:
                    continue
                seen.add(mark)
                for line in LINES:
                    end, plan = begin + 2 * DAY, Plan(parse_cron(line), zone)
                    found = [d.at for d in takewhile(lambda d: d.at <= end, plan.after(begin))]  # noqa: B023
                    assert found == by_minutes(line, zone, begin, 2), (name, begin, line)
                    compared += 1
    assert compared > 500

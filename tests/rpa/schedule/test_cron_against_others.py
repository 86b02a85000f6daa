"""Cron lines against two independent readers of cron, where they are installed, and against APScheduler."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from rpa.schedule.cron import MONTHS, WEEKDAYS, parse_cron
from rpa.schedule.due import Plan

PLAIN = ZoneInfo("UTC")  # others treat change days differently; these are compared in test_due


def field(chance: random.Random, low: int, high: int, names: tuple[str, ...] = ()) -> str:
    def number() -> int:
        return chance.randint(low, high)

    def one() -> str:
        kind = chance.choice(["number", "number", "range", "step", "star-step"])
        if kind == "number":
            n = number()
            return names[n - (low if low else 0)] if names and chance.random() < 0.5 and n <= high else str(n)
        a, b = sorted(chance.sample(range(low, high + 1), 2))  # 3-3 the others read as 3 to the end
        if kind == "range":
            return f"{a}-{b}"
        return f"{a}-{b}/{chance.randint(1, min(5, b - a))}" if kind == "step" else f"*/{chance.randint(1, 6)}"

    return "*" if chance.random() < 0.3 else ",".join(one() for _ in range(chance.choice([1, 1, 1, 2, 3])))


def line(chance: random.Random) -> str:
    return " ".join(
        [
            field(chance, 0, 59),
            field(chance, 0, 23),
            field(chance, 1, 28),
            field(chance, 1, 12, MONTHS),
            field(chance, 0, 6, WEEKDAYS),
        ]
    )


def ours(text: str, start: datetime, number: int) -> list[datetime]:
    return [d.at for d in islice(Plan(parse_cron(text), PLAIN).after(start), number)]


def lines(number: int, seed: int) -> list[tuple[str, datetime]]:
    chance = random.Random(seed)
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    return [(line(chance), begin + timedelta(minutes=chance.randint(0, 2_000_000))) for _ in range(number)]


def test_cronsim_reads_every_line_as_we_do() -> None:
    cronsim = pytest.importorskip("cronsim", reason="pip install cronsim for the comparison")
    for text, start in lines(400, 1):
        theirs = list(islice(cronsim.CronSim(text, start), 20))
        assert ours(text, start, len(theirs)) == theirs, text


def test_croniter_reads_every_line_as_we_do() -> None:
    croniter = pytest.importorskip("croniter", reason="pip install croniter for the comparison")
    for text, start in lines(400, 2):
        days, weekdays = text.split()[2], text.split()[4]
        if days.startswith("*/") or weekdays.startswith("*/"):
            continue  # croniter takes a stepped star for a restriction (or), cron and cronsim do not (and)
        reader = croniter.croniter(text, start, ret_type=datetime)
        theirs = [reader.get_next() for _ in range(20)]
        assert ours(text, start, 20) == theirs, text


def test_apscheduler_agrees_where_only_one_day_field_is_restricted() -> None:
    from apscheduler.triggers.cron import CronTrigger

    for text, start in lines(150, 3):
        minute, hour, day, month, _ = text.split()
        trigger = CronTrigger(minute=minute, hour=hour, day=day, month=month, timezone=UTC)
        theirs, last = [], start
        for _ in range(10):
            last = trigger.get_next_fire_time(last, last + timedelta(microseconds=1))
            theirs.append(last)
        assert ours(f"{minute} {hour} {day} {month} *", start, 10) == theirs, text

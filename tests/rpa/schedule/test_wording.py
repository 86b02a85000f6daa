"""Schedules told in plain words, and the commands that tell them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from rpa.schedule.manifest import Schedule
from rpa.schedule.wording import describe, reason

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("trigger", "english", "korean"),
    [
        ({"cron": "0 7 * * mon-fri"}, "every weekday at 07:00, Seoul", "평일마다 07:00, Seoul 시간"),
        ({"cron": "0 7 * * 1-5"}, "every weekday at 07:00, Seoul", "평일마다 07:00, Seoul 시간"),
        (
            {"cron": "30 18 1,15 * *"},
            "on day 1, 15 of the month at 18:30, Seoul",
            "매월 1, 15일 18:30, Seoul 시간",
        ),
        (
            {"cron": "0 9 1 * mon"},
            "every Monday or on day 1 of the month at 09:00, Seoul",
            "매주 월요일 또는 매월 1일 09:00, Seoul 시간",
        ),
        ({"cron": "*/15 * * * *"}, "every day every 15 minutes, Seoul", "매일 15분마다, Seoul 시간"),
        (
            {"cron": "*/15 9-17 * * *"},
            "every day every 15 minutes between the hours 09–17, Seoul",
            "매일 15분마다 09–17시 사이, Seoul 시간",
        ),
        ({"cron": "5 * * * *"}, "every day every hour at :05, Seoul", "매일 1시간마다 :05분, Seoul 시간"),
        (
            {"cron": "0 8 * 1,7 sun"},
            "every Sunday in January, July at 08:00, Seoul",
            "1월, 7월 매주 일요일 08:00, Seoul 시간",
        ),
        ({"every": "90m"}, "every 90 minutes", "90분마다"),
        ({"every": "1h"}, "every hour", "1시간마다"),
        ({"at": "07:00"}, "every day at 07:00, Seoul", "매일 07:00, Seoul 시간"),
        ({"folder": "inbox"}, "when a file has arrived in inbox", "inbox에 파일이 도착하면"),
        ({"after": "bills"}, "after bills", "bills 다음에"),
        ({"after": {"flow": "bills", "on": "failure"}}, "after bills has failed", "bills 실패 후"),
    ],
)
def test_readings(trigger: dict[str, str], english: str, korean: str) -> None:
    schedule = Schedule.model_validate({"flow": "f", "trigger": trigger})
    assert describe(schedule, SEOUL, "en") == english
    assert describe(schedule, SEOUL, "ko") == korean


def test_the_holiday_policy_is_told() -> None:
    schedule = Schedule.model_validate(
        {"flow": "f", "trigger": {"cron": "0 7 * * *"}, "on_holiday": "next_working_day"}
    )
    assert describe(schedule, SEOUL, "en").endswith("moved to the next working day")


def test_reasons_keep_what_stands_after_the_colon() -> None:
    assert reason("missed: and 3 before it", "en") == "missed: no service was running: and 3 before it"
    assert reason("flow-missing", "ko") != "flow-missing"
    assert reason("something-new", "en") == "something-new"

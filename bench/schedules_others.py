"""What other schedulers make of the two change days, asked of their own code.

    python -m bench.schedules_others            APScheduler and croniter, from this environment
    PYTHON bench/schedules_others.py airflow    with the Python of an environment that has apache-airflow-core

Prints the fires of four lines in New York on 8 March 2026 (02:00 to 03:00 is skipped) and on 1 November 2026 (01:00 to
02:00 comes twice), in UTC.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

ZONE = "America/New_York"
LINES = ("30 2 * * *", "30 1 * * *", "30 * * * *", "*/30 1-2 * * *")
DAYS = (datetime(2026, 3, 8), datetime(2026, 11, 1))
Next = Callable[[datetime], datetime | None]


def apscheduler(line: str) -> Next:
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(line, timezone=ZoneInfo(ZONE))
    return lambda after: trigger.get_next_fire_time(after, after + timedelta(microseconds=1))


def croniter(line: str) -> Next:
    from croniter import croniter as reader

    return lambda after: reader(line, after.astimezone(ZoneInfo(ZONE)), ret_type=datetime).get_next()


def ours(line: str) -> Next:
    from rpa.schedule.cron import parse_cron
    from rpa.schedule.due import Plan

    plan = Plan(parse_cron(line), ZoneInfo(ZONE))

    def following(after: datetime) -> datetime | None:
        due = plan.next(after)
        return due.at if due else None

    return following


def airflow(line: str) -> Next:
    import pendulum
    from airflow.timetables.trigger import CronTriggerTimetable

    timetable = CronTriggerTimetable(line, timezone=ZONE)
    return lambda after: timetable._get_next(pendulum.instance(after))


def fires(following: Next, day: datetime) -> Iterator[str]:
    """Of one local day."""
    start = day.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    end = (day + timedelta(days=1)).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    at = following(start - timedelta(seconds=1))
    while at is not None and at.astimezone(UTC) < end:
        yield f"{at.astimezone(UTC):%H:%M}Z ({at.astimezone(UTC).astimezone(ZoneInfo(ZONE)):%H:%M})"
        at = following(at.astimezone(UTC))


READERS = {"ours": (ours, "daeri"), "apscheduler": (apscheduler, "apscheduler"), "croniter": (croniter, "croniter")}


def main() -> None:
    chosen = {"airflow": (airflow, "apache-airflow-core")} if "airflow" in sys.argv else READERS
    for name, (reader, package) in chosen.items():
        for line in LINES:
            told = {f"{day:%Y-%m-%d}": list(fires(reader(line), day))[:6] for day in DAYS}
            print(json.dumps({"reader": name, "version": version(package), "line": line, **told}))


if __name__ == "__main__":
    main()

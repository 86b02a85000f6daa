"""From what flows.yaml says of a trigger to its rule."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flows.types import duration
from rpa.schedule.calendars import work_calendar
from rpa.schedule.cron import parse_cron
from rpa.schedule.due import At, Every, Plan, Rule

if TYPE_CHECKING:
    from rpa.schedule.manifest import ManifestFile, Schedule, Trigger

TIMED = ("cron", "every", "at")


def plan(schedule: Schedule, manifest: ManifestFile, default_zone: str = "UTC") -> Plan | None:
    """None for a trigger without times (folder, after, queue). Raises ValueError for one that cannot be
    read."""
    zone = zone_of(schedule, manifest, default_zone)
    rule = rule_of(schedule.trigger, zone)
    return None if rule is None else Plan(rule, zone, work_calendar(manifest.calendar), schedule.on_holiday)


def zone_of(schedule: Schedule, manifest: ManifestFile, default_zone: str = "UTC") -> ZoneInfo:
    """The schedule's zone, else the manifest's, else the settings'."""
    return ZoneInfo(schedule.timezone or manifest.timezone or default_zone)


def rule_of(trigger: Trigger, zone: ZoneInfo) -> Rule | None:
    if trigger.cron is not None:
        return parse_cron(trigger.cron)
    if trigger.every is not None:
        return Every(_period(trigger.every))
    if trigger.at is not None:
        return _at([trigger.at] if isinstance(trigger.at, str) else trigger.at, zone)
    return None


def _period(text: str) -> timedelta:
    period = duration(text)
    if period < timedelta(seconds=1):
        raise ValueError("at least 1s is expected")
    return period


def _at(texts: list[str], zone: ZoneInfo) -> At:
    if not texts:
        raise ValueError("a time such as 07:00 or 2026-12-24 18:00 is expected")
    daily = [t for t in texts if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", t.strip())]
    moments = [_moment(t, zone) for t in texts if t not in daily]
    return At(tuple(sorted(_time(t) for t in daily)), tuple(sorted(moments)))


def _time(text: str) -> time:
    return time.fromisoformat(text.strip().zfill(5) if text.count(":") == 1 else text.strip().zfill(8))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text} is not a time such as 07:00 or 2026-12-24 18:00") from None
    if len(text.strip()) <= len("2026-12-24"):
        raise ValueError(f"{text} has no time of day; write {date.fromisoformat(text.strip())} 07:00")
    return (found.astimezone(zone) if found.tzinfo else found).replace(tzinfo=None, microsecond=0)

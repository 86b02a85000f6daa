"""Schedules in plain words, English and Korean: «every weekday at 07:00, Seoul»."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flows.catalogue import known, text
from flows.types import duration
from rpa.schedule.cron import MONTHS, WEEKDAYS, Cron, parse_cron
from rpa.schedule.manifest import Schedule, Trigger

Say = Callable[..., str]
MOST_TIMES = 6  # wall times told one by one
ALL_DAYS, WORKDAYS, WEEKEND = frozenset(range(7)), frozenset(range(1, 6)), frozenset({0, 6})
UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def describe(schedule: Schedule, zone: ZoneInfo, lang: str) -> str:
    """One line: the trigger, the zone where it has one, the holiday policy where it is not `run`."""
    say = partial(_say, lang)
    trigger = schedule.trigger
    told = [_trigger(trigger, say)]
    if trigger.cron is not None or trigger.at is not None:
        told.append(say("place", zone=place(zone)))
    if schedule.on_holiday != "run":
        told.append(say(f"holiday-{schedule.on_holiday}"))
    return ", ".join(told)


def place(zone: ZoneInfo) -> str:
    """`Asia/Seoul` → `Seoul`."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def local_time(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """`Mon 2026-11-23 07:00` in the schedule's zone."""
    local = moment.astimezone(zone)
    day = text(f"reading-{WEEKDAYS[local.isoweekday() % 7]}-short", lang)
    return f"{day} {local:%Y-%m-%d %H:%M}" + (f":{local:%S}" if local.second else "")


def reason(code: str, lang: str) -> str:
    """Why a schedule fired or did not. Codes may carry more after a colon."""
    head, colon, rest = code.partition(":")
    for name in (f"firing-{head}", head):
        if known(name):
            return text(name, lang) + colon + rest
    return code


def _say(lang: str, code: str, **details: object) -> str:
    return text(f"reading-{code}", lang, **details)


def _trigger(trigger: Trigger, say: Say) -> str:
    if trigger.cron is not None:
        return cron_words(parse_cron(trigger.cron), say)
    if trigger.every is not None:
        return _period(duration(trigger.every), say)
    if trigger.at is not None:
        times = [trigger.at] if isinstance(trigger.at, str) else trigger.at
        daily = all(len(t.strip()) < len("2026-12-24") for t in times)
        told = say("at", times=", ".join(times))
        return say("joined", days=say("every-day"), times=told) if daily else told
    followed = trigger.followed
    how = f"-{followed.on}" if followed is not None and followed.on != "success" else ""
    return say(f"{trigger.kind}{how}", name=_subject(trigger))


def _subject(trigger: Trigger) -> str:
    if trigger.mail is not None:
        return f"{trigger.mail.user} {trigger.mail.folder}"
    followed, hook, watched = trigger.followed, trigger.hook, trigger.watched
    if followed is not None:
        return followed.flow
    return f"/hooks{hook.path}" if hook is not None else (watched.path if watched else str(trigger.queue))


def _period(period: timedelta, say: Say) -> str:
    seconds = int(period.total_seconds())
    size, unit = next((s, u) for s, u in UNITS if seconds % s == 0)
    return say(f"every-{unit}", number=seconds // size) if seconds > size else say(f"each-{unit}")


def cron_words(cron: Cron, say: Say) -> str:
    """The line as cron reads it: its days, then its times."""
    return say("joined", days=_days(cron, say), times=_times(cron, say))


def _times(cron: Cron, say: Say) -> str:
    if len(cron.times) <= MOST_TIMES:
        return say("at", times=", ".join(f"{t:%H:%M}" for t in cron.times))
    minutes, hours = _steps(cron.minutes, 60), _steps(cron.hours, 24)
    if minutes and len(cron.minutes) > 1:
        told = say("every-minutes", number=minutes) if minutes > 1 else say("each-minutes")
    else:
        told = say("at-minutes", minutes=", ".join(f":{m:02}" for m in cron.minutes))
        told = (
            f"{say('every-hours', number=hours)} {told}"
            if hours and hours > 1
            else f"{say('each-hours')} {told}"
            if hours
            else told
        )
    return told if hours else f"{told} {_hours(cron.hours, say)}"


def _hours(hours: Sequence[int], say: Say) -> str:
    unbroken = list(hours) == list(range(hours[0], hours[-1] + 1))
    names = f"{hours[0]:02}–{hours[-1]:02}" if unbroken else ", ".join(f"{h:02}" for h in hours)
    return say("in-hours", hours=names)


def _steps(values: Sequence[int], size: int) -> int:
    """The step that divides `size` and gives exactly these values from 0; 0 when there is none."""
    step = size // len(values)
    return step if list(values) == list(range(0, size, step)) and size % step == 0 else 0


def _days(cron: Cron, say: Say) -> str:
    parts = []
    if not cron.any_weekday:
        parts.append(_weekdays(cron, say))
    if not cron.any_day:
        parts.append(say("on-days", days=", ".join(str(d) for d in sorted(cron.days))))
    told = f" {say('or')} ".join(parts) if parts else say("every-day")
    if len(cron.months) == len(MONTHS):
        return told
    months = ", ".join(say(MONTHS[m - 1]) for m in sorted(cron.months))
    return say("of-months", days=told, months=months)


def _weekdays(cron: Cron, say: Say) -> str:
    whole = {ALL_DAYS: "every-day", WORKDAYS: "every-weekday", WEEKEND: "every-weekend"}.get(cron.weekdays)
    if whole:
        return say(whole)
    ordered = sorted(cron.weekdays, key=lambda d: d or 7)
    return say("on-weekdays", days=", ".join(say(WEEKDAYS[d]) for d in ordered))

"""A week of February 2027 in two offices, and a ticket's facts in it, for the tests of the clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, FactKind, Metric, Target, TargetKind, rebuild

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
FIRST, NEXT, UPDATE, RESOLUTION = Metric
NORTH, SOUTH = 10, 20


def office(opens: str = "08:00", closes: str = "16:00") -> Calendar:
    return Calendar.from_data({"tz": "Europe/Stockholm", "week": {day: [[opens, closes]] for day in WEEKDAYS}})


CALENDARS: dict[str | int, Calendar] = {"office": office(), "late": office("10:00", "20:00")}


def at(text: str) -> datetime:
    """ "mon 09:30" in a week of February 2027, "mon2" in the next one."""
    day, clock = text.split()
    number = WEEKDAYS.index(day[:3]) + 7 * (int(day[3:] or 1) - 1)
    return datetime.fromisoformat(f"2027-02-01T{clock}+01:00") + timedelta(days=number)


def minutes(amount: int, *metrics: Metric) -> dict[Metric, Target]:
    return dict.fromkeys(metrics or (FIRST, RESOLUTION), Target(TargetKind.MINUTES, amount))


def days(amount: int, *metrics: Metric) -> dict[Metric, Target]:
    return dict.fromkeys(metrics or (FIRST, RESOLUTION), Target(TargetKind.WORKING_DAYS, amount))


def fact(text: str, kind: str, **more: Any) -> Fact:
    return Fact(at(text), FactKind(kind), **more)


def created(text: str, targets: dict[Metric, Target], unit: int = NORTH, calendar: str = "office") -> Fact:
    return fact(text, "created", unit_id=unit, calendar_key=calendar, targets=targets)


def transfer(text: str, targets: dict[Metric, Target], unit: int = SOUTH, calendar: str = "office") -> Fact:
    return fact(text, "transfer", unit_id=unit, calendar_key=calendar, targets=targets)


def clock_of(metric: Metric, *facts: Fact, now: str | None = None, **more: Any) -> Clock:
    (clock,) = clocks_of(metric, *facts, now=now, **more)
    return clock


def clocks_of(metric: Metric, *facts: Fact, now: str | None = None, **more: Any) -> list[Clock]:
    clocks = rebuild(facts, CALENDARS, now=at(now) if now else None, **more)
    return [clock for clock in clocks if clock.metric == metric]

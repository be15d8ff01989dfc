"""What the clocks cost: due instants and elapsed times from the interval table, checked by a walk over minutes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from app.bench.table import lines
from app.sla.calendar import Calendar
from app.sla.holiday_seed import calendar_data

ROUNDS = 20_000
CHECKED = 200
_WEEK = {day: [["08:00", "11:30"], ["12:30", "16:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def measure() -> Iterator[str]:
    """The table: microseconds of CPU a call, and how many of the checked cases agree with the walk."""
    calendar = Calendar.from_data(calendar_data(_WEEK, {}, {}, "SE", range(2025, 2029)))
    chance = random.Random(7)  # noqa: S311 - cases, not secrets
    first = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [first + timedelta(minutes=chance.randrange(500_000)) for _ in range(ROUNDS)]
    calendar.elapsed(first, first + timedelta(days=700))
    rows = [
        ("due instant of 8 h", _microseconds(lambda at: calendar.add(at, 8 * 3600), starts)),
        ("due instant of 40 h", _microseconds(lambda at: calendar.add(at, 40 * 3600), starts)),
        ("elapsed over 9 days", _microseconds(lambda at: calendar.elapsed(at, at + timedelta(days=9)), starts)),
    ]
    yield from lines(("what", "us CPU a call"), rows)
    agree = sum(_agrees(calendar, at, chance.randrange(1, 3_000)) for at in starts[:CHECKED])
    yield f"{agree} of {CHECKED} due instants equal a walk over minutes"


def _microseconds(call: Callable[[datetime], object], starts: list[datetime]) -> str:
    before = time.process_time()
    for at in starts:
        call(at)
    return f"{(time.process_time() - before) / len(starts) * 1e6:.2f}"


def _agrees(calendar: Calendar, start: datetime, minutes: int) -> bool:
    at, left = start, minutes
    while left:
        left -= calendar.is_open(at)
        at += timedelta(minutes=1)
    return calendar.add(start, minutes * 60) == at

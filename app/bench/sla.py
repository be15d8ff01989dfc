"""What the clocks cost: due instants and elapsed times from the interval table, checked by a walk over minutes."""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from app.bench.table import lines
from app.sla.calendar import Calendar
from app.sla.facts import Target, TargetKind
from app.sla.holiday_seed import calendar_data
from app.sla.preview import Running, due_after

ROUNDS = 20_000
CHECKED = 100_000
OPEN_TICKETS = 100_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OFFICE = {day: [["08:00", "11:30"], ["12:30", "16:30"]] for day in DAYS[:5]}
_NIGHT = {day: [["00:00", "02:30"], ["22:15", "24:00"]] for day in DAYS}
WALKED = (("Europe/Stockholm", "SE", _OFFICE), ("Europe/Helsinki", "FI", _OFFICE), ("Europe/Stockholm", "SE", _NIGHT))
FIRST, WALKED_DAYS = datetime(2026, 1, 1, tzinfo=UTC), 500
MINUTE = timedelta(minutes=1)


def measure() -> Iterator[str]:
    """The table: microseconds of CPU a call, how many checked cases agree with the walk, and a preview's cost."""
    calendar = _calendar(*WALKED[0])
    chance = random.Random(7)  # noqa: S311 - cases, not secrets
    starts = [FIRST + timedelta(minutes=chance.randrange(500_000)) for _ in range(ROUNDS)]
    calendar.elapsed(FIRST, FIRST + timedelta(days=700))
    rows = [
        ("due instant of 8 h", _microseconds(lambda at: calendar.add(at, 8 * 3600), starts)),
        ("due instant of 40 h", _microseconds(lambda at: calendar.add(at, 40 * 3600), starts)),
        ("elapsed over 9 days", _microseconds(lambda at: calendar.elapsed(at, at + timedelta(days=9)), starts)),
    ]
    yield from lines(("what", "us CPU a call"), rows)
    agree = sum(_agreeing(place, chance) for place in WALKED)
    yield f"{agree} of {CHECKED // 3 * 3 * 2} due instants and elapsed times equal a walk over minutes"
    yield f"changed hours of {OPEN_TICKETS} running clocks previewed in {_preview(calendar, chance):.2f} s CPU"


def _calendar(zone: str, country: str, week: dict[str, list[list[str]]]) -> Calendar:
    return Calendar.from_data(calendar_data(week, {}, {}, country, range(2025, 2029), tz=zone))


def _microseconds(call: Callable[[datetime], object], starts: list[datetime]) -> str:
    before = time.process_time()
    for at in starts:
        call(at)
    return f"{(time.process_time() - before) / len(starts) * 1e6:.2f}"


def _agreeing(place: tuple[str, str, dict[str, list[list[str]]]], chance: random.Random) -> int:
    """How many of a third of the cases agree, each a due instant and an elapsed time, over changes of the clock."""
    calendar, opened = _calendar(*place), _walk(*place)
    agree = 0
    for _ in range(CHECKED // 3):
        start, minutes = chance.randrange(len(opened) * 9 // 10), chance.randrange(1, 3_000)
        end = min(start + chance.randrange(1, 50_000), len(opened) - 1)
        due = bisect_left(opened, opened[start] + minutes)
        agree += calendar.add(_at(start), minutes * 60) == _at(due)
        agree += calendar.elapsed(_at(start), _at(end)) == (opened[end] - opened[start]) * 60
    return agree


def _at(minute: int) -> datetime:
    return FIRST + minute * MINUTE


def _walk(zone: str, country: str, week: dict[str, list[list[str]]]) -> list[int]:
    """The open minutes before each minute, told by the wall clock minute by minute: no interval is used."""
    closed, wall = _calendar(zone, country, week).to_data()["closed"], ZoneInfo(zone)
    flags = (_is_open(_at(i).astimezone(wall), week, closed) for i in range(WALKED_DAYS * 1440))
    return list(accumulate(flags, initial=0))


def _is_open(at: datetime, week: dict[str, list[list[str]]], closed: object) -> bool:
    text, windows = f"{at:%H:%M}", week.get(DAYS[at.weekday()], [])
    return f"{at:%Y-%m-%d}" not in closed and any(opens <= text < closes for opens, closes in windows)  # type: ignore[operator]


def _preview(calendar: Calendar, chance: random.Random) -> float:
    changed, target = _calendar("Europe/Stockholm", "SE", _NIGHT), Target(TargetKind.MINUTES, 960)
    now = FIRST + timedelta(days=200)
    starts = [now - timedelta(minutes=chance.randrange(1, 4_000)) for _ in range(OPEN_TICKETS)]
    clocks = [Running(at, calendar.add(at, 960 * 60), None, 0, 0, 0, target) for at in starts]
    before = time.process_time()
    for clock in clocks:
        due_after(clock, calendar, changed=changed, target=target, now=now)
    return time.process_time() - before

"""When a calendar is open, as a sorted table of real instants: questions are answered by bisection, never by walking.

Instants are whole microseconds since 1970 in UTC, so that nothing is lost to rounding. A calendar is open at an instant
when the wall clock of its zone then shows a time inside a window; hours that daylight saving skips or repeats count as
they really pass.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.sla.windows import DAY_SECONDS, Hours, Window

SECOND = 1_000_000
FIRST_YEAR, LAST_YEAR = 1970, 2199
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def micros(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970; a naive one raises TypeError."""
    gone = at - EPOCH
    return (gone.days * DAY_SECONDS + gone.seconds) * SECOND + gone.microseconds


def instant(us: int) -> datetime:
    """Return microseconds since 1970 as an instant in UTC."""
    return EPOCH + timedelta(0, 0, us)


@dataclass(frozen=True, slots=True)
class Table:
    """The open intervals of some whole years of one calendar.

    `opened[i]` is the open time from the table's beginning to `ends[i]`; `days` are the ordinals of the local dates
    with any open time and `closings` when each closes, `total` is all open time. The table answers for instants
    in [low, high).
    """

    first_year: int
    last_year: int
    low: int
    high: int
    starts: list[int]
    ends: list[int]
    opened: list[int]
    days: list[int]
    closings: list[int]
    total: int

    def open_before(self, us: int) -> int:
        """Return the open microseconds between the table's beginning and the instant."""
        i = bisect_right(self.starts, us) - 1
        if i < 0:
            return 0
        left = self.ends[i] - us
        return self.opened[i] - left if left > 0 else self.opened[i]

    def reached_at(self, opened: int) -> int:
        """Return the first instant with that much open time before it; it must lie within the table."""
        i = bisect_left(self.opened, opened)
        return self.ends[i] - (self.opened[i] - opened)


def build(hours: Hours, first_year: int, last_year: int) -> Table:
    """Return the table of whole local years, both ends included; about 1 ms a year."""
    starts: list[int] = []
    ends: list[int] = []
    closing: dict[int, int] = {}
    for low, high, day in _pieces(hours, first_year, last_year):
        closing[day] = max(high, closing.get(day, high))
        if ends and ends[-1] == low:
            ends[-1] = high
        else:
            starts.append(low)
            ends.append(high)
    days = sorted(closing)
    return Table(
        first_year,
        last_year,
        _year_start(first_year) + DAY_SECONDS * SECOND,
        _year_start(last_year + 1) - DAY_SECONDS * SECOND,
        starts,
        ends,
        _running_total(starts, ends),
        days,
        [closing[day] for day in days],
        sum(ends) - sum(starts),
    )


def _running_total(starts: list[int], ends: list[int]) -> list[int]:
    opened, total = [], 0
    for low, high in zip(starts, ends, strict=True):
        total += high - low
        opened.append(total)
    return opened


def _pieces(hours: Hours, first_year: int, last_year: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, local date) in order; wall windows cut at each change of the zone's offset."""
    walls = list(_walls(hours, first_year, last_year))
    wall_ends = [end for _, end, _ in walls]
    for since, until, offset in _offsets(ZoneInfo(hours.tz), first_year, last_year):
        for i in range(bisect_right(wall_ends, since + offset), len(walls)):
            start, end, day = walls[i]
            if start - offset >= until:
                break
            yield max(since, start - offset) * SECOND, min(until, end - offset) * SECOND, day


def _walls(hours: Hours, first_year: int, last_year: int) -> Iterator[tuple[int, int, int]]:
    """Yield every window of the years in wall-clock seconds since 1970, with its date's ordinal."""
    dates = dict(hours.dates)
    for day in range(date(first_year, 1, 1).toordinal(), date(last_year + 1, 1, 1).toordinal()):
        windows: tuple[Window, ...] = dates.get(day, hours.week[(day + 6) % 7])
        midnight = (day - _EPOCH_DAY) * DAY_SECONDS
        for opens, closes in windows:
            yield midnight + opens, midnight + closes, day


def _offsets(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[tuple[int, int, int]]:
    """Yield (since, until, offset) in seconds: the stretches of constant offset that cover the years and a day more."""
    since = _year_start(first_year) // SECOND - DAY_SECONDS
    last = _year_start(last_year + 1) // SECOND + DAY_SECONDS
    offset = _offset(zone, since)
    for probe in range(since + DAY_SECONDS, last + 1, DAY_SECONDS):
        if (later := _offset(zone, probe)) != offset:
            change = _change(zone, probe - DAY_SECONDS, probe)
            yield since, change, offset
            since, offset = change, later
    yield since, last, offset


def _change(zone: ZoneInfo, before: int, after: int) -> int:
    """Return the second at which the offset of `after` begins."""
    new = _offset(zone, after)
    return before + bisect_left(range(before, after), 1, key=lambda at: int(_offset(zone, at) == new))


def _offset(zone: ZoneInfo, seconds: int) -> int:
    shift = datetime.fromtimestamp(seconds, zone).utcoffset()
    return (shift.days * DAY_SECONDS + shift.seconds) if shift else 0


def _year_start(year: int) -> int:
    return (date(year, 1, 1).toordinal() - _EPOCH_DAY) * DAY_SECONDS * SECOND

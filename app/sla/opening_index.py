"""One growing interval table per set of opening hours, shared by every calendar that has them."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from functools import lru_cache

from app.sla.intervals import FIRST_YEAR, LAST_YEAR, SECOND, Table, build, instant, micros
from app.sla.windows import Hours


class OpeningIndex:
    """Answers for one set of hours; its table covers the years asked for and is replaced whole when it grows.

    Threads may share it: growing twice at once costs time, not truth. Before 1970 and after 2199 nothing is open.
    """

    __slots__ = ("_hours", "_last_year", "_table")

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._last_year = LAST_YEAR if any(hours.week) else min(hours.last_dated_year, LAST_YEAR)
        self._table: Table | None = None

    def add(self, start: datetime, seconds: float) -> datetime | None:
        """Return the first instant from `start` on with that much open time since; None when it never comes."""
        at = micros(start)
        table = self.covering(at, at)
        before = table.open_before(at)
        goal = before + round(seconds * SECOND)
        if goal <= before:
            return instant(at)
        while goal > table.total:
            if table.last_year >= self._last_year:
                return None
            table = self._longer(table)
        return instant(table.reached_at(goal))

    def elapsed(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two instants; 0 when the end is not after the start."""
        low, high = micros(start), micros(end)
        if high <= low:
            return 0.0
        table = self.covering(low, high)
        return (table.open_before(high) - table.open_before(low)) / SECOND

    def closing_of(self, start: datetime, day: int, number: int) -> datetime | None:
        """Return when the `number`th open date after the date with ordinal `day` closes; None when there is none."""
        at = micros(start)
        table = self.covering(at, at)
        wanted = bisect_right(table.days, day) + number - 1
        while wanted >= len(table.days):
            if table.last_year >= self._last_year:
                return None
            table = self._longer(table)
        return instant(table.closings[wanted])

    def covering(self, low: int, high: int) -> Table:
        """Return a table that answers for both instants, as far as the years we count allow."""
        table = self._table
        if table is not None and table.low <= low and high < table.high:
            return table
        first, last = _year(low, -1), _year(high, 1)
        if table is not None:
            first, last = min(first, table.first_year), max(last, table.last_year)
        if table is None or (first, last) != (table.first_year, table.last_year):
            self._table = table = build(self._hours, first, last)
        return table

    def _longer(self, table: Table) -> Table:
        """Twice as many years to come, so that a far goal is found in a few steps."""
        years = table.last_year - table.first_year + 1
        self._table = build(self._hours, table.first_year, min(table.last_year + years, LAST_YEAR))
        return self._table


@lru_cache(maxsize=1024)
def index_of(hours: Hours) -> OpeningIndex:
    """Return the index of these hours, the same one for equal hours."""
    return OpeningIndex(hours)


def _year(us: int, margin: int) -> int:
    earliest, latest = 0, micros(datetime.max.replace(tzinfo=instant(0).tzinfo))
    year = instant(min(max(us, earliest), latest)).year + margin
    return min(max(year, FIRST_YEAR), LAST_YEAR)

"""A unit's calendar: when it is open, and what follows for deadlines and used time.

Minutes are real: a window that daylight saving shortens or doubles has as many as pass. A target used up at closing is
due at closing, not at the next opening.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from app.core.errors import LuukkuError
from app.sla.intervals import instant, micros
from app.sla.opening_index import OpeningIndex, index_of
from app.sla.windows import DAY_SECONDS, WEEKDAYS, Hours, Windows, clock_text, parse


class CalendarError(LuukkuError):
    """A calendar's data cannot be used; `faults` has one sentence for each thing wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Calendar:
    """Opening hours in a zone: windows for Monday to Sunday, closed dates with their names, dates with other hours.

    Windows are seconds after midnight on the wall clock. Made by `from_data`; equal calendars share one interval table.
    """

    tz: str
    week: tuple[Windows, ...]
    closed: tuple[tuple[date, str], ...] = ()
    special: tuple[tuple[date, Windows], ...] = ()
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _index: OpeningIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        dates = {day.toordinal(): () for day, _ in self.closed} | {
            day.toordinal(): windows for day, windows in self.special
        }
        hours = Hours(self.tz, self.week, tuple(sorted(dates.items())))
        object.__setattr__(self, "_zone", ZoneInfo(self.tz))
        object.__setattr__(self, "_index", index_of(hours))

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Self:
        """Return the calendar of {"tz", "week", "closed", "special"}; CalendarError names every fault at once.

        `week` has lists of ["HH:MM", "HH:MM"] under mon ... sun (a day left out is closed), `closed` names by ISO date,
        `special` lists of windows by ISO date. 24:00 is the end of the day; a night is written as two windows.
        """
        parsed, faults = parse(data)
        if faults:
            raise CalendarError(faults)
        return cls(parsed.tz, parsed.week, parsed.closed, parsed.special)

    def to_data(self) -> dict[str, object]:
        """Return the data that `from_data` reads back as an equal calendar."""
        return {
            "tz": self.tz,
            "week": {day: _texts(windows) for day, windows in zip(WEEKDAYS, self.week, strict=True)},
            "closed": {day.isoformat(): name for day, name in self.closed},
            "special": {day.isoformat(): _texts(windows) for day, windows in self.special},
        }

    def add(self, start: datetime, seconds: float) -> datetime | None:
        """Return the first instant at or after `start` with that much open time since; None when it never comes."""
        return self._index.add(start, seconds)

    def elapsed(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two instants; 0 when the end is not after the start."""
        return self._index.elapsed(start, end)

    def working_days(self, start: datetime, days: int) -> datetime | None:
        """Return when the `days`th open date after the local date of `start` closes; None when there is none.

        The date of arrival is day 0, so `days` is at least 1; fewer raise ValueError.
        """
        if days < 1:
            raise ValueError(f"{days} working days: at least 1 is needed")
        return self._index.closing_of(start, self.local_date(start).toordinal(), days)

    def is_open(self, at: datetime) -> bool:
        """Say whether time counts at the instant: open from the opening on, no longer at the closing."""
        us = micros(at)
        table = self._index.covering(us, us)
        i = bisect_right(table.starts, us) - 1
        return i >= 0 and us < table.ends[i]

    def intervals(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Return the open stretches between two instants in order, cut at both; stretches that touch are one."""
        low, high = micros(start), micros(end)
        table = self._index.covering(low, high)
        first, last = bisect_right(table.ends, low), bisect_right(table.starts, high - 1)
        return tuple(
            (instant(max(low, table.starts[i])), instant(min(high, table.ends[i]))) for i in range(first, last)
        )

    def local_date(self, at: datetime) -> date:
        """Return the date that the calendar's wall shows at the instant."""
        return at.astimezone(self._zone).date()

    def midnight(self, on: date) -> datetime:
        """Return the instant, in UTC, at which a date begins on the calendar's wall."""
        return datetime.combine(on, time(), self._zone).astimezone(UTC)

    def named_days(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """Return the names of the closed dates that lie, even in part, between two instants."""
        first, last = self.local_date(start), self.local_date(end - timedelta(microseconds=1))
        return tuple(name for day, name in self.closed if first <= day <= last)


NEVER_OPEN = Calendar("UTC", ((),) * 7)
"""Stands in for a calendar that is missing: nothing counts and nothing falls due."""
ALWAYS_OPEN = Calendar("UTC", (((0, DAY_SECONDS),),) * 7)
"""Counts for targets by the clock, which know no closing time."""


def _texts(windows: Windows) -> list[list[str]]:
    return [[clock_text(opens), clock_text(closes)] for opens, closes in windows]

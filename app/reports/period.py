"""The weeks of a report: ISO 8601 weeks, each from Monday 00:00 to Monday 00:00 on the wall of a unit's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NoReturn, Self

from app.core.errors import InvalidInputError

_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_YEARS = range(1970, 9000)
_FIRST_ASKED = 2000
"""leaves room for the weeks before the one that is asked for"""


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """One ISO week, the same number for all units; its instants depend on the zone. ValueError where there is none."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.year not in _YEARS:
            raise ValueError(f"year {self.year} is out of reach")
        date.fromisocalendar(self.year, self.number, 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The week that "2026-W46" names. Raises InvalidInputError for anything else."""
        match = _WEEK.fullmatch(text)
        try:
            week = cls(*(int(part) for part in match.groups())) if match else _refuse()
        except ValueError:
            _refuse()
        return week if week.year >= _FIRST_ASKED else _refuse()

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        """The week's first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """The week's last day."""
        return self.monday + timedelta(days=6)

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The instants, in UTC, at which the week begins (belongs to it) and ends (belongs to the next).

        With daylight saving a week has 167 or 169 hours.
        """
        return _midnight(self.monday, zone), _midnight(self.monday + timedelta(days=7), zone)

    def back(self, weeks: int) -> Self:
        """The week so many weeks before this one; a negative number goes forward."""
        return self._of(self.monday - timedelta(weeks=weeks))

    @classmethod
    def at(cls, instant: datetime, zone: tzinfo) -> Self:
        """The week in which an instant lies, by the wall of the zone."""
        return cls._of(instant.astimezone(zone).date())

    @classmethod
    def _of(cls, day: date) -> Self:
        year, number, _ = day.isocalendar()
        return cls(year, number)


def last_weeks(count: int, *, until: Week) -> tuple[Week, ...]:
    """So many weeks in a row, oldest first, `until` being the last."""
    return tuple(until.back(ago) for ago in reversed(range(count)))


def _midnight(day: date, zone: tzinfo) -> datetime:
    """Where the clock is set at midnight, the first instant that the day has."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _refuse() -> NoReturn:
    raise InvalidInputError({"week": "Name a week like 2026-W46."})

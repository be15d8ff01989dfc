"""Opening hours as data: what a calendar's JSON says, checked whole before anything is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_SECONDS = 86_400
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")

Window = tuple[int, int]
"""Wall-clock seconds after midnight: opens at the first, closes just before the second."""
Windows = tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """All that decides when a calendar is open: zone, seven weekdays and the dates that differ (empty = closed)."""

    tz: str
    week: tuple[Windows, ...]
    dates: tuple[tuple[int, Windows], ...]

    @property
    def last_dated_year(self) -> int:
        """The year after which only the week decides; 0 when no date differs."""
        return max((date.fromordinal(day).year for day, _ in self.dates), default=0)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A calendar's data as typed values."""

    tz: str
    week: tuple[Windows, ...]
    closed: tuple[tuple[date, str], ...]
    special: tuple[tuple[date, Windows], ...]


def parse(data: Mapping[str, object]) -> tuple[Parsed, list[str]]:
    """Return the typed calendar and every fault found, as one sentence each; without faults it is sound."""
    faults = [f"unknown key {key!r}" for key in data if key not in ("tz", "week", "closed", "special")]
    parsed = Parsed(
        tz=_zone(data.get("tz"), faults),
        week=_week(data.get("week"), faults),
        closed=tuple(sorted(_closed(data.get("closed", {}), faults))),
        special=tuple(sorted(_special(data.get("special", {}), faults))),
    )
    faults += _days_said_twice(parsed)
    return parsed, faults


def clock_text(seconds: int) -> str:
    """Return seconds after midnight as "HH:MM", the end of the day as "24:00"."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def _zone(value: object, faults: list[str]) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, ValueError, OSError):
        faults.append(f"tz {value!r} is not a known time zone")
        return "UTC"


def _week(value: object, faults: list[str]) -> tuple[Windows, ...]:
    days = _mapping(value, "week", faults)
    faults += [f"week has the unknown day {day!r}" for day in days if day not in WEEKDAYS]
    return tuple(_windows(days.get(day, ()), f"week {day}", faults) for day in WEEKDAYS)


def _closed(value: object, faults: list[str]) -> Iterator[tuple[date, str]]:
    for text, name in _mapping(value, "closed", faults).items():
        day = _date(text, "closed", faults)
        if not isinstance(name, str):
            faults.append(f"closed {text} needs a name, not {name!r}")
        elif day:
            yield day, name


def _special(value: object, faults: list[str]) -> Iterator[tuple[date, Windows]]:
    for text, windows in _mapping(value, "special", faults).items():
        day = _date(text, "special", faults)
        checked = _windows(windows, f"special {text}", faults)
        if day:
            yield day, checked


def _days_said_twice(parsed: Parsed) -> list[str]:
    both = {day for day, _ in parsed.closed} & {day for day, _ in parsed.special}
    return [f"{day} is both closed and special" for day in sorted(both)]


def _mapping(value: object, where: str, faults: list[str]) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    faults.append(f"{where} must be a mapping, not {value!r}")
    return {}


def _date(text: object, where: str, faults: list[str]) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        faults.append(f"{where} has {text!r}, which is not a date such as 2026-12-24")
        return None


def _windows(value: object, where: str, faults: list[str]) -> Windows:
    if not isinstance(value, list | tuple):
        faults.append(f"{where} must be a list of windows, not {value!r}")
        return ()
    found = sorted(window for pair in value if (window := _window(pair, where, faults)))
    faults += _overlaps(found, where)
    return tuple(found)


def _window(pair: object, where: str, faults: list[str]) -> Window | None:
    texts = pair if isinstance(pair, list | tuple) and len(pair) == 2 else ("", "")
    opens, closes = (_seconds(text) for text in texts)
    if opens is None or closes is None or opens == DAY_SECONDS:
        faults.append(f"{where} has {pair!r}, which is not a window such as 08:00-16:00")
        return None
    if opens >= closes:
        faults.append(f"{where} closes at {texts[1]}, not after it opens at {texts[0]}; write a night as two windows")
        return None
    return opens, closes


def _seconds(text: object) -> int | None:
    if text == "24:00":
        return DAY_SECONDS
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    return int(match[1]) * 3600 + int(match[2]) * 60 if match else None


def _overlaps(windows: Iterable[Window], where: str) -> list[str]:
    ordered = list(windows)
    return [
        f"{where} has windows that overlap at {clock_text(after[0])}"
        for before, after in pairwise(ordered)
        if after[0] < before[1]
    ]

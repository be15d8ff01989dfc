"""A clock's life drawn day by day on the unit's wall clock: the geometry of a picture, no words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.screens.clock_story import ClockStory
from app.sla.explain import StretchKind

LEFT, RIGHT, TOP, ROW = 92, 812, 33, 50
"""pixels: the ends of a day's line, the top of the first bar, the distance of two days"""
MOST_DAYS = 21
FIRST_HOUR, LAST_HOUR = 8, 17

Span = tuple[datetime, datetime, str]


@dataclass(frozen=True)
class DayBar:
    """A bar of a day's line. `seconds` is its length for the words in it."""

    kind: str
    x: float
    width: float
    seconds: float


@dataclass(frozen=True)
class DayLine:
    """One day and its bars; `y` is the top of the bars."""

    on: date
    y: int
    bars: tuple[DayBar, ...]


@dataclass(frozen=True)
class DayPicture:
    """All days, the hours of the axis with their places, and the height of the whole."""

    lines: tuple[DayLine, ...]
    hours: tuple[tuple[int, float], ...]
    height: int


def day_picture(story: ClockStory, zone: ZoneInfo) -> DayPicture | None:
    """The picture of a clock up to what is left; None for a life too long to draw or without anything to draw."""
    spans = [(s.started_at, s.ended_at, str(s.kind)) for s in story.stretches if s.kind != StretchKind.CLOSED]
    spans += [(start, end, "left") for start, end in story.left_spans]
    pieces = [piece for span in spans for piece in _by_day(span, zone)]
    if not pieces:
        return None
    days = _days(pieces[0][0], max(on for on, *_ in pieces))
    if len(days) > MOST_DAYS:
        return None
    first, last = _hours(pieces)
    lines = tuple(_line(on, TOP + ROW * n, pieces, first, last) for n, on in enumerate(days))
    step = 2 if last - first > 8 else 1
    hours = tuple((hour, _x(hour, first, last)) for hour in range(first, last + 1, step))
    return DayPicture(lines, hours, TOP + ROW * len(days) - 1)


Piece = tuple[date, float, float, str, float]
"""day, hour from, hour to, kind, seconds"""


def _by_day(span: Span, zone: ZoneInfo) -> Iterator[Piece]:
    at, end, kind = span[0].astimezone(zone), span[1].astimezone(zone), span[2]
    while at < end:
        midnight = datetime.combine(at.date() + timedelta(days=1), time(), zone)
        stop = min(end, midnight)
        until = 24.0 if stop == midnight else _hour(stop)
        yield at.date(), _hour(at), until, kind, (stop - at).total_seconds()
        at = stop


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60 + at.second / 3600


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _hours(pieces: Iterable[Piece]) -> tuple[int, int]:
    """The axis: office hours, wider where time was counted outside them."""
    drawn = [(start, end) for _, start, end, kind, _ in pieces if kind != StretchKind.PAUSED]
    first = min([FIRST_HOUR, *(int(start) for start, _ in drawn)])
    last = max([LAST_HOUR, *(int(end + 0.999) for _, end in drawn)])
    return first, min(last, 24)


def _x(hour: float, first: int, last: int) -> float:
    share = (min(max(hour, first), last) - first) / (last - first)
    return round(LEFT + share * (RIGHT - LEFT), 1)


def _line(on: date, y: int, pieces: Iterable[Piece], first: int, last: int) -> DayLine:
    bars = []
    for day, start, end, kind, seconds in pieces:
        if day == on:
            x = _x(start, first, last)
            bars.append(DayBar(kind, x, round(_x(end, first, last) - x, 1), seconds))
    return DayLine(on, y, tuple(bars))

"""The service-level report: per unit, channel and week what came in, what was answered, and how much in time.

What each figure counts stands in `reports.measures`; the tickets behind one are found by `reports.cells`. The goal of a
share is the one that the unit had set when the period ended. Times are medians and 90th percentiles by nearest rank,
never means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core import clock
from app.reports import measures
from app.reports.cells import Cell
from app.reports.figures import Grid, Judged, Key, Times
from app.reports.measures import Measure
from app.reports.period import Week
from app.reports.verdict import Interval, Verdict, judge, wilson
from app.sla.facts import Metric
from channels.contract import ChannelName

REPORTED = (Metric.FIRST_RESPONSE, Metric.RESOLUTION)
_NOBODY = Judged(0, 0)


@dataclass(frozen=True, slots=True)
class Level:
    """One metric in one cell: how many were within the target, and how long the finished ones took.

    `times` is None when none was finished, `goal` (0 to 1) when none is set.
    """

    judged: Judged
    goal: float | None
    times: Times | None = None

    @property
    def share(self) -> float | None:
        """The share within target, 0 to 1; None of nothing."""
        return self.judged.within / self.judged.n if self.judged.n else None

    @property
    def interval(self) -> Interval | None:
        """Where the share lies with 95 % confidence."""
        return wilson(self.judged.within, self.judged.n)

    @property
    def verdict(self) -> Verdict:
        """Whether the goal was kept."""
        return judge(self.interval, self.goal)

    @property
    def finished(self) -> int:
        """First responses given, or tickets resolved."""
        return self.times.n if self.times else 0


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's week on one channel."""

    unit_id: int
    channel: ChannelName
    week: Week
    received: int
    open: int
    first_response: Level
    resolution: Level

    def cell(self, measure: Measure) -> Cell:
        """The address of the tickets behind one of the row's numbers."""
        return Cell(measure, self.unit_id, self.channel, self.week)


@dataclass(frozen=True, slots=True)
class Course:
    """How a unit's first responses on one channel went, week after week, oldest first."""

    unit_id: int
    channel: ChannelName
    weeks: tuple[tuple[Week, Level], ...]

    @property
    def goal(self) -> float | None:
        """The share that was promised at the end of the last week."""
        return self.weeks[-1][1].goal


def service_level(
    session: Session, *, unit_ids: Sequence[int], weeks: Sequence[Week], now: datetime | None = None
) -> tuple[Row, ...]:
    """The rows of the units in the order given, each by channel and week; eight statements, whatever there is.

    A channel on which a unit has neither a goal nor a figure in any of the weeks is left out. `now` decides what has
    fallen due.
    """
    grid = Grid(session, unit_ids, weeks)
    if grid.is_empty:
        return ()
    at = now or clock.now()
    received, still_open = grid.counts(measures.arrivals()), grid.counts(measures.open_stints())
    goals = grid.goals()
    levels = {metric: _Levels(grid, metric, goals[metric], now=at) for metric in REPORTED}
    used = _used(*goals.values(), received, still_open, *(found.used for found in levels.values()))
    return tuple(
        Row(
            unit_id,
            channel,
            week,
            received.get(key, 0),
            still_open.get(key, 0),
            levels[Metric.FIRST_RESPONSE].of(key),
            levels[Metric.RESOLUTION].of(key),
        )
        for unit_id, channel, week, key in _cells(unit_ids, weeks, used)
    )


def courses(
    session: Session, *, unit_ids: Sequence[int], weeks: Sequence[Week], now: datetime | None = None
) -> tuple[Course, ...]:
    """The shares of first responses within target, for charts: without times, so three statements do."""
    grid = Grid(session, unit_ids, weeks)
    if grid.is_empty:
        return ()
    judged = grid.judged(measures.counted(Metric.FIRST_RESPONSE, now=now or clock.now()))
    goals = grid.goals()
    levels: dict[tuple[int, ChannelName], list[tuple[Week, Level]]] = {}
    for unit_id, channel, week, key in _cells(unit_ids, weeks, _used({}, judged)):
        level = Level(judged.get(key, _NOBODY), goals[Metric.FIRST_RESPONSE].get(key))
        levels.setdefault((unit_id, channel), []).append((week, level))
    return tuple(Course(*place, tuple(weekly)) for place, weekly in levels.items())


class _Levels:
    """The levels of one metric, read by two statements."""

    def __init__(self, grid: Grid, metric: Metric, goals: Mapping[Key, float], *, now: datetime) -> None:
        self._goals = goals
        self._times: Mapping[Key, Times] = grid.times(measures.stops(metric))
        self._judged: Mapping[Key, Judged] = grid.judged(measures.counted(metric, now=now))

    @property
    def used(self) -> Collection[Key]:
        return [*self._times, *self._judged]

    def of(self, key: Key) -> Level:
        return Level(self._judged.get(key, _NOBODY), self._goals.get(key), self._times.get(key))


def _used(*found: Collection[tuple[int, str, str]]) -> frozenset[tuple[int, str]]:
    """The units and channels that any of the findings speaks of."""
    return frozenset((unit_id, channel) for keys in found for unit_id, channel, _ in keys)


def _cells(
    unit_ids: Sequence[int], weeks: Sequence[Week], used: Collection[tuple[int, str]]
) -> Iterator[tuple[int, ChannelName, Week, Key]]:
    for unit_id in unit_ids:
        for channel in ChannelName:
            if (unit_id, channel) in used:
                for week in weeks:
                    yield unit_id, channel, week, (unit_id, channel, str(week))

"""The clocks of a ticket as a pure function of its facts; what is stored is only a cache of this.

One definition: time is counted while the calendar in force is open and no pause is in force; due is the first instant
at which the counted time reaches the target in force. A stop at or before due is met, any later one missed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.sla.calendar import Calendar
from app.sla.courses import tallies
from app.sla.facts import CalendarKey, Fact, FactKind, Metric, Target, TargetKind, in_order, last_at
from app.sla.tally import DEFAULT_PAUSES, Tally, whole_seconds

__all__ = [
    "CalendarKey",
    "Clock",
    "Fact",
    "FactKind",
    "Metric",
    "Result",
    "Target",
    "TargetKind",
    "rebuild",
    "state_at",
]


class Result(StrEnum):
    """How a clock stands; stored in the database by these values."""

    MET = "met"
    MISSED = "missed"
    RUNNING = "running"
    OVERDUE = "overdue"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    MERGED = "merged"
    """another ticket's clock carries the wait on"""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a ticket as it stood at the instant it was judged.

    `elapsed_s` is counted opening time, `calendar_s` the time by the wall from start to stop (or to the judging),
    both in full seconds; `lost_s` is what pauses took. It runs by the calendar of `calendar_key`. `due_at` is None
    while paused and not yet due, or when the calendar never opens. `unit_id` holds the clock, or held it at the
    stop. The clock counts once: at `counted_at`, the earlier of stop and due, for `counted_unit_id`, who held it
    then; None while undecided, or when cancelled before due. `breach_unit_id` is who held it when it fell due
    unfinished.
    """

    metric: Metric
    instance: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    result: Result
    elapsed_s: int
    calendar_s: int
    lost_s: int
    calendar_key: CalendarKey | None
    target: Target
    unit_id: int | None
    counted_at: datetime | None
    counted_unit_id: int | None
    breach_unit_id: int | None
    paused_since: datetime | None


def rebuild(
    facts: Iterable[Fact],
    calendars: Mapping[CalendarKey, Calendar],
    *,
    pause_on: Collection[str] = DEFAULT_PAUSES,
    now: datetime | None = None,
) -> tuple[Clock, ...]:
    """Return the clocks of one ticket by metric and start, judged at `now` or else at the last fact.

    `pause_on` holds until a fact brings the reasons that a unit has chosen. Facts may come in any order; those after
    `now` are ignored. A metric without a target has no clock; a calendar key that is not among the calendars never
    opens.
    """
    given = tuple(facts)
    at = now or last_at(given)
    if at is None:
        return ()
    known = in_order(given, now=at)
    promised = {metric for fact in known for metric in fact.targets}
    return tuple(
        _clock(tally, number, at)
        for metric in Metric
        if metric in promised
        for number, tally in enumerate(tallies(metric, known, calendars, pause_on=pause_on, at=at), start=1)
    )


def state_at(clock: Clock, now: datetime) -> Result:
    """Return how the clock stands at `now`, if nothing has happened to it since it was judged."""
    if clock.stopped_at:
        return clock.result
    if clock.due_at and now > clock.due_at:
        return Result.OVERDUE
    return Result.PAUSED if clock.paused_since else Result.RUNNING


def _clock(tally: Tally, number: int, at: datetime) -> Clock:
    due, due_unit = tally.due()
    end = tally.stopped_at or at
    is_late = due is not None and end > due and not tally.is_merged
    is_counted = tally.stopped_at is not None and not tally.is_cancelled
    assert tally.terms.target is not None
    clock = Clock(
        metric=tally.metric,
        instance=number,
        started_at=tally.started_at,
        due_at=due,
        stopped_at=tally.stopped_at,
        result=_result_of_stopped(tally, is_late=is_late),
        elapsed_s=int(round(tally.used, 6)),
        lost_s=int(round(tally.lost, 6)),
        calendar_key=tally.terms.calendar_key,
        calendar_s=whole_seconds(end - tally.started_at),
        target=tally.terms.target,
        unit_id=tally.terms.unit_id,
        counted_at=due if is_late else tally.stopped_at if is_counted else None,
        counted_unit_id=due_unit if is_late else tally.terms.unit_id if is_counted else None,
        breach_unit_id=due_unit if is_late else None,
        paused_since=tally.halted_at if tally.stopped_at is None else None,
    )
    return replace(clock, result=state_at(clock, at))


def _result_of_stopped(tally: Tally, *, is_late: bool) -> Result:
    if is_late:
        return Result.MISSED
    if tally.is_merged:
        return Result.MERGED
    return Result.CANCELLED if tally.is_cancelled else Result.MET

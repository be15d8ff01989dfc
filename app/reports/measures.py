"""What each figure of the report counts: one definition from which both the number and its list of tickets are made.

- received: arrived in the period, for the unit that held the ticket first, under the channel that started it; not
  what begins with a mail or letter of ours;
- answered: first responses given by a person in the period, for the unit that held the ticket then;
- counted: first-response clocks that stopped or fell due in the period, whichever came first, for the unit holding the
  ticket at that instant; each clock counts once, one cancelled before it was due never does;
- within and late: those of the counted that were answered at or before the due instant, and the others;
- open: open at the end of the period (now, while it runs), for the unit holding the ticket then;
- resolved, and resolution_…: the same for the resolution clock. A ticket that is reopened is no longer resolved: its
  clock goes on and counts when it stops again, unless it was late already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.sla.clocks import Result
from app.sla.facts import Metric
from app.sla.models import ClockRow, StintRow
from app.tickets.events import EventKind
from app.tickets.models import Event, Ticket

Column = InstrumentedAttribute[Any]


class Measure(StrEnum):
    """A figure of the report; the values stand in addresses."""

    RECEIVED = "received"
    ANSWERED = "answered"
    COUNTED = "counted"
    WITHIN = "within"
    LATE = "late"
    OPEN = "open"
    RESOLVED = "resolved"
    RESOLUTION_COUNTED = "resolution_counted"
    RESOLUTION_WITHIN = "resolution_within"
    RESOLUTION_LATE = "resolution_late"


IS_WITHIN = ClockRow.result == Result.MET
"""of a counted clock: stopped at or before its due instant"""


@dataclass(frozen=True)
class Source:
    """Rows that each count one ticket: for the unit in `unit_id`, in the period in which `at` lies.

    With `until` a row counts in the period at whose end it is in force: `at` before the end, `until` not before it.
    """

    ticket_id: Column
    unit_id: Column
    channel: Column
    at: Column
    where: ColumnElement[bool]
    until: Column | None = None

    def within(self, start: Any, end: Any) -> ColumnElement[bool]:
        """The condition that a row counts in the period from `start` to just before `end`."""
        if self.until is None:
            return and_(self.at >= start, self.at < end)
        return and_(self.at < end, or_(self.until.is_(None), self.until >= end))

    def near(self, frames: Collection[tuple[datetime, datetime]]) -> ColumnElement[bool]:
        """A condition that every row counted in any of the periods meets, in constants that an index can use."""
        first_start, first_end = min(start for start, _ in frames), min(end for _, end in frames)
        last_end = max(end for _, end in frames)
        if self.until is None:
            return and_(self.at >= first_start, self.at < last_end)
        return and_(self.at < last_end, or_(self.until.is_(None), self.until >= first_end))


def sources(measure: Measure, *, now: datetime) -> tuple[Source, ...]:
    """The rows behind a measure, as they stand at `now`."""
    match measure:
        case Measure.RECEIVED:
            return (arrivals(),)
        case Measure.OPEN:
            return (open_stints(),)
        case Measure.ANSWERED:
            return (stops(Metric.FIRST_RESPONSE),)
        case Measure.RESOLVED:
            return (stops(Metric.RESOLUTION),)
        case Measure.COUNTED | Measure.WITHIN | Measure.LATE:
            return tuple(_judged(Metric.FIRST_RESPONSE, measure, now))
        case _:
            return tuple(_judged(Metric.RESOLUTION, measure, now))


def arrivals() -> Source:
    """Each ticket once, at its arrival: its first stint begins then. One that we began did not arrive."""
    arrived = select(Ticket.arrived_at).where(Ticket.id == StintRow.ticket_id, ~Ticket.is_begun)
    arrived_at = arrived.scalar_subquery()
    return Source(*_STINT, StintRow.started_at, StintRow.started_at == arrived_at)


def open_stints() -> Source:
    """Each ticket in the periods at whose end it was open."""
    return Source(*_STINT, StintRow.started_at, StintRow.id.is_not(None), until=StintRow.ended_at)


def stops(metric: Metric) -> Source:
    """Each clock of a metric that was stopped by what it waits for; giving up is no answer, not even after due."""
    stopped = and_(ClockRow.metric == metric, ClockRow.result.in_((Result.MET, Result.MISSED)))
    if metric is Metric.FIRST_RESPONSE:
        stopped = and_(stopped, _IS_ANSWERED)
    return Source(ClockRow.ticket_id, ClockRow.unit_id, ClockRow.channel, ClockRow.stopped_at, stopped)


def counted(metric: Metric, *, now: datetime) -> tuple[Source, Source]:
    """Each clock of a metric once, at its stop or its due instant, whichever came first.

    A clock that runs past its due instant is stored as counted with the ticket's next event; until then it is found by
    the second source, and nothing can have changed the unit that holds it.
    """
    lapsed = and_(
        ClockRow.metric == metric,
        ClockRow.counted_at.is_(None),
        ClockRow.stopped_at.is_(None),
        ClockRow.due_at < now,
    )
    return (
        Source(
            ClockRow.ticket_id,
            ClockRow.counted_unit_id,
            ClockRow.channel,
            ClockRow.counted_at,
            ClockRow.metric == metric,
        ),
        Source(ClockRow.ticket_id, ClockRow.unit_id, ClockRow.channel, ClockRow.due_at, lapsed),
    )


_STINT = (StintRow.ticket_id, StintRow.unit_id, StintRow.channel)
_IS_ANSWERED = exists().where(
    Event.ticket_id == ClockRow.ticket_id,
    Event.at == ClockRow.stopped_at,
    Event.kind.in_((EventKind.REPLIED, EventKind.CALL_ANSWERED)),
)
_SPLIT = {
    Measure.WITHIN: IS_WITHIN,
    Measure.RESOLUTION_WITHIN: IS_WITHIN,
    Measure.LATE: ~IS_WITHIN,
    Measure.RESOLUTION_LATE: ~IS_WITHIN,
}


def _judged(metric: Metric, measure: Measure, now: datetime) -> Iterator[Source]:
    for source in counted(metric, now=now):
        condition = _SPLIT.get(measure)
        where = source.where if condition is None else and_(source.where, condition)
        yield Source(source.ticket_id, source.unit_id, source.channel, source.at, where)

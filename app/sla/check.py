"""Whether the stored clocks and stints are what the tickets' events say: rebuilt in batches and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.sla.clocks import Clock, rebuild
from app.sla.effects import facts
from app.sla.facts import Fact, last_at
from app.sla.models import ClockRow, StintRow
from app.sla.service import NEVER, calendars_of, shown_clock
from app.sla.stints import stints
from app.tickets.models import Event, Ticket

BATCH = 500
Progress = Callable[[str, int], None]
Told = dict[Hashable, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is stored of a ticket and what its events say; either is None where there is nothing."""

    ticket_id: int
    what: str
    stored: tuple[Any, ...] | None
    rebuilt: tuple[Any, ...] | None

    def __str__(self) -> str:
        return f"ticket {self.ticket_id}: {self.what} is {_text(self.stored)}, its events say {_text(self.rebuilt)}"


def disagreements(session: Session, *, now: datetime, progress: Progress) -> Iterator[Disagreement]:
    """Each clock, stint or due instant that is not what the events say, by ticket."""
    highest = session.scalar(select(func.max(Ticket.id))) or 0
    for first in range(0, highest, BATCH):
        yield from compare(session, range(first + 1, first + BATCH + 1), now=now)
        progress("clocks", min(first + BATCH, highest))


def compare(session: Session, ticket_ids: range, *, now: datetime) -> Iterator[Disagreement]:
    """The same for the tickets with these ids."""
    told = _facts(session, ticket_ids)
    calendars = calendars_of(session, (fact for known in told.values() for fact in known))
    clocks = _grouped(session, ClockRow, ticket_ids)
    held = _grouped(session, StintRow, ticket_ids)
    for ticket_id, due_at, order_at in _tickets(session, ticket_ids):
        known = told[ticket_id]
        rebuilt = rebuild(known, calendars, now=max(now, last_at(known) or now))
        yield from _differing(ticket_id, _stored(clocks[ticket_id]), _rebuilt(rebuilt, clocks[ticket_id]))
        fresh = [(stint.unit_id, stint.started_at, stint.ended_at) for stint in stints(known)]
        kept = [(row.unit_id, row.started_at, row.ended_at) for row in held[ticket_id]]
        yield from _differing(ticket_id, _numbered("stint", kept), _numbered("stint", fresh))
        shown = shown_clock(rebuilt)
        due = shown.due_at if shown else None
        yield from _differing(ticket_id, {"due instant": (due_at, order_at)}, {"due instant": (due, due or NEVER)})


def _tickets(session: Session, ids: range) -> Iterable[tuple[int, datetime | None, datetime]]:
    query = select(Ticket.id, Ticket.due_at, Ticket.order_at).where(Ticket.id >= ids.start, Ticket.id < ids.stop)
    return [(number, due_at, order_at) for number, due_at, order_at in session.execute(query.order_by(Ticket.id))]


def _facts(session: Session, ids: range) -> dict[int, list[Fact]]:
    query = select(Event).where(Event.ticket_id >= ids.start, Event.ticket_id < ids.stop)
    events: dict[int, list[Event]] = defaultdict(list)
    for event in session.scalars(query.order_by(Event.at, Event.id)):
        events[event.ticket_id].append(event)
    return defaultdict(list, {ticket_id: facts(some) for ticket_id, some in events.items()})


def _grouped(session: Session, table: type[Any], ids: range) -> dict[int, list[Any]]:
    """The rows of a table by ticket, in order of their beginning."""
    found: dict[int, list[Any]] = defaultdict(list)
    query = select(table).where(table.ticket_id >= ids.start, table.ticket_id < ids.stop)
    for row in session.scalars(query.order_by(table.started_at, table.id)):
        found[row.ticket_id].append(row)
    return found


def _stored(rows: Collection[ClockRow]) -> Told:
    return {(row.metric, row.instance): _lasting(row) + _judged(row) for row in rows}


def _rebuilt(clocks: Collection[Clock], rows: Collection[ClockRow]) -> Told:
    """What must be stored. A clock that ran past its due instant after the last event need not be judged yet."""
    unjudged = {(row.metric, row.instance) for row in rows if row.stopped_at is None and row.counted_at is None}
    return {
        (clock.metric, clock.instance): _lasting(clock)
        + (_judged(clock) if clock.stopped_at or (clock.metric, clock.instance) not in unjudged else _UNJUDGED)
        for clock in clocks
    }


_UNJUDGED = (None, None, None, None, None)


def _lasting(clock: Clock | ClockRow) -> tuple[Any, ...]:
    target = clock.target if isinstance(clock, ClockRow) else clock.target.to_data()
    instants = (clock.started_at, clock.due_at, clock.stopped_at, clock.paused_since)
    calendar = clock.calendar_id if isinstance(clock, ClockRow) else clock.calendar_key
    return clock.unit_id, calendar, *instants, tuple(sorted(target.items()))


def _judged(clock: Clock | ClockRow) -> tuple[Any, ...]:
    """Result and counts; of a running clock they are as of its last event, so only what it counted at lasts."""
    counted = (clock.counted_at, clock.counted_unit_id)
    if clock.stopped_at is None:
        return None, None, None, *counted
    return str(clock.result), clock.elapsed_s, clock.calendar_s, *counted


def _numbered(name: str, rows: Sequence[tuple[Any, ...]]) -> Told:
    return {(name, number): row for number, row in enumerate(rows, start=1)}


def _differing(ticket_id: int, stored: Told, rebuilt: Told) -> Iterator[Disagreement]:
    for key in {**stored, **rebuilt}:
        if stored.get(key) != rebuilt.get(key):
            what = key if isinstance(key, str) else " ".join(str(part) for part in key)  # type: ignore[attr-defined]
            yield Disagreement(ticket_id, what, stored.get(key), rebuilt.get(key))


def _text(values: tuple[Any, ...] | None) -> str:
    return "not there" if values is None else ", ".join("–" if value is None else str(value) for value in values)

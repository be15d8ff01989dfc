"""Gives tickets their terms, and keeps the stored clocks equal to what their events say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app.core.db import once
from app.sla.calendar import Calendar
from app.sla.clocks import Clock, rebuild
from app.sla.due import counting
from app.sla.effects import CARRYING_TERMS, facts
from app.sla.facts import CalendarKey, Fact, last_at
from app.sla.models import CalendarRow, ClockRow, PolicyRow, StintRow
from app.sla.policy import NO_PROMISE, Policy
from app.sla.stints import stints
from app.tickets.models import Event, Ticket
from channels.contract import ChannelName

Versioned = TypeVar("Versioned", CalendarRow, PolicyRow)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
SOON_SHARE = 0.2
"""a clock is due soon when a fifth of its target is left"""
_calendars: dict[int, Calendar] = {}
"""by id; a calendar's row never changes"""


def terms(session: Session, unit_id: int, channel: str) -> dict[str, Any]:
    """What a ticket is promised now: the unit's calendar and policy in force with its targets, to be frozen."""
    return once(session, ("terms", unit_id, channel), lambda: _terms(session, unit_id, channel))


def _terms(session: Session, unit_id: int, channel: str) -> dict[str, Any]:
    calendar_id = session.scalar(_newest(CalendarRow, unit_id).with_only_columns(CalendarRow.id))
    row = policy_in_force(session, unit_id)
    policy = Policy.from_data(row.data) if row else NO_PROMISE
    return {"calendar": calendar_id, "policy": row.id if row else None, **policy.terms(channel)}


def terms_of(session: Session, ticket_id: int) -> dict[str, Any] | None:
    """What a ticket was promised last; None when no event says."""
    query = select(Event.data).where(Event.ticket_id == ticket_id, Event.kind.in_(CARRYING_TERMS))
    told = session.scalars(query.order_by(Event.at.desc(), Event.id.desc()).limit(1)).first()
    return told.get("terms") if told else None


def calendar_in_force(session: Session, unit_id: int) -> CalendarRow | None:
    """The calendar that a unit's new tickets get."""
    return session.scalar(_newest(CalendarRow, unit_id))


def policy_in_force(session: Session, unit_id: int) -> PolicyRow | None:
    """What a unit promises for new tickets."""
    return session.scalar(_newest(PolicyRow, unit_id))


def _newest(table: type[Versioned], unit_id: int) -> Select[Versioned]:
    return select(table).where(table.unit_id == unit_id).order_by(table.id.desc()).limit(1)


def arrival(channel: str, arrived_at: datetime, timezone: str) -> datetime:
    """When the clock of an inquiry starts: a letter's at 00:00 of its day of arrival, any other's at once."""
    if channel != ChannelName.LETTER:
        return arrived_at
    zone = ZoneInfo(timezone)
    return datetime.combine(arrived_at.astimezone(zone).date(), time(), zone).astimezone(UTC)


def restate(session: Session, ticket: Ticket, history: Sequence[Event], *, now: datetime, is_new: bool = False) -> None:
    """Make clocks, stints and the ticket's due instant what its events say, within the caller's transaction.

    `is_new` says that nothing is stored of the ticket yet, which saves looking.
    """
    told = facts(history)
    calendars = calendars_of(session, told)
    clocks = rebuild(told, calendars, now=max(now, last_at(told) or now))  # another machine's clock may be ahead
    stored = ([], []) if is_new else (_stored_clocks(session, ticket), _stored_stints(session, ticket))
    _store_clocks(session, ticket, clocks, stored[0])
    _store_stints(session, ticket, told, stored[1])
    _mirror(ticket, clocks, calendars, told)


def calendars_of(session: Session, told: Iterable[Fact]) -> dict[CalendarKey, Calendar]:
    """The calendars that the facts name."""
    found = calendars_by_id(session, {int(fact.calendar_key) for fact in told if fact.calendar_key is not None})
    return dict(found.items())


def calendars_by_id(session: Session, ids: Collection[int]) -> dict[int, Calendar]:
    """The calendars with these ids, as far as there are such."""
    _load(session, set(ids) - _calendars.keys())
    return {key: _calendars[key] for key in ids if key in _calendars}


def forget_calendars() -> None:
    """Drop the calendars kept in this process, for tests that change databases."""
    _calendars.clear()


def _load(session: Session, missing: Collection[int]) -> None:
    if missing:
        for row in session.scalars(select(CalendarRow).where(CalendarRow.id.in_(missing))):
            _calendars[row.id] = Calendar.from_data(row.data)


def _stored_clocks(session: Session, ticket: Ticket) -> Sequence[ClockRow]:
    return session.scalars(select(ClockRow).where(ClockRow.ticket_id == ticket.id)).all()


def _stored_stints(session: Session, ticket: Ticket) -> Sequence[StintRow]:
    query = select(StintRow).where(StintRow.ticket_id == ticket.id)
    return session.scalars(query.order_by(StintRow.started_at, StintRow.id)).all()


def _store_clocks(session: Session, ticket: Ticket, clocks: Sequence[Clock], stored: Sequence[ClockRow]) -> None:
    left = {(row.metric, row.instance): row for row in stored}
    for clock in clocks:
        row = left.pop((clock.metric, clock.instance), None)
        if row is None:
            row = ClockRow(ticket_id=ticket.id, metric=clock.metric, instance=clock.instance, channel=ticket.channel)
            session.add(row)
        _fill(row, clock)
    for row in left.values():
        session.delete(row)


def _fill(row: ClockRow, clock: Clock) -> None:
    row.unit_id = clock.unit_id or 0
    row.started_at, row.due_at, row.stopped_at = clock.started_at, clock.due_at, clock.stopped_at
    row.paused_since, row.result = clock.paused_since, clock.result
    row.elapsed_s, row.calendar_s = int(clock.elapsed_s), int(clock.calendar_s)
    row.counted_at, row.counted_unit_id = clock.counted_at, clock.counted_unit_id
    row.lost_s, row.calendar_id = clock.lost_s, None if clock.calendar_key is None else int(clock.calendar_key)
    row.target = clock.target.to_data()


def _store_stints(session: Session, ticket: Ticket, told: Sequence[Fact], stored: Sequence[StintRow]) -> None:
    fresh = stints(told)
    if [(row.unit_id, row.started_at, row.ended_at) for row in stored] == [
        (stint.unit_id, stint.started_at, stint.ended_at) for stint in fresh
    ]:
        return
    if stored:
        session.execute(delete(StintRow).where(StintRow.ticket_id == ticket.id))
    session.add_all(
        StintRow(
            ticket_id=ticket.id,
            unit_id=stint.unit_id,
            channel=ticket.channel,
            started_at=stint.started_at,
            ended_at=stint.ended_at,
        )
        for stint in fresh
    )


def _mirror(
    ticket: Ticket, clocks: Sequence[Clock], calendars: dict[CalendarKey, Calendar], told: Sequence[Fact]
) -> None:
    """The ticket shows the running clock that is due first; paused and stopped ones put it last in the list."""
    shown = shown_clock(clocks)
    ticket.due_at = shown.due_at if shown else None
    ticket.clock_metric = shown.metric if shown else None
    ticket.clock_result = shown.result if shown else None
    ticket.order_at = ticket.due_at or NEVER
    keys = [fact.calendar_key for fact in told if fact.calendar_key is not None]
    calendar = calendars.get(keys[-1]) if keys else None
    ticket.soon_at = soon_at(calendar, shown) if calendar and shown and shown.due_at else None


def shown_clock(clocks: Iterable[Clock]) -> Clock | None:
    """The running clock that is due first, or one that waits when none is; None when all have stopped."""
    running = [clock for clock in clocks if clock.stopped_at is None]
    due = [clock for clock in running if clock.due_at is not None]
    return min(due, key=lambda clock: clock.due_at or NEVER) if due else next(iter(running), None)


def soon_at(calendar: Calendar, clock: Clock) -> datetime | None:
    """The instant at which a fifth of the opening time between start and due instant is left."""
    if clock.due_at is None:
        return None
    counts = counting(calendar, clock.target)
    used = (1 - SOON_SHARE) * counts.elapsed(clock.started_at, clock.due_at)
    return counts.add(clock.started_at, used)

"""Pauses whose time is up end: the ticket is open again from the instant that was set, however late a worker looks."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.system import System
from app.flows.record import record
from app.tickets import pauses, service
from app.tickets.events import EventKind
from app.tickets.models import Event, Ticket
from app.tickets.pauses import PauseEnd
from app.tickets.service import Doer
from app.tickets.states import State


def end_pauses(system: System) -> int:
    """End every pause that is over, each in a transaction of its own; how many tickets wait no more."""
    done = 0
    while (ended := _end_next(system)) is not None:
        done += ended
    return done


def _end_next(system: System) -> bool | None:
    """Whether the next one's ticket waited for it; None when there is no next one."""
    with system.db.begin() as session:
        over = pauses.next_over(session, clock.now())
        if over is None:
            return None
        ticket = session.get_one(Ticket, over.ticket_id, with_for_update=True)
        waits = ticket.state == State.WAITING and _is_of_the_last_pause(session, over)
        if waits:
            record(session, ticket, service.resume(ticket, Doer(None, over.ends_at)))
        session.delete(over)
        return waits


def _is_of_the_last_pause(session: Session, over: PauseEnd) -> bool:
    """Whether the pause that the ticket is in now is the one that ends here: another one may have begun since."""
    query = select(Event.data).where(Event.ticket_id == over.ticket_id, Event.kind == EventKind.PAUSED)
    told = session.scalars(query.order_by(Event.at.desc(), Event.id.desc()).limit(1)).first()
    return told is not None and told.get("until") == over.ends_at.isoformat()

"""The only place that stores events: with them move clocks, due instant and search index, and desks are told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.core import changes, clock
from app.core.changes import ChangeKind
from app.search import service as search
from app.sla import service as sla
from app.sla.effects import moves_clocks
from app.tickets import following, queries
from app.tickets.events import EventKind
from app.tickets.following import Why
from app.tickets.models import Event, Message, Ticket

HAD = {EventKind.ASSIGNED: "from", EventKind.TRANSFERRED: "assignee"}
"""where an event tells whose the ticket was"""


def record(
    session: Session,
    ticket: Ticket,
    events: Sequence[Event],
    *,
    said: Message | None = None,
    filenames: Sequence[str] = (),
) -> None:
    """Store what happened to a ticket in the caller's transaction; `said` is a new message to be found by its words."""
    if not events and said is None:
        return
    session.add_all(events)
    ticket.changed_at = clock.now()
    ticket.version += 1
    if events and events[0].kind == EventKind.CREATED:  # nothing is stored of a new ticket yet
        sla.restate(session, ticket, events, now=ticket.changed_at, is_new=True)
    elif moves_clocks(events):
        session.flush()
        sla.restate(session, ticket, queries.history(session, ticket.id), now=ticket.changed_at)
    _remember_losses(session, ticket, events)
    _announce(session, ticket, events)
    if said is not None:
        search.index_message(session, ticket, said, filenames=filenames)


def _remember_losses(session: Session, ticket: Ticket, events: Sequence[Event]) -> None:
    """Who had the ticket is told that somebody else gave it away, moved or resolved it, though it is theirs no more."""
    for user_id in {had for event in events if (had := _lost(ticket, event)) is not None}:
        following.follow(session, ticket.id, user_id, Why.LOST, at=ticket.changed_at)


def _lost(ticket: Ticket, event: Event) -> int | None:
    """Whose the ticket was, when somebody else did this to it."""
    kind = EventKind(event.kind)
    had = ticket.assignee_id if kind == EventKind.RESOLVED else event.data.get(HAD.get(kind, ""))
    return None if had == event.user_id else had


def _announce(session: Session, ticket: Ticket, events: Sequence[Event]) -> None:
    """Tell the desks of the unit that holds the ticket, and of the one that held it until now."""
    left = {event.data["from"] for event in events if event.kind == EventKind.TRANSFERRED}
    for unit_id in sorted({ticket.unit_id} | left):
        changes.announce(session, ChangeKind.TICKET, unit_id=unit_id, ticket_id=ticket.id)

"""The only place that stores events: with them move clocks, due instant and search index, and desks are told."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.core import changes, clock
from app.core.changes import ChangeKind
from app.search import service as search
from app.sla import service as sla
from app.sla.effects import moves_clocks
from app.tickets import queries
from app.tickets.events import EventKind
from app.tickets.models import Event, Message, Ticket


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
    _announce(session, ticket, events)
    if said is not None:
        search.index_message(session, ticket, said, filenames=filenames)


def _announce(session: Session, ticket: Ticket, events: Sequence[Event]) -> None:
    """Tell the desks of the unit that holds the ticket, and of the one that held it until now."""
    left = {event.data["from"] for event in events if event.kind == EventKind.TRANSFERRED}
    for unit_id in sorted({ticket.unit_id} | left):
        changes.announce(session, ChangeKind.TICKET, unit_id=unit_id, ticket_id=ticket.id)

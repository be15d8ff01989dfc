"""The only place that stores events: with them move the clocks, the ticket's due instant and the search index."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.core import clock
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
    if said is not None:
        search.index_message(session, ticket, said, filenames=filenames)

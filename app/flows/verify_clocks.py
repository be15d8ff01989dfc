"""The stored clocks are compared with the events, and made anew where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.sla import service as sla
from app.sla.check import Disagreement, disagreements
from app.tickets import queries
from app.tickets.models import Ticket

log = get_logger(__name__)
Progress = Callable[[str, int], None]


def verify_clocks(system: System, *, progress: Progress = lambda _what, _seen: None) -> Iterator[Disagreement]:
    """Compare the clocks, stints and due instants of every ticket with its events; what differs, by ticket."""
    with system.db.read() as session:
        yield from disagreements(session, now=clock.now(), progress=progress)


def rebuild_clocks(system: System, ticket_id: int) -> None:
    """Make what is stored of a ticket's clocks what its events say."""
    with system.db.begin() as session:
        ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
        sla.restate(session, ticket, queries.history(session, ticket_id), now=clock.now())
    log.warning("clocks_rebuilt", ticket=ticket_id)

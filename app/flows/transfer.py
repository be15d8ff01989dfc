"""A ticket moves to another unit, with a reason; that unit's calendar and targets apply from then on."""

from __future__ import annotations

from collections.abc import Mapping

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.record import record
from app.screens.access import NOTHING, workable
from app.screens.directory import takes_tickets
from app.sla import service as sla
from app.tickets import service
from app.tickets.service import Doer


def transfer(
    system: System, viewer: Viewer, reference: str, *, to: int, reason: str, seen: Mapping[str, str] = NOTHING
) -> None:
    """Hand the ticket to unit `to`. Raises InvalidInputError without a reason or a right unit, ConflictError."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        if not takes_tickets(session, to):
            raise InvalidInputError({"unit": "Choose a unit."})
        terms = sla.terms(session, to, ticket.channel)
        doer = Doer(viewer.user_id, clock.now())
        record(session, ticket, service.transfer(ticket, doer, to=to, reason=reason, terms=terms))

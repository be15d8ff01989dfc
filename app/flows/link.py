"""Tickets that have to do with each other are linked, with a reason, and the link is taken away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.record import record
from app.screens.access import readable, workable
from app.texts.catalogue import N_
from app.tickets import links, queries, regroup
from app.tickets.links import TicketLink
from app.tickets.models import Ticket
from app.tickets.service import Doer


def link(system: System, viewer: Viewer, reference: str, *, to: str, reason: str) -> None:
    """Link a ticket to another one that the viewer can read; linked tickets stay so. Raises InvalidInputError."""
    reason = regroup.reason_of(reason)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        other = _other(session, viewer, to)
        if ticket.id == other.id:
            raise InvalidInputError({"into": N_("This is the same ticket.")})
        doer = Doer(viewer.user_id, clock.now())
        if put_link(session, ticket, other, reason, at=doer.at):
            record(session, ticket, regroup.link(ticket, doer, other=other, reason=reason))
            record(session, other, regroup.link(other, doer, other=ticket, reason=reason))


def unlink(system: System, viewer: Viewer, reference: str, *, other: str) -> None:
    """Take the link away; one that is not there is no error. Raises NotFoundError."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        linked = queries.by_reference(session, other)
        row = links.find(session, ticket.id, linked.id)
        if row is None:
            return
        session.delete(row)
        doer = Doer(viewer.user_id, clock.now())
        record(session, ticket, regroup.unlink(ticket, doer, other=linked))
        record(session, linked, regroup.unlink(linked, doer, other=ticket))


def put_link(session: Session, one: Ticket, other: Ticket, reason: str, *, at: datetime) -> bool:
    """Note that two tickets have to do with each other; False when it was known."""
    if links.find(session, one.id, other.id) is not None:
        return False
    first, second = sorted((one.id, other.id))
    session.add(TicketLink(ticket_id=first, other_id=second, reason=reason, at=at))
    return True


def _other(session: Session, viewer: Viewer, reference: str) -> Ticket:
    try:
        return readable(session, viewer, reference)
    except NotFoundError:
        raise InvalidInputError({"into": N_("You have no ticket with this number.")}) from None

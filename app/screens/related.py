"""The tickets that have to do with one: linked by people, or the one that it was merged into."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.screens.access import may_read
from app.tickets.links import linked
from app.tickets.models import Ticket


@dataclass(frozen=True)
class Related:
    """A ticket that another one is linked to, and why; subject and state are "" for one that is not the viewer's."""

    reference: str
    why: str
    subject: str = ""
    state: str = ""


def read_related(session: Session, viewer: Viewer, ticket: Ticket) -> tuple[Related, ...]:
    """What is linked to the ticket, oldest link first."""
    reasons = linked(session, [ticket.id])
    if not reasons:
        return ()
    is_theirs = may_read(viewer).label("is_theirs")
    query = select(Ticket.id, Ticket.reference, Ticket.subject, Ticket.state, is_theirs)
    rows = {row.id: row for row in session.execute(query.where(Ticket.id.in_(sorted(reasons))))}
    shown = [(rows[ticket_id], why) for ticket_id, why in reasons.items()]
    return tuple(
        Related(row.reference, why, row.subject, row.state) if row.is_theirs else Related(row.reference, why)
        for row, why in shown
    )


def survivor_of(session: Session, viewer: Viewer, reference: str) -> str:
    """The reference of the ticket that this one was merged into; "" for none, and for one that is not the viewer's."""
    into = select(Ticket.merged_into).where(Ticket.reference == reference, may_read(viewer)).scalar_subquery()
    return session.scalar(select(Ticket.reference).where(Ticket.id == into)) or ""


def merged_into(session: Session, ticket: Ticket) -> str:
    """The reference of the ticket that this one was merged into, or ""."""
    if ticket.merged_into is None:
        return ""
    return session.scalars(select(Ticket.reference).where(Ticket.id == ticket.merged_into)).one()

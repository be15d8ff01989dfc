"""Links: two tickets that have to do with each other, with the reason why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base


class TicketLink(Base):
    """A pair of tickets, the lower number first."""

    __tablename__ = "ticket_link"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime]


def find(session: Session, one: int, other: int) -> TicketLink | None:
    """The link between two tickets, or None."""
    return session.get(TicketLink, (min(one, other), max(one, other)))


def linked(session: Session, ticket_ids: Collection[int]) -> dict[int, str]:
    """What is linked to any of these tickets: id -> why."""
    ids = sorted(ticket_ids)
    touching = or_(TicketLink.ticket_id.in_(ids), TicketLink.other_id.in_(ids))
    rows = session.scalars(select(TicketLink).where(touching).order_by(TicketLink.at))
    return {(row.other_id if row.ticket_id in ticket_ids else row.ticket_id): row.reason for row in rows}

"""Labels: short words that people put on tickets to find them together."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ForeignKey, Index, String, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, rows

LONGEST = 40
MOST = 20
"""on one ticket"""


class TicketLabel(Base):
    """A label on a ticket, in lower case."""

    __tablename__ = "ticket_label"
    __table_args__ = (Index("ix_ticket_label_label", "label", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)


def normal(text: str) -> str:
    """A label as it is kept: one line of lower case, single spaces."""
    return " ".join(text.lower().split())


_OF_TICKETS = (
    select(TicketLabel.ticket_id, TicketLabel.label)
    .where(TicketLabel.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(TicketLabel.label)
)


def of_tickets(session: Session, ticket_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The labels of each ticket, by name. One query."""
    found: dict[int, list[str]] = {}
    if ticket_ids:
        for ticket_id, label in rows(session, _OF_TICKETS, {"tickets": sorted(ticket_ids)}):
            found.setdefault(ticket_id, []).append(label)
    return {ticket_id: tuple(labels) for ticket_id, labels in found.items()}


def put(session: Session, ticket_id: int, label: str) -> bool:
    """Put the label on; False when it was there."""
    if session.get(TicketLabel, (ticket_id, label)) is not None:
        return False
    session.add(TicketLabel(ticket_id=ticket_id, label=label))
    return True


def take_off(session: Session, ticket_id: int, label: str) -> bool:
    """Take the label off; False when it was not there."""
    mine = delete(TicketLabel).where(TicketLabel.ticket_id == ticket_id, TicketLabel.label == label)
    return bool(session.execute(mine).rowcount)  # type: ignore[attr-defined]


def move(session: Session, source_id: int, target_id: int) -> None:
    """Put a ticket's labels on another one too."""
    for label in of_tickets(session, [source_id]).get(source_id, ()):
        put(session, target_id, label)


def count(session: Session, ticket_id: int) -> int:
    """How many labels a ticket has."""
    query = select(func.count()).select_from(TicketLabel).where(TicketLabel.ticket_id == ticket_id)
    return session.scalar(query) or 0

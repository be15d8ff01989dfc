"""Pauses that end by themselves: a row says when a ticket's pause is over, so that nobody looks at all that wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base


class PauseEnd(Base):
    """When a ticket's pause ends. It may outlive the pause: whoever ends one asks whether the ticket still waits."""

    __tablename__ = "pause_end"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    ends_at: Mapped[datetime] = mapped_column(index=True)


def end_at(session: Session, ticket_id: int, ends_at: datetime | None) -> None:
    """Keep when the pause that begins now ends; None for one that ends by nobody's clock."""
    row = session.get(PauseEnd, ticket_id)
    if ends_at is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(PauseEnd(ticket_id=ticket_id, ends_at=ends_at))
    else:
        row.ends_at = ends_at


def next_over(session: Session, now: datetime) -> PauseEnd | None:
    """A pause whose time is up, held against other workers, or None."""
    over = select(PauseEnd).where(PauseEnd.ends_at <= now).order_by(PauseEnd.ends_at).limit(1)
    return session.scalar(over.with_for_update(skip_locked=True))

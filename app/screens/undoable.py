"""The answer that a person has just sent and can still take back, wherever in the desk they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.db import among, rows
from app.outbox.models import Delivery, OutboxRow
from app.screens.ticket_filter import NOW
from app.tickets.models import Message, Ticket


@dataclass(frozen=True)
class Undoable:
    """An answer that leaves at `leaves_at`."""

    reference: str
    message_id: int
    leaves_at: datetime


def read_undoable(session: Session, viewer: Viewer, *, now: datetime) -> Undoable | None:
    """The person's newest answer that has not left; a row, so that it is there after any restart. One query."""
    row = rows(session, _newest(viewer.units), {"now": now, "user_id": viewer.user_id}).first()
    return Undoable(*row) if row else None


@lru_cache(maxsize=256)
def _newest(units: frozenset[int]) -> Select[str, int, datetime]:
    return (
        select(Ticket.reference, OutboxRow.message_id, OutboxRow.not_before)
        .join(Message, Message.id == OutboxRow.message_id)
        .join(Ticket, Ticket.id == OutboxRow.ticket_id)
        .where(OutboxRow.state == Delivery.QUEUED, OutboxRow.not_before > NOW, OutboxRow.is_automatic.is_(False))
        .where(OutboxRow.tries == 0, Message.author_id == bindparam("user_id"), among(Ticket.unit_id, units))
        .order_by(OutboxRow.not_before.desc(), OutboxRow.id.desc())
        .limit(1)
    )

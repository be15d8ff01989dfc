"""The standing views beside the list, and how much each of them holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, not_, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.screens.ticket_filter import HOUR, is_aside
from app.tickets.models import Ticket
from app.tickets.states import State


@dataclass(frozen=True)
class RailCounts:
    """How many open tickets each of the standing views holds."""

    mine: int
    all: int
    nobody: int
    hour: int
    overdue: int
    waiting: int
    aside: int


def read_rail(session: Session, viewer: Viewer, *, now: datetime) -> RailCounts:
    """The counts of the standing views, in one query."""
    if not viewer.units:
        return RailCounts(0, 0, 0, 0, 0, 0, 0)
    aside = is_aside(now)
    shown = (
        Ticket.assignee_id == viewer.user_id,
        Ticket.id.is_not(None),
        Ticket.assignee_id.is_(None),
        Ticket.due_at.between(now, now + HOUR),
        Ticket.due_at < now,
        Ticket.state == State.WAITING,
    )
    conditions_of = (*(and_(condition, not_(aside)) for condition in shown), aside)
    query = select(*(func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in conditions_of))
    row = session.execute(query.where(Ticket.unit_id.in_(sorted(viewer.units)), Ticket.state != State.RESOLVED)).one()
    return RailCounts(*(int(count) for count in row))

"""The standing views beside the list, and how much each of them holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.db import among, rows
from app.screens.ticket_filter import HOUR_ON, NOW, is_aside, is_shown, seen_at
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
    asked = {"user_id": viewer.user_id, **seen_at(now)}
    row = rows(session, _counts(viewer.units), asked).one()
    return RailCounts(*row)


@lru_cache(maxsize=256)
def _counts(units: frozenset[int]) -> Select[*tuple[int, ...]]:
    """The query of people who work in the same units."""
    held = (among(Ticket.unit_id, units), Ticket.state != State.RESOLVED)
    return select(
        func.count().filter(Ticket.assignee_id == bindparam("user_id")),
        func.count(),
        func.count().filter(Ticket.assignee_id.is_(None)),
        func.count().filter(Ticket.due_at.between(NOW, HOUR_ON)),
        func.count().filter(Ticket.due_at < NOW),
        func.count().filter(Ticket.state == State.WAITING),
        select(func.count()).select_from(Ticket).where(*held, is_aside()).scalar_subquery(),
    ).where(*held, is_shown())

"""Who works here, for administrators: roles, when somebody was last there, open tickets, and their newest link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import links
from app.accounts.links import AccessLink
from app.accounts.models import LoginSession, User
from app.core.errors import NotFoundError
from app.screens.directory import all_staff, staff_of
from app.tickets.models import Ticket
from app.tickets.states import State


@dataclass(frozen=True)
class StaffRow:
    """A person in the list."""

    user: User
    last_seen: datetime | None
    open_tickets: int
    link: AccessLink | None


@dataclass(frozen=True)
class Holding:
    """Open tickets of a person in one unit, and who there could have them: (id, name)."""

    unit_id: int
    count: int
    colleagues: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class StaffMember:
    """A person's page."""

    user: User
    last_seen: datetime | None
    link: AccessLink | None
    holdings: tuple[Holding, ...]


def read_staff(session: Session) -> list[StaffRow]:
    """Everybody, who works here before who left, by name; in five queries."""
    last = select(LoginSession.user_id, func.max(LoginSession.seen_at)).group_by(LoginSession.user_id)
    seen = {row[0]: row[1] for row in session.execute(last)}
    held = select(Ticket.assignee_id, func.count()).where(Ticket.assignee_id.is_not(None))
    counts = {
        row[0]: row[1]
        for row in session.execute(held.where(Ticket.state != State.RESOLVED).group_by(Ticket.assignee_id))
    }
    newest = links.newest(session)
    rows = [
        StaffRow(user, seen.get(user.id), counts.get(user.id, 0), newest.get(user.id)) for user in all_staff(session)
    ]
    return sorted(rows, key=lambda row: not row.user.is_active)


def read_member(session: Session, user_id: int) -> StaffMember:
    """One person's page. Raises NotFoundError."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError("There is no such person.")
    seen = session.scalar(select(func.max(LoginSession.seen_at)).where(LoginSession.user_id == user_id))
    newest = select(AccessLink).where(AccessLink.user_id == user_id).order_by(AccessLink.id.desc()).limit(1)
    held = select(Ticket.unit_id, func.count()).where(Ticket.assignee_id == user_id, Ticket.state != State.RESOLVED)
    holdings = tuple(
        Holding(unit_id, count, tuple(one for one in staff_of(session, unit_id) if one[0] != user_id))
        for unit_id, count in session.execute(held.group_by(Ticket.unit_id).order_by(Ticket.unit_id))
    )
    return StaffMember(user, seen, session.scalar(newest), holdings)

"""The audit trail as a page: who changed or looked at what, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry, User
from app.tickets.models import Ticket

PAGE = 100


@dataclass(frozen=True)
class TrailEntry:
    """One line. `who` is "" for a command at the machine, `reference` that of the ticket it is about."""

    id: int
    at: datetime
    who: str
    action: str
    reason: str
    reference: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class TrailFilter:
    """Which lines: of one person, of one kind, older than the line `before`."""

    user_id: int | None = None
    action: str = ""
    before: int | None = None


def read_trail(session: Session, wanted: TrailFilter) -> list[TrailEntry]:
    """A page of the trail and one line more when there is another page; one query."""
    query = (
        select(AuditEntry, User.name, Ticket.reference)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(Ticket, Ticket.id == AuditEntry.ticket_id)
        .order_by(AuditEntry.id.desc())
        .limit(PAGE + 1)
    )
    if wanted.user_id is not None:
        query = query.where(AuditEntry.user_id == wanted.user_id)
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    return [
        TrailEntry(row.id, row.at, name or "", row.action, row.reason, reference or "", row.data)
        for row, name, reference in session.execute(query)
    ]

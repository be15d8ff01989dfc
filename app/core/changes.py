"""What changed, for whoever is looking: a small table that every process writes and every desk's server watches.

A row says only that something of a unit is to be read again, never what: rights are asked for when it is read.
Numbers are committed out of order on PostgreSQL, so a watcher looks back `OVERLAP` and leaves out what it has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import String, delete, event, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.db import Base, rows

OVERLAP = timedelta(seconds=10)
"""longer than any transaction of ours that writes a change"""
KEPT = timedelta(minutes=10)
MOST = 2000


class ChangeKind(StrEnum):
    """What is to be read again."""

    TICKET = "ticket"
    PRESENCE = "presence"
    CALL = "call"
    MENU = "menu"


class ChangeRow(Base):
    """One announcement. `unit_id` None = everybody."""

    __tablename__ = "change"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - numbers never come back, though old rows go

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int | None]
    ticket_id: Mapped[int | None]


@dataclass(frozen=True, slots=True)
class Change:
    """An announcement as a watcher hands it on."""

    id: int
    at: datetime
    kind: str
    unit_id: int | None
    ticket_id: int | None


Announced = set[tuple[ChangeKind, int | None, int | None]]


def announce(session: Session, kind: ChangeKind, *, unit_id: int | None = None, ticket_id: int | None = None) -> None:
    """Tell every desk, once the caller's transaction is committed; the same thing is told once a transaction."""
    told: Announced = session.info.setdefault("announced", set())
    told.add((kind, unit_id, ticket_id))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    """Write what the transaction announces as its last statement: one for a whole batch of mails."""
    told: Announced | None = session.info.pop("announced", None)
    if told:
        at = clock.now()
        rows = [{"at": at, "kind": kind, "unit_id": unit, "ticket_id": ticket} for kind, unit, ticket in told]
        session.execute(insert(ChangeRow), rows)


_NEWEST = select(func.max(ChangeRow.id))


def newest(session: Session) -> int:
    """The highest number so far; 0 when nothing has changed yet."""
    return rows(session, _NEWEST).scalar() or 0


def after(session: Session, number: int) -> list[Change]:
    """What was announced after a number, at most `MOST`, oldest first."""
    columns = (ChangeRow.id, ChangeRow.at, ChangeRow.kind, ChangeRow.unit_id, ChangeRow.ticket_id)
    query = select(*columns).where(ChangeRow.id > number).order_by(ChangeRow.id).limit(MOST)
    return [Change(*row) for row in session.execute(query)]


def forget_old(session: Session, *, at: datetime) -> int:
    """Remove what no browser will ask for any more; how many."""
    return session.execute(delete(ChangeRow).where(ChangeRow.at < at - KEPT)).rowcount  # type: ignore[attr-defined,no-any-return]

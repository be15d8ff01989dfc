"""The same done to many tickets: what was ordered, and what became of each of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base

MOST = 500
"""tickets at once"""


class Outcome(StrEnum):
    """What became of one ticket."""

    WAITING = "waiting"
    DONE = "done"
    UNCHANGED = "unchanged"
    """it was so already"""
    FAILED = "failed"


class BulkJob(Base):
    """One order. `action` is what is to be done, see `flows.bulk.Action`."""

    __tablename__ = "bulk_job"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    action: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class BulkRow(Base):
    """One ticket of an order; `detail` says why it failed, in English as the catalogues know it."""

    __tablename__ = "bulk_row"
    __table_args__ = (
        Index("ix_bulk_row_job", "job_id", "id"),
        Index(
            "ix_bulk_row_waiting",
            "id",
            sqlite_where=text("outcome = 'waiting'"),
            postgresql_where=text("outcome = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("bulk_job.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    reference: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(10))
    detail: Mapped[str] = mapped_column(String(200), default="")


def order(
    session: Session, user_id: int, action: dict[str, Any], tickets: Collection[tuple[int, str]], *, at: datetime
) -> int:
    """The new order for tickets as (id, reference); its number."""
    job = BulkJob(user_id=user_id, action=action, at=at)
    session.add(job)
    session.flush()
    session.add_all(
        BulkRow(job_id=job.id, ticket_id=ticket_id, reference=reference, outcome=Outcome.WAITING)
        for ticket_id, reference in tickets
    )
    return job.id


def next_waiting(session: Session) -> BulkRow | None:
    """A ticket that waits, held against other workers, or None."""
    waiting = select(BulkRow).where(BulkRow.outcome == Outcome.WAITING).order_by(BulkRow.id).limit(1)
    return session.scalar(waiting.with_for_update(skip_locked=True))


def counts(session: Session, job_id: int) -> dict[str, int]:
    """How many tickets of an order have which outcome."""
    query = select(BulkRow.outcome, func.count()).where(BulkRow.job_id == job_id).group_by(BulkRow.outcome)
    return {row.outcome: row[1] for row in session.execute(query)}

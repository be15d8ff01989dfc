"""The same done to many tickets: what was ordered, and what became of each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base

MOST = 500
"""tickets at once"""
UNDO_FOR = timedelta(minutes=5)
"""so long after its last ticket an order can be undone, and all the while that some of it waits"""
UNDO = "undo"
"""the kind of an order that undoes another one: what to turn back stands in that one"""


class Kind(StrEnum):
    """What can be done to many."""

    ASSIGN = "assign"
    MOVE = "move"
    RESOLVE = "resolve"
    LABEL = "label"
    UNLABEL = "unlabel"


@dataclass(frozen=True)
class Action:
    """What is to be done: `to` is a person (0 = nobody) or a unit, `text` a label or the reason of a move."""

    kind: Kind
    to: int = 0
    text: str = ""


class Outcome(StrEnum):
    """What became of one ticket."""

    WAITING = "waiting"
    DONE = "done"
    UNCHANGED = "unchanged"
    """it was so already"""
    FAILED = "failed"


class BulkJob(Base):
    """One order. `action` is what is to be done, as of `Action`; of one that undoes another its kind is `UNDO`."""

    __tablename__ = "bulk_job"
    __table_args__ = (Index("ix_bulk_job_undoes", "undoes", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    action: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    undoes: Mapped[int | None]
    """the order that this one undoes; none is undone twice"""

    @property
    def asked(self) -> Action:
        """What is to be done. Only of an order that undoes no other one."""
        return Action(Kind(self.action["kind"]), self.action["to"], self.action["text"])


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
    done_at: Mapped[datetime | None]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """how the ticket stood before it was done to, as of `flows.undo_bulk.stood`; nothing for what was not done"""


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


def held(session: Session, job_id: int) -> BulkJob | None:
    """An order, held against others who would undo it, or None.

    Its number is not held: a worker's row points at it, and the worker would wait for whoever waits for that row.
    """
    return session.scalar(select(BulkJob).where(BulkJob.id == job_id).with_for_update(key_share=True))


def order_undo(session: Session, job: BulkJob, *, at: datetime) -> int:
    """The new order that undoes what was done by another one, which is held; its number."""
    undo = BulkJob(user_id=job.user_id, action={"kind": UNDO, "to": 0, "text": ""}, at=at, undoes=job.id)
    session.add(undo)
    session.flush()
    query = select(BulkRow).where(BulkRow.job_id == job.id, BulkRow.outcome == Outcome.DONE).order_by(BulkRow.id)
    session.add_all(
        BulkRow(
            job_id=undo.id,
            ticket_id=row.ticket_id,
            reference=row.reference,
            outcome=Outcome.WAITING,
            before=row.before,
        )
        for row in session.scalars(query)
    )
    return undo.id


def undo_of(session: Session, job_id: int) -> int | None:
    """The number of the order that undoes this one, if there is one."""
    return session.scalar(select(BulkJob.id).where(BulkJob.undoes == job_id))


def undo_until(session: Session, job: BulkJob) -> datetime | None:
    """Until when an order can be undone; None as long as some of it waits."""
    if counts(session, job.id).get(Outcome.WAITING):
        return None
    last = session.scalar(select(func.max(BulkRow.done_at)).where(BulkRow.job_id == job.id))
    return (last or job.at) + UNDO_FOR


def stop(session: Session, job_id: int, *, why: str, at: datetime) -> None:
    """What waits of an order is not done any more; what a worker holds just now is waited for, and stays done."""
    waiting = update(BulkRow).where(BulkRow.job_id == job_id, BulkRow.outcome == Outcome.WAITING)
    session.execute(waiting.values(outcome=Outcome.FAILED, detail=why, done_at=at))


def next_waiting(session: Session) -> BulkRow | None:
    """A ticket that waits, held against other workers, or None."""
    waiting = select(BulkRow).where(BulkRow.outcome == Outcome.WAITING).order_by(BulkRow.id).limit(1)
    return session.scalar(waiting.with_for_update(skip_locked=True))


def counts(session: Session, job_id: int) -> dict[str, int]:
    """How many tickets of an order have which outcome."""
    query = select(BulkRow.outcome, func.count()).where(BulkRow.job_id == job_id).group_by(BulkRow.outcome)
    return {row.outcome: row[1] for row in session.execute(query)}

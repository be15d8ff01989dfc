"""The outbox's verbs: queue, claim, and say what came of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.outbox.models import Delivery, OutboxRow

LADDER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""waits between tries after a temporary failure; after the last one it has failed"""


def claim(session: Session, worker: str, *, at: datetime, limit: int) -> list[int]:
    """Up to `limit` due e-mails, now this worker's: one statement, so that two workers never hold the same row."""
    due = (
        select(OutboxRow.id)
        .where(OutboxRow.state == Delivery.QUEUED, OutboxRow.not_before <= at)
        .order_by(OutboxRow.not_before, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(due.scalar_subquery()), OutboxRow.state == Delivery.QUEUED)
        .values(state=Delivery.CLAIMED, claimed_at=at, claimed_by=worker, tries=OutboxRow.tries + 1)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(taken))


def sent(row: OutboxRow, *, at: datetime) -> None:
    """The other side took it; a bounce that was faster than this word for it has the last one."""
    row.sent_at = at
    if row.state != Delivery.FAILED:
        row.state, row.failure = Delivery.SENT, ""


def failed(row: OutboxRow, *, at: datetime, reason: str, permanent: bool) -> None:
    """It was not taken: tried again by the ladder, unless the other side's no is final."""
    row.failure = reason[:400]
    if permanent or row.tries > len(LADDER):
        row.state = Delivery.FAILED
    else:
        row.state = Delivery.QUEUED
        row.not_before = at + LADDER[row.tries - 1]


def outcome_unknown(row: OutboxRow, *, reason: str) -> None:
    """Nobody can say whether it was taken: a person decides, it is never resent by itself."""
    row.state, row.failure = Delivery.PERHAPS_SENT, reason[:400]


def claimers(session: Session) -> list[str]:
    """The workers that hold deliveries now."""
    return [name for name in session.scalars(_CLAIMERS) if name]


_CLAIMERS = select(OutboxRow.claimed_by).where(OutboxRow.state == Delivery.CLAIMED).distinct()


def abandoned(session: Session, *, at: datetime, after: timedelta, dead: Collection[str]) -> int:
    """Claims older than `after`, or of a dead worker, become perhaps sent; how many."""
    stale = (
        update(OutboxRow)
        .where(OutboxRow.state == Delivery.CLAIMED)
        .where(or_(OutboxRow.claimed_at < at - after, OutboxRow.claimed_by.in_(dead)))
        .values(state=Delivery.PERHAPS_SENT, failure="The worker stopped while sending.")
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(list(session.scalars(stale)))


def undo(session: Session, row_id: int) -> bool:
    """Take a queued message back; False when a worker has it already or it has left."""
    taken_back = (
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.state.in_((Delivery.QUEUED, Delivery.TO_PRINT)))
        .values(state=Delivery.UNDONE)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(taken_back) is not None


def automatic_since(session: Session, address: str, *, since: datetime) -> int:
    """How many automatic messages an address was sent since an instant: the brake against mail loops."""
    query = select(func.count()).where(OutboxRow.to_address == address, OutboxRow.at >= since, OutboxRow.is_automatic)
    return session.scalar(query) or 0

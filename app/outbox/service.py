"""The outbox's verbs: queue, claim, and say what came of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.outbox.models import Delivery, OutboxRow
from channels.contract import ChannelError, UnreachableError

LADDER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
"""waits between tries after a temporary failure; after the last one it has failed"""
SERVER_AWAY = timedelta(seconds=30)
"""wait when the mail server itself cannot be reached: it costs no try"""
GIVE_UP = timedelta(days=5)
"""no delivery is tried longer (RFC 5321 section 4.5.4.1)"""
PACE = timedelta(minutes=1)
SUPPRESSED = "suppressed"
"""why nothing is sent to an address that mail came back from"""


def claim(session: Session, worker: str, *, at: datetime, limit: int, per_domain: int) -> list[int]:
    """Up to `limit` due e-mails, now this worker's: one statement, so that two workers never hold the same row.

    A domain that was sent `per_domain` mails within the last minute waits. Workers that claim at the same instant may
    exceed that by one each.
    """
    busy = (
        select(OutboxRow.to_domain)
        .where(OutboxRow.claimed_at > at - PACE)
        .group_by(OutboxRow.to_domain)
        .having(func.count() >= per_domain)
    )
    due = (
        select(OutboxRow.id)
        .where(OutboxRow.state == Delivery.QUEUED, OutboxRow.not_before <= at, OutboxRow.to_domain.not_in(busy))
        .order_by(OutboxRow.not_before, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # as a plain subquery PostgreSQL may ask it once for each row, and each time find another one
    )
    taken = (
        update(OutboxRow)
        .where(OutboxRow.id.in_(select(due.c.id)), OutboxRow.state == Delivery.QUEUED)
        .values(state=Delivery.CLAIMED, claimed_at=at, claimed_by=worker, tries=OutboxRow.tries + 1)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(taken))


def is_with(row: OutboxRow, worker: str) -> bool:
    """Whether the worker's word still counts: it holds the mail, or was thought dead and nobody has decided since."""
    return row.claimed_by == worker and row.state in {Delivery.CLAIMED, Delivery.PERHAPS_SENT}


def sent(row: OutboxRow, *, at: datetime) -> None:
    """The other side took it; a bounce that was faster than this word for it has the last one."""
    row.sent_at = at
    if row.state != Delivery.FAILED:
        row.state, row.failure, row.needs_person = Delivery.SENT, "", False


def failed(row: OutboxRow, error: ChannelError, *, at: datetime) -> None:
    """It was not taken: tried again by the ladder, unless the other side's no is final or five days are over.

    That the mail server is away is no fault of the mail's and takes it no step up the ladder.
    """
    row.failure = str(error)[:400]
    is_away = isinstance(error, UnreachableError)
    if error.permanent or at - row.at > GIVE_UP or (not is_away and row.tries > len(LADDER)):
        give_up(row, reason=row.failure)
        return
    wait = SERVER_AWAY if is_away else LADDER[row.tries - 1]
    if is_away:
        row.tries -= 1
    row.state, row.not_before = Delivery.QUEUED, at + max(wait, timedelta(seconds=error.retry_after or 0))


def give_up(row: OutboxRow, *, reason: str) -> None:
    """It does not reach the citizen, and a person must see to it; nobody needs to see to a receipt."""
    row.state, row.failure, row.needs_person = Delivery.FAILED, reason[:400], not row.is_automatic


def outcome_unknown(row: OutboxRow, *, reason: str) -> None:
    """Nobody can say whether it was taken: a person decides, it is never resent by itself."""
    row.state, row.failure, row.needs_person = Delivery.PERHAPS_SENT, reason[:400], not row.is_automatic


def resend(row: OutboxRow, *, at: datetime) -> bool:
    """Queue it once more under its Message-ID; False when it is neither failed nor in doubt."""
    if row.state not in {Delivery.PERHAPS_SENT, Delivery.FAILED}:
        return False
    row.state, row.not_before, row.tries, row.at = Delivery.QUEUED, at, 0, at
    row.failure, row.needs_person, row.sent_at = "", False, None
    return True


def has_arrived(row: OutboxRow) -> bool:
    """A person knows that it arrived; False when there was no doubt."""
    if row.state != Delivery.PERHAPS_SENT:
        return False
    row.state, row.failure, row.needs_person = Delivery.SENT, "", False
    return True


def claimers(session: Session) -> list[str]:
    """The workers that hold deliveries now."""
    return [name for name in session.scalars(_CLAIMERS) if name]


_CLAIMERS = select(OutboxRow.claimed_by).where(OutboxRow.state == Delivery.CLAIMED).distinct()


def abandoned(session: Session, *, at: datetime, after: timedelta, dead: Collection[str]) -> list[int]:
    """The claims older than `after`, or of a dead worker: what became of them nobody can say."""
    old = or_(OutboxRow.claimed_at < at - after, OutboxRow.claimed_by.in_(dead))
    return list(session.scalars(select(OutboxRow.id).where(OutboxRow.state == Delivery.CLAIMED, old)))


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

"""Addresses that our mail came back from: nothing is sent to them until a person or the citizen says otherwise."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from app.core.db import rows
from app.outbox.models import FailingAddress

ABOUT_THE_ADDRESS = ("5.0.", "5.1.", "5.2.")
"""what says something of the address or its mailbox; the others are about us, the way there or the mail (RFC 3463)"""
NO_SUCH_ADDRESS = "5.1."
"""the address itself is wrong: once is enough"""
OFTEN = 3
WITHIN = timedelta(days=30)
"""any other final refusal counts when it comes this often within this time"""


def note_failure(session: Session, address: str, *, status: str, at: datetime) -> bool:
    """Our mail to the address was refused for good; True when nothing more is sent to it from now on.

    `status` is the code that was given (RFC 3463).
    """
    if not status.startswith(ABOUT_THE_ADDRESS):
        return False
    key = address.lower()
    row = session.scalar(select(FailingAddress).where(FailingAddress.address == key).with_for_update())
    if row is None:
        row = FailingAddress(address=key, failures=0, last_at=at, suppressed_at=None, status="")
        session.add(row)
    row.failures = row.failures + 1 if row.failures and at - row.last_at <= WITHIN else 1
    row.last_at, row.status = at, status[:12]
    if row.suppressed_at is None and (status.startswith(NO_SUCH_ADDRESS) or row.failures >= OFTEN):
        row.suppressed_at = at
    session.flush()
    return row.suppressed_at is not None


def is_suppressed(session: Session, address: str) -> bool:
    """Whether nothing is sent to the address."""
    return suppressed_since(session, address) is not None


def suppressed_since(session: Session, address: str) -> datetime | None:
    """Since when nothing is sent to the address; None when mail to it leaves."""
    return session.scalar(select(FailingAddress.suppressed_at).where(FailingAddress.address == address.lower()))


def suppressed_of(session: Session, addresses: Collection[str]) -> frozenset[str]:
    """Those of the addresses that nothing is sent to."""
    if not addresses:
        return frozenset()
    return frozenset(rows(session, _SUPPRESSED, {"addresses": sorted(addresses)}).scalars())


_SUPPRESSED = select(FailingAddress.address).where(
    FailingAddress.suppressed_at.is_not(None),
    FailingAddress.address.in_(bindparam("addresses", expanding=True)),
)


def lift(session: Session, address: str) -> bool:
    """Forget that mail came back from the address: somebody writes from it, or a person knows better."""
    forgotten = delete(FailingAddress).where(FailingAddress.address == address.lower()).returning(FailingAddress.id)
    return session.scalar(forgotten.execution_options(synchronize_session=False)) is not None

"""Wrong passwords are counted, so that nobody can try them all: per name from one place, and per name from everywhere.

NIST SP 800-63B, 5.2.2, allows at most 100 tries in a row on one account. Names and places are kept as hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import FailedLogin

HELD_FOR = timedelta(minutes=15)
FROM_ONE_PLACE = 10
FROM_EVERYWHERE = 100


def held_until(session: Session, email: str, *, place: str, at: datetime) -> datetime | None:
    """When a name that had its tries of the last quarter of an hour may be tried again; None when it may be now.

    `place` is the browser's network address.
    """
    ends = [_full_until(session, name, most, at) for name, most in _counted(email, place)]
    return max((end for end in ends if end), default=None)


def note(session: Session, email: str, *, place: str, at: datetime) -> None:
    """Count a wrong password, and forget those that count no more."""
    session.execute(delete(FailedLogin).where(FailedLogin.at <= at - HELD_FOR))
    session.add_all(FailedLogin(name_hash=name, at=at) for name, _ in _counted(email, place))


def forget(session: Session, email: str, *, place: str) -> None:
    """Count from nothing again after a right password."""
    names = [name for name, _ in _counted(email, place)]
    session.execute(delete(FailedLogin).where(FailedLogin.name_hash.in_(names)))


def _full_until(session: Session, name: str, most: int, at: datetime) -> datetime | None:
    """When the try that fills the measure counts no more."""
    counting = select(FailedLogin.at).where(FailedLogin.name_hash == name, FailedLogin.at > at - HELD_FOR)
    filling = session.scalar(counting.order_by(FailedLogin.at.desc()).offset(most - 1).limit(1))
    return filling + HELD_FOR if filling else None


def _counted(email: str, place: str) -> Iterator[tuple[str, int]]:
    """Under what a try is counted, and how often it may be wrong."""
    yield _hash(email.lower(), place), FROM_ONE_PLACE
    yield _hash(email.lower()), FROM_EVERYWHERE


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

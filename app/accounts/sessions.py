"""Log-in sessions kept on the server: the cookie holds a random key, the table its hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import LoginSession, User

SEEN_EVERY = timedelta(minutes=1)


def start(session: Session, user_id: int, *, at: datetime, hours: int) -> str:
    """A new log-in; the key for the cookie, which is not stored."""
    key = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            key_hash=_hash(key), user_id=user_id, created_at=at, seen_at=at, expires_at=at + timedelta(hours=hours)
        )
    )
    return key


def find(session: Session, key: str, *, at: datetime, idle: timedelta) -> tuple[LoginSession, User] | None:
    """The living log-in of a cookie's key and its user; None when revoked, expired, idle too long or unknown."""
    query = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.key_hash == _hash(key), LoginSession.revoked_at.is_(None), LoginSession.expires_at > at)
        .where(LoginSession.seen_at > at - idle, User.is_active)
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None


def touch(session: Session, login_id: int, *, at: datetime) -> None:
    """Note that the person is there; callers do so at most each `SEEN_EVERY`."""
    session.execute(update(LoginSession).where(LoginSession.id == login_id).values(seen_at=at))


def revoke(session: Session, key: str, *, at: datetime) -> None:
    """End a log-in. Unknown keys are no error."""
    session.execute(update(LoginSession).where(LoginSession.key_hash == _hash(key)).values(revoked_at=at))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

"""Log-in sessions kept on the server: the cookie holds a random key, the table its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from app.accounts.login_models import LoginStep
from app.accounts.models import Authority, LoginSession, Membership, User, Way
from app.accounts.tuning import merged
from app.core.config import Settings
from app.core.db import rows

SEEN_EVERY = timedelta(minutes=1)


def start(
    session: Session, user_id: int, *, at: datetime, hours: int, browser: str = "", way: Way = Way.PASSWORD
) -> str:
    """A new log-in; the key for the cookie, which is not stored."""
    key = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            key_hash=_hash(key),
            user_id=user_id,
            created_at=at,
            seen_at=at,
            expires_at=at + timedelta(hours=hours),
            browser=browser[:200],
            way=way,
        )
    )
    return key


@dataclass(frozen=True)
class Found:
    """A living log-in, whose it is, and the settings as they are now; `roles` are pairs of unit and role."""

    id: int
    created_at: datetime
    seen_at: datetime
    way: str
    user_id: int
    name: str
    language: str
    is_admin: bool
    single_keys: bool
    sees_protected: bool
    roles: tuple[tuple[int, str], ...]
    settings: Settings


def find(session: Session, key: str, *, at: datetime, settings: Settings) -> Found | None:
    """The living log-in of a cookie's key; None when revoked, expired, idle too long or unknown. One query."""
    found = rows(session, _FIND, {"key_hash": _hash(key), "at": at}).all()
    if not found:
        return None
    row = found[0]
    login = Found(
        id=row.id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        way=row.way,
        user_id=row.user_id,
        name=row.name,
        language=row.language,
        is_admin=row.is_admin,
        single_keys=row.single_keys,
        sees_protected=row.sees_protected,
        roles=tuple((place.unit_id, place.role) for place in found if place.unit_id is not None),
        settings=merged(settings, row.tuned),
    )
    return login if login.seen_at > at - timedelta(minutes=login.settings.session_idle_minutes) else None


_FIND = (
    select(
        LoginSession.id,
        LoginSession.created_at,
        LoginSession.seen_at,
        LoginSession.way,
        LoginSession.user_id,
        User.name,
        User.language,
        User.is_admin,
        User.single_keys,
        User.sees_protected,
        Membership.unit_id,
        Membership.role,
        Authority.tuned,
    )
    .join(User, User.id == LoginSession.user_id)
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(Authority, Authority.id == 1)
    .where(LoginSession.key_hash == bindparam("key_hash"), User.is_active, LoginSession.revoked_at.is_(None))
    .where(LoginSession.expires_at > bindparam("at"))
)
"""built once: every request asks it"""


def living(session: Session, user_id: int, *, at: datetime, idle: timedelta) -> list[LoginSession]:
    """The log-ins of a person that open the desk now, the one used last first."""
    query = select(LoginSession).where(LoginSession.user_id == user_id, *_is_living(at, idle))
    return list(session.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())))


def _is_living(at: datetime, idle: timedelta) -> tuple[ColumnElement[bool], ...]:
    is_valid = (LoginSession.revoked_at.is_(None), LoginSession.expires_at > at)
    return (*is_valid, LoginSession.seen_at > at - idle)


def end(session: Session, user_id: int, login_ids: Collection[int], *, at: datetime) -> int:
    """End these log-ins of a person; how many there were. Nobody else's."""
    own = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.id.in_(sorted(login_ids)))
    ended = session.execute(own.where(LoginSession.revoked_at.is_(None)).values(revoked_at=at))
    return int(ended.rowcount)  # type: ignore[attr-defined]


def end_all(session: Session, user_id: int, *, at: datetime) -> None:
    """Nothing that a person began goes on: neither log-ins nor what is half done of one."""
    living = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None))
    session.execute(living.values(revoked_at=at))
    session.execute(delete(LoginStep).where(LoginStep.user_id == user_id))


def touch(session: Session, login_id: int, *, at: datetime) -> None:
    """Note that the person is there; callers do so at most each `SEEN_EVERY`."""
    session.execute(update(LoginSession).where(LoginSession.id == login_id).values(seen_at=at))


def revoke(session: Session, key: str, *, at: datetime) -> None:
    """End a log-in. Unknown keys are no error."""
    session.execute(update(LoginSession).where(LoginSession.key_hash == _hash(key)).values(revoked_at=at))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

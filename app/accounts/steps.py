"""The half of a log-in that waits for the other one: a challenge, or a right password without its code yet.

The browser holds a random key, the table its hash. A step is no session: it opens nothing, ends soon, and goes with
its first use.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.login_models import LoginStep

LASTS = timedelta(minutes=10)


class Step(StrEnum):
    """What waits."""

    CODE = "code"
    PASSKEY_LOGIN = "passkey-login"
    PASSKEY_NEW = "passkey-new"


def begin(session: Session, kind: Step, *, at: datetime, user_id: int | None = None, **data: Any) -> str:
    """A new step; its key for the browser, which is not stored."""
    key = secrets.token_urlsafe(32)
    session.add(LoginStep(key_hash=_hash(key), kind=kind, user_id=user_id, data=data, expires_at=at + LASTS))
    return key


def look(session: Session, kind: Step, key: str, *, at: datetime) -> LoginStep | None:
    """The step that waits under a key, which goes on waiting."""
    query = select(LoginStep).where(LoginStep.key_hash == _hash(key), LoginStep.kind == kind, LoginStep.expires_at > at)
    return session.scalar(query)


def take(session: Session, kind: Step, key: str, *, at: datetime) -> LoginStep | None:
    """The step that waited under a key; nobody else gets it after that."""
    step = look(session, kind, key, at=at)
    if step is None:
        return None
    gone = session.execute(delete(LoginStep).where(LoginStep.id == step.id))
    return step if gone.rowcount else None  # type: ignore[attr-defined]


def forget_old(session: Session, *, at: datetime) -> int:
    """Forget the steps that are over; how many."""
    gone = session.execute(delete(LoginStep).where(LoginStep.expires_at <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

"""Links by which a member of staff chooses a password: in an invitation, or because the old one is lost.

A link is its row's number with a signature, so that whoever reads the table opens no door. It works once, until it
expires, and only the newest of a person does.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import User
from app.core.db import Base
from app.core.secrets import derive

ABANDONED = timedelta(minutes=5)
"""a worker that holds a mail longer is gone; the same link twice does no harm"""
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 3
"""links that one person can ask for"""


class Purpose(StrEnum):
    """What the link is for."""

    INVITATION = "invitation"
    RESET = "reset"


LASTS = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: AN_HOUR}


class Sending(StrEnum):
    """Where the mail with the link stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"


class AccessLink(Base):
    """One link and the mail that carries it."""

    __tablename__ = "access_link"
    __table_args__ = (Index("ix_access_link_due", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    not_before: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(String(400), default="")


def make(session: Session, user: User, *, at: datetime) -> AccessLink:
    """A new link for the person, whose mail waits to be sent; older ones work no more."""
    end(session, user.id, at=at)
    purpose = Purpose.RESET if user.password_hash else Purpose.INVITATION
    link = AccessLink(user_id=user.id, purpose=purpose, created_at=at, expires_at=at + LASTS[purpose])
    link.state, link.not_before = Sending.QUEUED, at
    session.add(link)
    session.flush()
    return link


def end(session: Session, user_id: int, *, at: datetime) -> None:
    """No link of the person works any more, and none is sent."""
    theirs = update(AccessLink).where(AccessLink.user_id == user_id, AccessLink.expires_at > at)
    session.execute(theirs.values(expires_at=at))
    waiting = update(AccessLink).where(AccessLink.user_id == user_id, AccessLink.state == Sending.QUEUED)
    session.execute(waiting.values(state=Sending.FAILED, failure="superseded"))


def asked_lately(session: Session, user_id: int, *, at: datetime) -> bool:
    """Whether the person has had as many links within the last hour as one can have."""
    query = select(func.count()).where(AccessLink.user_id == user_id, AccessLink.created_at > at - AN_HOUR)
    return (session.scalar(query) or 0) >= MOST_AN_HOUR


def token_of(secret_key: str, link: AccessLink) -> str:
    """What stands in the link's address: the row's number, and 128 bits that only we can make."""
    return f"{link.id}-{_mac(secret_key, link)}"


def find(session: Session, secret_key: str, token: str, *, at: datetime) -> AccessLink | None:
    """The link of an address, if it still works for somebody who may log in."""
    number, _, mac = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    link = session.get(AccessLink, int(number))
    if link is None or not hmac.compare_digest(mac.encode(), _mac(secret_key, link).encode()):
        return None
    works = link.used_at is None and link.expires_at > at and session.get_one(User, link.user_id).is_active
    return link if works else None


def claim(session: Session, *, at: datetime) -> int | None:
    """The next mail to send, now this worker's; None when nothing is due."""
    abandoned = (AccessLink.state == Sending.CLAIMED) & (AccessLink.not_before < at - ABANDONED)
    due = (AccessLink.state == Sending.QUEUED) & (AccessLink.not_before <= at)
    query = select(AccessLink.id).where(or_(due, abandoned)).order_by(AccessLink.not_before).limit(1)
    link_id = session.scalar(query.with_for_update(skip_locked=True))
    if link_id is not None:
        mine = update(AccessLink).where(AccessLink.id == link_id)
        session.execute(mine.values(state=Sending.CLAIMED, not_before=at, tries=AccessLink.tries + 1))
    return link_id


def newest(session: Session) -> dict[int, AccessLink]:
    """The newest link of each person, by person."""
    last = select(func.max(AccessLink.id)).group_by(AccessLink.user_id)
    return {link.user_id: link for link in session.scalars(select(AccessLink).where(AccessLink.id.in_(last)))}


def _mac(secret_key: str, link: AccessLink) -> str:
    said = f"{link.id}.{link.user_id}.{link.created_at.isoformat()}"
    return hmac.new(derive(secret_key, "access-link"), said.encode(), hashlib.sha256).hexdigest()[:32]

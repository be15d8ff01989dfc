"""Who follows a ticket, who was mentioned in a note of it, and how far each person has read it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BindParameter, ForeignKey, String, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, rows
from app.tickets.models import Event

KEPT = timedelta(days=60)
"""news older than this is told nobody any more, so that older visits need not be kept"""


class Why(StrEnum):
    """Why a person follows a ticket."""

    HAND = "hand"
    MENTION = "mention"
    LOST = "lost"
    """it was theirs until somebody else gave it away or resolved it; over once they have seen that"""


class TicketFollower(Base):
    """A person is told of what happens to a ticket that need not be theirs."""

    __tablename__ = "ticket_follower"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    why: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


class TicketVisit(Base):
    """How far a person has seen a ticket: up to the event `event_id`."""

    __tablename__ = "ticket_visit"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    event_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class Mention(Base):
    """A note names a colleague."""

    __tablename__ = "mention"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a ticket is to a person: whether they follow it, and the last event that they have seen (0 = none)."""

    is_followed: bool
    seen: int


def standing(session: Session, ticket_id: int, user_id: int) -> Standing:
    """One query."""
    why, seen = rows(session, _STANDING, {"ticket_id": ticket_id, "user_id": user_id}).one()
    return Standing(why in (Why.HAND, Why.MENTION), seen or 0)


_TICKET: BindParameter[int] = bindparam("ticket_id")
_USER: BindParameter[int] = bindparam("user_id")
_WHY = select(TicketFollower.why).where(TicketFollower.ticket_id == _TICKET, TicketFollower.user_id == _USER)
_SEEN = select(TicketVisit.event_id).where(TicketVisit.ticket_id == _TICKET, TicketVisit.user_id == _USER)
_STANDING = select(_WHY.scalar_subquery(), _SEEN.scalar_subquery())


def follow(session: Session, ticket_id: int, user_id: int, why: Why, *, at: datetime) -> bool:
    """The person follows the ticket; False when they did. What they lost they may take up by hand."""
    known = session.get(TicketFollower, (user_id, ticket_id))
    if known is None:
        session.add(TicketFollower(user_id=user_id, ticket_id=ticket_id, why=why, at=at))
        return True
    is_news = known.why == Why.LOST != why
    known.why = why if is_news else known.why
    return is_news


def unfollow(session: Session, ticket_id: int, user_id: int) -> None:
    """The person follows the ticket no more."""
    mine = TicketFollower.ticket_id == ticket_id, TicketFollower.user_id == user_id
    session.execute(delete(TicketFollower).where(*mine))


def see(session: Session, ticket_id: int, user_id: int, *, at: datetime, up_to: int | None = None) -> None:
    """The person has seen the ticket's events up to one, None = all; a look never goes back.

    An event that the ticket does not have yet cannot be seen: `up_to` counts at most to its newest.
    """
    newest = session.scalar(select(func.max(Event.id)).where(Event.ticket_id == ticket_id)) or 0
    seen = newest if up_to is None else min(up_to, newest)
    known = session.get(TicketVisit, (user_id, ticket_id))
    if known is not None and seen <= known.event_id:
        known.at = at
        return
    session.merge(TicketVisit(user_id=user_id, ticket_id=ticket_id, event_id=seen, at=at))
    if seen == newest:
        _let_go(session, ticket_id, user_id)


def mention(session: Session, message_id: int, user_ids: Collection[int]) -> None:
    """The note names these people."""
    session.add_all(Mention(message_id=message_id, user_id=user_id) for user_id in sorted(user_ids))


def named_in(text: str, names: Mapping[int, str]) -> frozenset[int]:
    """Whom a text names by `@` and their whole name, in any case; of two names the longer one."""
    found: set[int] = set()
    for longest in sorted(set(names.values()), key=len, reverse=True):
        pattern = re.compile(rf"(?<!\w)@{re.escape(longest)}(?!\w)", re.IGNORECASE)
        text, count = pattern.subn(" ", text)
        if count:
            found |= {user_id for user_id, name in names.items() if name == longest}
    return frozenset(found)


def move(session: Session, source_id: int, target_id: int, *, at: datetime) -> None:
    """Who followed a ticket follows the one that it was merged into."""
    rows = session.scalars(select(TicketFollower).where(TicketFollower.ticket_id == source_id)).all()
    for row in rows:
        follow(session, target_id, row.user_id, Why(row.why), at=at)
        session.delete(row)


def forget_old(session: Session, *, at: datetime) -> int:
    """Remove visits older than any news that is told; how many."""
    return session.execute(delete(TicketVisit).where(TicketVisit.at < at - KEPT)).rowcount  # type: ignore[attr-defined,no-any-return]


def _let_go(session: Session, ticket_id: int, user_id: int) -> None:
    mine = TicketFollower.ticket_id == ticket_id, TicketFollower.user_id == user_id
    session.execute(delete(TicketFollower).where(*mine, TicketFollower.why == Why.LOST))

"""Who is at a ticket just now: looking, or writing. A sign that is not renewed counts no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, bindparam, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import User
from app.core.db import Base, UtcDateTime, rows

COUNTS_FOR = timedelta(seconds=45)
"""browsers renew their sign every 20 seconds"""


class Presence(Base):
    """A person at a ticket."""

    __tablename__ = "presence"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    is_writing: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is at a ticket."""

    user_id: int
    name: str
    is_writing: bool


def note(session: Session, ticket_id: int, user_id: int, *, is_writing: bool, at: datetime) -> bool:
    """The person is at the ticket; True when others have not known that yet."""
    known = session.get(Presence, (ticket_id, user_id))
    if known is None:
        session.add(Presence(ticket_id=ticket_id, user_id=user_id, is_writing=is_writing, seen_at=at))
        return True
    is_news = known.is_writing != is_writing or known.seen_at <= at - COUNTS_FOR
    known.is_writing, known.seen_at = is_writing, at
    return is_news


def leave(session: Session, ticket_id: int, user_id: int) -> bool:
    """The person has gone; False when nobody knew of them."""
    gone = delete(Presence).where(Presence.ticket_id == ticket_id, Presence.user_id == user_id)
    return bool(session.execute(gone).rowcount)  # type: ignore[attr-defined]


_AT_TICKETS = (
    select(Presence.ticket_id, Presence.user_id, User.name, Presence.is_writing)
    .join(User, User.id == Presence.user_id)
    .where(Presence.ticket_id.in_(bindparam("tickets", expanding=True)))
    .where(Presence.seen_at > bindparam("since", type_=UtcDateTime()), Presence.user_id != bindparam("but"))
    .order_by(Presence.is_writing.desc(), User.name)
)


def at_tickets(
    session: Session, ticket_ids: Collection[int], *, but: int, now: datetime
) -> dict[int, tuple[Present, ...]]:
    """Who is at each of the tickets, those who write first; without the person `but`. One query."""
    if not ticket_ids:
        return {}
    asked = {"tickets": sorted(ticket_ids), "since": now - COUNTS_FOR, "but": but}
    found: dict[int, list[Present]] = {}
    for ticket_id, user_id, name, is_writing in rows(session, _AT_TICKETS, asked):
        found.setdefault(ticket_id, []).append(Present(user_id, name, is_writing))
    return {ticket_id: tuple(people) for ticket_id, people in found.items()}


def forget_old(session: Session, *, at: datetime) -> int:
    """Remove the signs that count no more; how many."""
    return session.execute(delete(Presence).where(Presence.seen_at <= at - COUNTS_FOR)).rowcount  # type: ignore[attr-defined,no-any-return]

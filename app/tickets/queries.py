"""Finds tickets and what hangs on them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.core.db import once
from app.core.errors import NotFoundError
from app.tickets.models import Event, Message, MessageKind, Ticket, Topic

IN_TOUCH = (MessageKind.CITIZEN, MessageKind.CALL, MessageKind.ANSWER)
"""the messages between us and the citizen that whoever answers must have read"""


def by_reference(session: Session, reference: str) -> Ticket:
    """The ticket with this reference; spaces and dashes do not matter. Raises NotFoundError."""
    digits = "".join(char for char in reference if char.isdigit())
    ticket = session.scalar(_BY_REFERENCE, {"reference": digits})
    if ticket is None:
        raise NotFoundError("There is no such ticket.")
    return ticket


_BY_REFERENCE = select(Ticket).where(Ticket.reference == bindparam("reference"))


def locked(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it is once it is held against other writers, until the transaction ends. Raises NotFoundError."""
    query = select(Ticket).where(Ticket.id == ticket_id).with_for_update()
    ticket = session.scalar(query.execution_options(populate_existing=True))  # what was read before may be old by now
    if ticket is None:
        raise NotFoundError("There is no such ticket.")
    return ticket


def surviving(session: Session, ticket_id: int) -> Ticket:
    """The ticket, or the one that it was merged into, held as `locked` does. Raises NotFoundError."""
    ticket = locked(session, ticket_id)
    while ticket.merged_into is not None:
        ticket = locked(session, ticket.merged_into)
    return ticket


def history(session: Session, ticket_id: int) -> list[Event]:
    """All events of a ticket, oldest first."""
    return list(session.scalars(select(Event).where(Event.ticket_id == ticket_id).order_by(Event.at, Event.id)))


def by_mail_ids(session: Session, mail_ids: Collection[str]) -> list[Message]:
    """The messages with these Message-IDs, in the order of `mail_ids`."""
    if not mail_ids:
        return []
    rows = session.scalars(select(Message).where(Message.message_id.in_(mail_ids)))
    place = {mail_id: n for n, mail_id in enumerate(mail_ids)}
    return sorted(rows, key=lambda row: place[row.message_id or ""])


def by_references(session: Session, references: Collection[str]) -> list[Ticket]:
    """The tickets with these references."""
    if not references:
        return []
    return list(session.scalars(select(Ticket).where(Ticket.reference.in_(references))))


def topic_of(session: Session, unit_id: int, key: str | None) -> int | None:
    """The id of a unit's topic by its key, if it is offered, or None."""
    query = select(Topic.id).where(Topic.unit_id == unit_id, Topic.key == key, ~Topic.is_retired)
    return once(session, ("topic", unit_id, key), lambda: session.scalar(query)) if key else None


def last_citizen_message(session: Session, ticket_id: int, channel: str) -> Message | None:
    """The citizen's latest message on a channel: what an answer there quotes and is threaded to.

    Not one of an unconfirmed sender: a stranger's words must not reach the citizen in our mail.
    """
    theirs = select(Message).where(Message.ticket_id == ticket_id, Message.kind == MessageKind.CITIZEN)
    query = theirs.where(Message.channel == channel, Message.is_confirmed)
    return session.scalar(query.order_by(Message.at.desc(), Message.id.desc()).limit(1))


def in_touch_after(session: Session, ticket_id: int, message_id: int) -> list[Message]:
    """What has passed between us and the citizen since a message (0 = ever), oldest first; no receipts, no notes."""
    query = select(Message).where(Message.ticket_id == ticket_id, Message.id > message_id)
    since = query.where(Message.kind.in_(IN_TOUCH), Message.is_undone.is_(False))
    return list(session.scalars(since.order_by(Message.id)))


def mail_ids(session: Session, ticket_id: int, *, limit: int = 10) -> list[str]:
    """The Message-IDs of a ticket's newest mails, newest first."""
    known = select(Message.message_id).where(Message.ticket_id == ticket_id, Message.message_id.is_not(None))
    query = known.where(Message.is_confirmed)
    newest = session.scalars(query.order_by(Message.at.desc(), Message.id.desc()).limit(limit))
    return [mail_id for mail_id in newest if mail_id]


def said_event(session: Session, ticket_id: int, message_id: int, kind: str) -> Event | None:
    """The event of a kind that a ticket's message caused."""
    query = select(Event).where(Event.ticket_id == ticket_id, Event.message_id == message_id, Event.kind == kind)
    return session.scalar(query.limit(1))

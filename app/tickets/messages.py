"""Adds messages and their files to a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.core import storage
from app.tickets.models import Attachment, Direction, Message, MessageKind
from channels import contract

LONGEST_TEXT = 50_000
"""characters of what a person writes on a ticket"""


@dataclass(frozen=True)
class Entry:
    """What a message says; everything that is not its place in a ticket."""

    kind: MessageKind
    channel: str
    at: datetime
    body: str = ""
    subject: str = ""
    quoted: str = ""
    html: str = ""
    author_id: int | None = None
    person_id: int | None = None
    sender: str = ""
    sender_name: str = ""
    message_id: str | None = None
    inbound_id: int | None = None
    is_confirmed: bool = True
    problems: tuple[str, ...] = ()


_DIRECTION = {
    MessageKind.CITIZEN: Direction.IN,
    MessageKind.AUTO_REPLY: Direction.IN,
    MessageKind.BOUNCE: Direction.IN,
    MessageKind.CALL: Direction.IN,
    MessageKind.ANSWER: Direction.OUT,
    MessageKind.ACKNOWLEDGEMENT: Direction.OUT,
    MessageKind.NOTE: Direction.INTERNAL,
}


def add_message(session: Session, ticket_id: int, entry: Entry) -> Message:
    """The ticket's new message, with its id."""
    message = Message(
        ticket_id=ticket_id,
        direction=_DIRECTION[entry.kind],
        kind=entry.kind,
        channel=entry.channel,
        at=entry.at,
        author_id=entry.author_id,
        person_id=entry.person_id,
        sender=entry.sender[:400],
        sender_name=entry.sender_name[:200],
        subject=entry.subject[:300],
        body=entry.body,
        quoted=entry.quoted,
        html=entry.html,
        message_id=entry.message_id or None,
        inbound_id=entry.inbound_id,
        is_confirmed=entry.is_confirmed,
        problems=list(entry.problems),
    )
    session.add(message)
    session.flush()
    return message


def copy_message(session: Session, original: Message, ticket_id: int, *, person_id: int | None) -> Message:
    """The same message on another ticket, with the same kept files; only the original has its Message-ID."""
    left_out = {"id", "ticket_id", "person_id", "message_id", "is_confirmed"}
    same = {column.key: getattr(original, column.key) for column in inspect(Message).column_attrs}
    kept = {name: value for name, value in same.items() if name not in left_out}
    message = Message(ticket_id=ticket_id, person_id=person_id, is_confirmed=True, **kept)
    session.add(message)
    session.flush()
    for file in session.scalars(select(Attachment).where(Attachment.message_id == original.id).order_by(Attachment.id)):
        facts = {name: getattr(file, name) for name in ("filename", "content_type", "role", "content_id", "size")}
        session.add(Attachment(message_id=message.id, ticket_id=ticket_id, blob_id=file.blob_id, **facts))
    return message


def attach(session: Session, folder: Path, message: Message, files: Iterable[contract.Attachment]) -> list[Attachment]:
    """The message's files, kept and listed in their order."""
    rows = []
    for file in files:
        row = Attachment(
            message_id=message.id,
            ticket_id=message.ticket_id,
            filename=file.filename[:255],
            content_type=file.content_type[:100],
            role=file.role,
            content_id=file.content_id[:255],
            size=len(file.data),
            blob=storage.keep(session, folder, file.data),
        )
        session.add(row)
        rows.append(row)
    if rows:
        session.flush()
    return rows

"""Kept bytes for people who may read the ticket they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core import storage
from app.core.errors import NotFoundError
from app.intake.models import Inbound
from app.screens.access import readable
from app.tickets.models import Attachment, Message, Ticket
from channels.contract import AttachmentRole

SUFFIX = {"email": ".eml", "letter": ".pdf", "phone": ".json"}
CONTENT_TYPE = {"email": "message/rfc822", "letter": "application/pdf", "phone": "application/json"}


@dataclass(frozen=True)
class KeptFile:
    """A file to hand out."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


def attachment_file(session: Session, folder: Path, viewer: Viewer, attachment_id: int) -> KeptFile:
    """An attachment with its bytes. Raises NotFoundError for none, and for one of a ticket that is not theirs."""
    row = session.execute(
        select(Attachment, Ticket.reference)
        .join(Ticket, Ticket.id == Attachment.ticket_id)
        .where(Attachment.id == attachment_id)
    ).first()
    if row is None:
        raise NotFoundError("There is no such file.")
    attachment, reference = row
    readable(session, viewer, reference)
    return KeptFile(attachment.filename, attachment.content_type, storage.load(session, folder, attachment.blob_id))


def original_file(session: Session, folder: Path, viewer: Viewer, reference: str, message_id: int) -> KeptFile:
    """The original bytes of a message as they came. Raises NotFoundError."""
    message = _message(session, viewer, reference, message_id)
    entry = session.get(Inbound, message.inbound_id) if message.inbound_id else None
    return inbound_file(session, folder, entry)


def inbound_file(session: Session, folder: Path, entry: Inbound | None) -> KeptFile:
    """The original bytes of a ledger row, named after it. Raises NotFoundError when none are kept."""
    if entry is None or entry.blob_id is None:
        raise NotFoundError("There is no such file.")
    data = storage.load(session, folder, entry.blob_id)
    name = f"inbound-{entry.id}{SUFFIX.get(entry.channel, '.bin')}"
    return KeptFile(name, CONTENT_TYPE.get(entry.channel, "application/octet-stream"), data)


def mail_html(session: Session, viewer: Viewer, reference: str, message_id: int) -> str:
    """The sanitised HTML of a message. Raises NotFoundError when it has none."""
    message = _message(session, viewer, reference, message_id)
    if not message.html:
        raise NotFoundError("This message has no formatted view.")
    return message.html


def inline_ids(session: Session, message_id: int) -> dict[str, int]:
    """The pictures inside a mail: their content id -> attachment id."""
    query = select(Attachment.content_id, Attachment.id).where(
        Attachment.message_id == message_id, Attachment.role == AttachmentRole.INLINE
    )
    return {row.content_id: row.id for row in session.execute(query)}


def _message(session: Session, viewer: Viewer, reference: str, message_id: int) -> Message:
    ticket = readable(session, viewer, reference)
    message = session.get(Message, message_id)
    if message is None or message.ticket_id != ticket.id:
        raise NotFoundError("There is no such message.")
    return message

"""Messages go from one ticket to another with everything that hangs on them; nothing of what they say changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.outbox.models import OutboxRow
from app.search import service as search
from app.suggest.models import Suggestion
from app.tickets.models import Attachment, Message, MessageKind, Ticket


def move_messages(session: Session, source: Ticket, target: Ticket, messages: Sequence[Message]) -> None:
    """Make the messages, their files, sendings, calls and suggestions those of `target`.

    They are still found by the subject that they came under; a call's note may be written anew, so it is found by the
    new one.
    """
    ids = [message.id for message in messages]
    for message in messages:
        before = search.searchable(source, message)
        message.ticket_id = target.id
        if message.kind == MessageKind.CALL:
            search.reindex_message(session, target, message, before=before)
    for table in (Attachment, OutboxRow, Suggestion):
        session.execute(update(table).where(table.message_id.in_(ids)).values(ticket_id=target.id))


def filenames_of(session: Session, message_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of the files of messages, in the order in which they came."""
    found: dict[int, list[str]] = defaultdict(list)
    query = select(Attachment.message_id, Attachment.filename).where(Attachment.message_id.in_(sorted(message_ids)))
    for message_id, filename in session.execute(query.order_by(Attachment.id)):
        found[message_id].append(filename)
    return found

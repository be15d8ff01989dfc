"""Whether the ledger agrees with what it points at: read in batches, whatever its size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.core.storage import Blob
from app.intake.models import Fate, Inbound
from app.tickets.models import Message, Ticket
from channels.contract import ChannelName

BATCH = 5000
Progress = Callable[[str, int], None]


def disagreements(session: Session, folder: Path, *, progress: Progress) -> Iterator[str]:
    """Each thing that is not as it must be, as a sentence with ids."""
    for what, query in _questions().items():
        highest = session.scalar(select(func.max(Inbound.id))) or 0
        for first in range(0, highest + 1, BATCH):
            within = query.where(Inbound.id > first, Inbound.id <= first + BATCH)
            yield from (f"inbound {found}: {what}" for found in session.scalars(within))
            progress(what, min(first + BATCH, highest))
    yield from _lost_files(session, folder, progress)
    yield from _tickets_from_nowhere(session)


def _questions() -> dict[str, Select[int]]:
    """What must be true of no row, and how to ask for those of which it is."""
    message, twin = aliased(Message), aliased(Inbound)
    of_ticket = Inbound.fate.in_((Fate.TICKET, Fate.JOINED))
    with_message = select(Inbound.id).outerjoin(message, message.id == Inbound.message_id)
    on_mail = Inbound.channel != ChannelName.PHONE
    return {
        "it became a ticket, and there is none": select(Inbound.id)
        .outerjoin(Ticket, Ticket.id == Inbound.ticket_id)
        .where(of_ticket, Ticket.id.is_(None)),
        "its message is not there or of another ticket": with_message.where(
            of_ticket, on_mail, or_(message.id.is_(None), message.ticket_id != Inbound.ticket_id)
        ),
        "its fate is none that there is": select(Inbound.id).where(Inbound.fate.not_in(list(Fate))),
        "its original is not kept": select(Inbound.id)
        .outerjoin(Blob, Blob.id == Inbound.blob_id)
        .where(or_(Blob.id.is_(None), and_(Blob.data.is_(None), Blob.path.is_(None)))),
        "it repeats an item that is not there": select(Inbound.id)
        .outerjoin(twin, twin.id == Inbound.duplicate_of)
        .where(Inbound.duplicate_of.is_not(None), twin.id.is_(None)),
    }


def _lost_files(session: Session, folder: Path, progress: Progress) -> Iterator[str]:
    query = select(Blob.id, Blob.path, Blob.sha256).where(Blob.path.is_not(None)).order_by(Blob.id)
    for number, (blob_id, path, sha256) in enumerate(session.execute(query).yield_per(BATCH), start=1):
        try:
            is_whole = hashlib.sha256((folder / "files" / str(path)).read_bytes()).hexdigest() == sha256
        except OSError:
            yield f"blob {blob_id}: its file {path} is not there"
            continue
        if not is_whole:
            yield f"blob {blob_id}: its file {path} is not what it was"
        progress("kept files", number)


def _tickets_from_nowhere(session: Session) -> Iterator[str]:
    """Messages of citizens that say they came in by an item, and no item says so."""
    query = (
        select(Message.id)
        .outerjoin(Inbound, and_(Inbound.id == Message.inbound_id, Inbound.message_id == Message.id))
        .where(Message.inbound_id.is_not(None), Message.channel != ChannelName.PHONE, Inbound.id.is_(None))
        .order_by(Message.id)
    )
    yield from (f"message {found}: no item of the ledger became it" for found in session.scalars(query))

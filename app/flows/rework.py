"""A person works on an item that became nothing: read it again, make an inquiry of it, or dismiss it with a reason.

Whatever they do, the item keeps its one row on the ledger and its original, and who did it stands there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import join, start
from app.flows.reading import read_all
from app.flows.receive import sort_out
from app.intake import ledger
from app.intake.match import Match, Verdict
from app.intake.models import Fate, Inbound
from app.screens.access import workable
from app.screens.inbound_list import FATES, visible_item
from app.texts.catalogue import translator
from channels.contract import (
    Attachment,
    AttachmentRole,
    Automatic,
    ChannelName,
    InboundMessage,
    Party,
    RawItem,
    ThreadHints,
)
from channels.email.addresses import is_address, normal_address
from channels.reading import Reading

FILED_BY_HAND = "filed_by_hand"
"""the problem of a message that a person filed although nobody could read it"""


@dataclass(frozen=True)
class Filing:
    """What a person says of an item: its ticket, or the unit of a new one; subject and sender where they know them."""

    reference: str = ""
    unit_id: int | None = None
    subject: str = ""
    sender: str = ""


def retry(system: System, viewer: Viewer, inbound_id: int) -> str:
    """Read the original again with today's reader; what became of it (a `Fate`).

    Raises ConflictError when somebody was faster, InvalidInputError when it still cannot be read.
    """
    reading = _read(system, viewer, inbound_id)
    if reading.message is None:
        raise InvalidInputError({"retry": "It still cannot be read."})
    with system.db.begin() as session:
        entry = _held(session, viewer, inbound_id)
        with session.no_autoflush:
            twin = _know(session, entry, reading.message)
            if twin is not None and twin.ticket_id is not None:
                ledger.repeat(entry, twin)
            else:
                sort_out(session, system, entry, reading.message)
        _sign(session, viewer, entry, "inbound_retried")
    _nudge(system)
    return entry.fate


def file(system: System, viewer: Viewer, inbound_id: int, filing: Filing) -> str:
    """The item is an inquiry all the same; the reference of its ticket.

    Its clock starts when it reached us. Raises NotFoundError or ForbiddenError for a ticket or unit that is not theirs,
    InvalidInputError naming each field, ConflictError when somebody was faster.
    """
    reading = _read(system, viewer, inbound_id)
    _check(viewer, filing)
    with system.db.begin() as session:
        entry = _held(session, viewer, inbound_id)
        if reading.message is not None:
            _know(session, entry, reading.message)
        message = _inquiry(session, viewer, reading, filing)
        if filing.reference:
            ticket = workable(session, viewer, filing.reference)
            join.take(session, system, entry, message, Match(Verdict.JOIN, ticket.id, "by_hand"))
        else:
            ticket = start.take(session, system, entry, message, Match(Verdict.NEW), unit_id=filing.unit_id)
        _sign(session, viewer, entry, "inbound_filed")
        reference = ticket.reference
    _nudge(system)
    return reference


def dismiss(system: System, viewer: Viewer, inbound_ids: Collection[int], *, reason: str) -> int:
    """The items need nobody; how many. Those that somebody has dealt with meanwhile are left to them.

    Raises InvalidInputError without a reason, NotFoundError for an item that is not theirs.
    """
    if not reason.strip():
        raise InvalidInputError({"reason": "Say why nobody needs to see to it."})
    with system.db.begin() as session:
        entries = [_locked(session, viewer, inbound_id) for inbound_id in sorted(set(inbound_ids))]
        left = [entry for entry in entries if _is_open(entry)]
        for entry in left:
            entry.fate = Fate.IGNORED
            _sign(session, viewer, entry, "inbound_dismissed", note=reason)
    if entries and not left:
        raise ConflictError("Somebody has dealt with this already.")
    return len(left)


def _know(session: Session, entry: Inbound, message: InboundMessage) -> Inbound | None:
    """Enter what is known of it now, as if it had been read at once; the first delivery, if it is another."""
    entry.mail_id = message.hints.message_id
    twin = ledger.twin_of(session, message.fingerprint)
    if twin is None:
        entry.fingerprint = message.fingerprint or None
    return None if twin is entry else twin


def _read(system: System, viewer: Viewer, inbound_id: int) -> Reading:
    with system.db.read() as session:
        item = ledger.kept_item(session, system.settings.data_dir, visible_item(session, viewer, inbound_id))
    if item.channel is ChannelName.PHONE:
        raise InvalidInputError({"retry": "A step of a call cannot be filed afterwards; dismiss it."})
    return read_all(system, [item])[0]


def _check(viewer: Viewer, filing: Filing) -> None:
    if not filing.reference and filing.unit_id not in viewer.units:
        raise (
            ForbiddenError("Choose one of your units.")
            if filing.unit_id
            else InvalidInputError({"unit": "Say to which ticket it belongs, or choose a unit for a new one."})
        )
    if filing.sender and not is_address(filing.sender):
        raise InvalidInputError({"sender": "Write an address such as name@example.org."})


def _inquiry(session: Session, viewer: Viewer, reading: Reading, filing: Filing) -> InboundMessage:
    """The message as read, else one that has the original as its file; with what the person knows better."""
    message = reading.message or _unread(session, reading.item, viewer)
    sender = Party(normal_address(filing.sender)) if filing.sender else message.sender
    is_certain = bool(filing.sender) or message.sender_is_certain
    return replace(
        message,
        automatic=Automatic.NO,
        subject=filing.subject.strip() or message.subject,
        sender=sender,
        sender_is_certain=is_certain,
    )


def _unread(session: Session, item: RawItem, viewer: Viewer) -> InboundMessage:
    """What stands for an item that cannot be read."""
    _ = translator(viewer.language).gettext
    name = item.filename or ("letter.pdf" if item.channel is ChannelName.LETTER else "message.eml")
    kind = "application/pdf" if item.channel is ChannelName.LETTER else "message/rfc822"
    return InboundMessage(
        channel=item.channel,
        sender=None,
        text=_("This could not be read; the original is attached."),
        arrived_at=item.received_at or clock.now(),
        subject=_("Filed by hand"),
        attachments=(Attachment(name, kind, item.raw, AttachmentRole.FILE),),
        hints=ThreadHints(),
        problems=(FILED_BY_HAND,),
    )


def _held(session: Session, viewer: Viewer, inbound_id: int) -> Inbound:
    entry = _locked(session, viewer, inbound_id)
    if not _is_open(entry) or entry.ticket_id is not None:
        raise ConflictError("Somebody has dealt with this already.")
    return entry


def _locked(session: Session, viewer: Viewer, inbound_id: int) -> Inbound:
    visible_item(session, viewer, inbound_id)
    query = select(Inbound).where(Inbound.id == inbound_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _is_open(entry: Inbound) -> bool:
    return entry.fate in FATES and entry.handled_at is None


def _sign(session: Session, viewer: Viewer, entry: Inbound, action: str, note: str = "") -> None:
    at = clock.now()
    ledger.handle(entry, by=viewer.user_id, at=at, note=note)
    audit.note(
        session, action, at=at, user_id=viewer.user_id, ticket_id=entry.ticket_id, reason=note[:400], inbound=entry.id
    )


def _nudge(system: System) -> None:
    for queue in (Queue.OUTBOX, Queue.SUGGEST):
        system.nudge(queue)


def own_units(session: Session, viewer: Viewer) -> list[Unit]:
    """The units into which the person may file."""
    return list(session.scalars(select(Unit).where(Unit.id.in_(sorted(viewer.units))).order_by(Unit.id)))

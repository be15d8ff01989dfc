"""The automatic receipt: reference and expected time, once a ticket, never to a machine, never an answer (RFC 3834)."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit
from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.flows.post import Post, queue_mail
from app.flows.record import record
from app.outbox import service as outbox
from app.texts.catalogue import supported
from app.texts.mails import acknowledgement
from app.tickets import service
from app.tickets.messages import Entry, add_message
from app.tickets.models import MessageKind, Ticket
from app.tickets.service import Doer
from channels.contract import Authentication, ChannelName, InboundMessage, Party

log = get_logger(__name__)
MOST_A_DAY = 5
"""to one address: two machines that know no RFC 3834 fall silent after that"""


def queue(session: Session, system: System, ticket: Ticket, message: InboundMessage) -> None:
    """Queue the receipt, unless the sender is in doubt, forged, or has had enough of them today."""
    if withheld := _why_not(session, message):
        log.info("acknowledgement_withheld", ticket_id=ticket.id, why=withheld)
        return
    to = Party(message.sender.address if message.sender else "")  # the name may be an advertisement
    unit = session.get_one(Unit, ticket.unit_id)
    authority = session.get_one(Authority, 1)
    language = supported(ticket.language, unit.language)
    text = acknowledgement(
        language,
        reference=ticket.reference,
        due_at=ticket.due_at,
        timezone=ZoneInfo(unit.timezone),
        unit_name=unit.name(language),
        authority_name=str(authority.names.get(language, "")),
    )
    at = clock.now()
    said = Entry(MessageKind.ACKNOWLEDGEMENT, ChannelName.EMAIL, at, body=text.text, subject=text.subject)
    row = add_message(session, ticket.id, said)
    queue_mail(
        session,
        system,
        ticket,
        row,
        Post(to=to, text=text, language=language, not_before=at, is_automatic=True),
    )
    record(session, ticket, service.acknowledge(ticket, row, Doer(None, at)))


def _why_not(session: Session, message: InboundMessage) -> str:
    sender = message.sender
    if sender is None or not sender.address or not message.sender_is_certain:
        return "sender_unknown"
    if message.authentication is Authentication.FAIL:
        return "sender_forged"
    day_ago = clock.now() - timedelta(days=1)
    if outbox.automatic_since(session, sender.address, since=day_ago) >= MOST_A_DAY:
        return "address_had_enough"
    return ""

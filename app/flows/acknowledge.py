"""The automatic receipt: reference and expected time, once a ticket, never to a machine, never an answer (RFC 3834).

A receipt that is withheld is told on its ticket with the reason, and counted.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit
from app.accounts.tuning import tuned
from app.core import clock
from app.core.config import Settings
from app.core.db import once
from app.core.system import System
from app.flows.post import Post, queue_mail
from app.flows.record import record
from app.outbox import caps, suppression
from app.outbox.caps import Caps
from app.texts.catalogue import supported
from app.texts.mails import MailText, acknowledgement
from app.tickets import service
from app.tickets.messages import Entry, add_message
from app.tickets.models import MessageKind, Ticket
from app.tickets.service import Doer
from channels.contract import Authentication, Automatic, ChannelName, InboundMessage, Party


def queue(session: Session, system: System, ticket: Ticket, message: InboundMessage) -> None:
    """Queue the receipt; nothing to machines, and nothing when the sender is in doubt, forged or has had enough."""
    at = clock.now()
    if withheld := _why_not(session, message, _caps(tuned(session, system.settings))) or _had_one(session, message):
        record(session, ticket, service.withhold_acknowledgement(ticket, Doer(None, at), why=withheld))
        return
    to = Party(message.sender.address if message.sender else "")  # the name may be an advertisement
    language, text = _text(session, ticket)
    said = Entry(MessageKind.ACKNOWLEDGEMENT, ChannelName.EMAIL, at, body=text.text, subject=text.subject)
    row = add_message(session, ticket.id, said)
    answers = (message.hints.message_id,) if message.hints.message_id else ()
    post = Post(to=to, text=text, language=language, not_before=at, is_automatic=True, answers=answers)
    queue_mail(session, system, ticket, row, post)
    record(session, ticket, service.acknowledge(ticket, row, Doer(None, at)))


def _text(session: Session, ticket: Ticket) -> tuple[str, MailText]:
    """The language of the receipt and its words: of the unit and the authority alone, none of the sender's."""
    unit = session.get_one(Unit, ticket.unit_id)
    authority = once(session, "authority", lambda: session.get_one(Authority, 1))
    language = supported(ticket.language, unit.language)
    text = acknowledgement(
        language,
        reference=ticket.reference,
        due_at=ticket.due_at,
        timezone=ZoneInfo(unit.timezone),
        unit_name=unit.name(language),
        authority_name=str(authority.names.get(language, "")),
    )
    return language, text


def _had_one(session: Session, message: InboundMessage) -> str:
    """After a restored backup the sources bring once more what had its receipt before."""
    restored_at = once(session, "authority", lambda: session.get_one(Authority, 1)).restored_at
    return "restored" if restored_at and message.arrived_at <= restored_at else ""


def _caps(settings: Settings) -> Caps:
    return Caps(settings.receipts_per_address_day, settings.receipts_per_domain_hour, settings.receipts_per_hour)


def _why_not(session: Session, message: InboundMessage, allowed: Caps) -> str:
    """The reason to send none, as a short key; "" when one is due."""
    sender = message.sender
    if message.automatic is not Automatic.NO:
        return "a_machine"
    if sender is None or not sender.address or not message.sender_is_certain:
        return "sender_unknown"
    if message.authentication is Authentication.FAIL:
        return "sender_forged"
    if suppression.is_suppressed(session, sender.address):
        return "address_fails"
    reached = caps.reached(session, sender.address, allowed, at=clock.now())
    return f"{reached}_had_enough" if reached else ""

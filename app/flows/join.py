"""A message joins the ticket that it answers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import TokenError
from app.core.system import System
from app.flows.record import record
from app.intake import ledger
from app.intake.match import Candidate, Match, Verdict, decide
from app.intake.models import Fate, Inbound
from app.outbox import bounce_token
from app.outbox.models import OutboxRow
from app.people import service as people
from app.people.models import ContactKind
from app.tickets import queries, reply_token, service
from app.tickets.messages import Entry, add_message, attach
from app.tickets.models import Message, MessageKind, Ticket
from app.tickets.service import Doer
from channels.contract import InboundMessage


def find(session: Session, system: System, message: InboundMessage) -> Match:
    """Which ticket the message belongs to, and how sure that is."""
    return decide(
        message.sender.address if message.sender else "",
        _candidates(session, system, message),
        sender_is_certain=message.sender_is_certain,
        authentication=message.authentication,
    )


def take(session: Session, system: System, entry: Inbound, message: InboundMessage, match: Match) -> Message:
    """The message is the ticket's newest: what waited goes on, what was resolved is open again."""
    ticket = queries.surviving(session, match.ticket_id or 0)
    joined = add_inbound(session, system, ticket, entry, message, kind=MessageKind.CITIZEN)
    joined.is_confirmed = match.verdict is Verdict.JOIN
    events = service.citizen_wrote(ticket, joined, Doer(None, clock.now()))
    record(session, ticket, events, said=joined, filenames=[file.filename for file in message.attachments])
    ledger.settle(entry, Fate.JOINED, reason=match.by, ticket_id=ticket.id, message_id=joined.id)
    return joined


def take_auto_reply(session: Session, system: System, entry: Inbound, message: InboundMessage) -> None:
    """An out-of-office is noted on the ticket that it answers; one that answers nothing of ours needs nobody."""
    match = find(session, system, message)
    if match.verdict not in {Verdict.JOIN, Verdict.JOIN_UNCONFIRMED} or match.ticket_id is None:
        ledger.settle(entry, Fate.IGNORED, reason=f"auto_reply: {message.automatic_why}")
        return
    ticket = queries.surviving(session, match.ticket_id)
    noted = add_inbound(session, system, ticket, entry, message, kind=MessageKind.AUTO_REPLY)
    record(session, ticket, service.machine_wrote(ticket, noted, Doer(None, clock.now())), said=noted)
    ledger.settle(entry, Fate.JOINED, reason="auto_reply", ticket_id=ticket.id, message_id=noted.id)


def add_inbound(
    session: Session, system: System, ticket: Ticket, entry: Inbound, message: InboundMessage, *, kind: MessageKind
) -> Message:
    """The message with its files, as an entry of the ticket's timeline."""
    sender = message.sender
    session.flush()  # the ledger's row needs a number
    row = add_message(
        session,
        ticket.id,
        Entry(
            kind=kind,
            channel=message.channel,
            at=message.arrived_at,
            subject=message.subject,
            body=message.text,
            quoted=message.quoted,
            html=message.html,
            person_id=ticket.person_id,
            sender=sender.address if sender else "",
            sender_name=sender.name if sender else "",
            message_id=message.hints.message_id,
            inbound_id=entry.id,
            problems=message.problems,
        ),
    )
    attach(session, system.settings.data_dir, row, message.attachments)
    return row


def _candidates(session: Session, system: System, message: InboundMessage) -> list[Candidate]:
    """The tickets the message points at: by our token, by a message it answers, by a reference in it."""
    by_token = [ticket for token in message.hints.tokens if (ticket := _by_token(session, system, token))]
    answered = queries.by_mail_ids(session, message.hints.answered_ids)
    by_message = [queries.surviving(session, row.ticket_id) for row in answered]
    referred = queries.by_references(session, message.hints.references_in_text)
    by_reference = [_survivor(session, ticket) for ticket in referred]
    found = [("token", by_token), ("message", by_message), ("reference", by_reference)]
    return [Candidate(ticket.id, by, _participants(session, ticket)) for by, tickets in found for ticket in tickets]


def _by_token(session: Session, system: System, text: str) -> Ticket | None:
    """The ticket of a reply address, or of a bounce address: machines answer to that one (RFC 3834 section 4)."""
    if (row_id := bounce_token.read(system.settings.secret_key, text)) is not None:
        row = session.get(OutboxRow, row_id)
        return _survivor(session, session.get_one(Ticket, row.ticket_id)) if row else None
    try:
        token = reply_token.read(system.settings.secret_key, text, at=clock.now())
    except TokenError:
        return None
    tickets = queries.by_references(session, [token.reference])
    return _survivor(session, tickets[0]) if tickets else None


def _survivor(session: Session, ticket: Ticket) -> Ticket:
    """The ticket that the messages of this one went to, if it was merged."""
    return ticket if ticket.merged_into is None else session.get_one(Ticket, ticket.merged_into)


def _participants(session: Session, ticket: Ticket) -> frozenset[str]:
    if ticket.person_id is None:
        return frozenset()
    return frozenset(people.addresses(session, ticket.person_id, ContactKind.EMAIL))

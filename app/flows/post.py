"""Puts a mail into the outbox: from the ticket's unit, answerable by a signed address, threaded to what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit
from app.core import clock
from app.core.system import System
from app.outbox.models import Delivery, OutboxRow
from app.people import service as people
from app.people.models import ContactKind
from app.texts.mails import MailText
from app.tickets import queries, reply_token
from app.tickets.models import Message, Ticket
from app.tickets.reply_token import ReplyToken
from channels.contract import ChannelName, Party
from channels.email.threads import new_message_id


@dataclass(frozen=True)
class Post:
    """A mail to queue: to whom, its text, and the instant before which it stays undoable."""

    to: Party
    text: MailText
    language: str
    not_before: datetime
    is_automatic: bool = False


def queue_mail(session: Session, system: System, ticket: Ticket, message: Message, post: Post) -> OutboxRow:
    """The outbox row of a message; the message gets the Message-ID that the mail will have on every try."""
    unit = session.get_one(Unit, ticket.unit_id)
    domain = session.get_one(Authority, 1).domain
    answered = _answered(session, ticket.id)  # before the message has a name of its own, which it does not answer
    message.message_id = new_message_id(domain)
    row = OutboxRow(
        ticket_id=ticket.id,
        message_id=message.id,
        channel=ChannelName.EMAIL,
        at=message.at,
        state=Delivery.QUEUED,
        not_before=post.not_before,
        is_automatic=post.is_automatic,
        to_address=post.to.address,
        to_name=post.to.name,
        from_address=unit.mailbox,
        from_name=unit.name(post.language),
        reply_to=_reply_address(session, system, ticket, unit.mailbox, post.to.address),
        subject=post.text.subject,
        text=post.text.text,
        html=post.text.html,
        language=post.language,
        mail_id=message.message_id,
        answered_ids=answered,
    )
    session.add(row)
    session.flush()
    return row


def _reply_address(session: Session, system: System, ticket: Ticket, mailbox: str, to: str) -> str:
    contact = people.find_contact(session, ContactKind.EMAIL, to)
    token = ReplyToken(ticket.reference, contact.id if contact else 0)
    local, _, domain = mailbox.partition("@")
    return f"{local}+{reply_token.sign(system.settings.secret_key, token, at=clock.now())}@{domain}"


def _answered(session: Session, ticket_id: int) -> list[str]:
    """What it answers first, then the rest of the thread from newest to oldest, at most ten."""
    last = queries.last_citizen_message(session, ticket_id, ChannelName.EMAIL)
    thread = queries.mail_ids(session, ticket_id)
    first = [last.message_id] if last and last.message_id else []
    return [*first, *(mail_id for mail_id in thread if mail_id not in first)][:10]

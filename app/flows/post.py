"""Puts a mail into the outbox: from the ticket's unit, answerable by a signed address, threaded to what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit
from app.core import clock
from app.core.db import once
from app.core.system import System
from app.outbox import caps
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
    answers: tuple[str, ...] = ()
    """the Message-IDs it is threaded to, where the caller knows them; else the ticket's thread"""


def queue_mail(session: Session, system: System, ticket: Ticket, message: Message, post: Post) -> OutboxRow:
    """The outbox row of a message; the message gets the Message-ID that the mail will have on every try."""
    unit = session.get_one(Unit, ticket.unit_id)
    message.message_id = new_mail_id(session)
    row = OutboxRow(
        ticket_id=ticket.id,
        message_id=message.id,
        channel=ChannelName.EMAIL,
        at=message.at,
        state=Delivery.QUEUED,
        not_before=post.not_before,
        is_automatic=post.is_automatic,
        to_address=post.to.address,
        to_key=caps.folded(post.to.address),
        to_domain=caps.domain_of(post.to.address),
        to_name=post.to.name,
        from_address=unit.mailbox,
        from_name=unit.name(post.language),
        reply_to=_reply_address(session, system, ticket, unit.mailbox, post.to.address),
        subject=post.text.subject,
        text=post.text.text,
        html=post.text.html,
        language=post.language,
        mail_id=message.message_id,
        answered_ids=list(post.answers or _answered(session, ticket.id, message.message_id)),
    )
    session.add(row)
    session.flush()
    return row


def _reply_address(session: Session, system: System, ticket: Ticket, mailbox: str, to: str) -> str:
    token = ReplyToken(ticket.reference, people.contact_id(session, ContactKind.EMAIL, to) or 0)
    local, _, domain = mailbox.partition("@")
    return f"{local}+{reply_token.sign(system.settings.secret_key, token, at=clock.now())}@{domain}"


def new_mail_id(session: Session) -> str:
    """A Message-ID of the authority's own."""
    return new_message_id(once(session, "domain", lambda: session.get_one(Authority, 1).domain))


def _answered(session: Session, ticket_id: int, own_id: str) -> list[str]:
    """What it answers first, then the rest of the thread from newest to oldest, at most ten; never itself."""
    last = queries.last_citizen_message(session, ticket_id, ChannelName.EMAIL)
    thread = queries.mail_ids(session, ticket_id)
    first = [last.message_id] if last and last.message_id else []
    return [*first, *(mail_id for mail_id in thread if mail_id not in {*first, own_id})][:10]

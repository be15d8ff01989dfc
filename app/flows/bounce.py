"""A delivery report: the message that it speaks of is marked, and nobody is answered.

A report that comes to a message's own bounce address is about that message, whatever it says. Without that a Message-ID
of ours finds it, unless the report names another recipient: the number was known to everybody who saw the mail.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.system import System
from app.flows.join import add_inbound
from app.flows.record import record
from app.intake import ledger
from app.intake.models import Fate, Inbound
from app.outbox import bounce_token, suppression
from app.outbox import service as outbox
from app.outbox.models import OutboxRow
from app.tickets import queries, service
from app.tickets.models import Message, MessageKind
from app.tickets.service import Doer
from channels.contract import InboundMessage

UNNAMED = "5.0.0"
"""the status of a report that gives none (RFC 3463)"""


def take(session: Session, system: System, entry: Inbound, message: InboundMessage) -> None:
    """The failed message of ours is shown as failed on its ticket; a report about anything else needs nobody."""
    found = _failed_row(session, system, message)
    if found is None:
        ledger.settle(entry, Fate.IGNORED, reason="bounce_of_unknown_message")
        return
    ticket = queries.surviving(session, found.ticket_id)
    row = session.get_one(OutboxRow, found.id, populate_existing=True)
    at, status = clock.now(), message.hints.failed_status or UNNAMED
    outbox.give_up(row, reason=f"bounced {status}")
    suppression.note_failure(session, row.to_address, status=status, at=at)
    report = add_inbound(session, system, ticket, entry, message, kind=MessageKind.BOUNCE)
    failed = session.get_one(Message, row.message_id)
    events = service.delivery_failed(ticket, failed, Doer(None, at), reason="bounced")
    record(session, ticket, events, said=report)
    ledger.settle(entry, Fate.JOINED, reason="bounce", ticket_id=ticket.id, message_id=report.id)


def _failed_row(session: Session, system: System, message: InboundMessage) -> OutboxRow | None:
    named = (bounce_token.read(system.settings.secret_key, token) for token in message.hints.tokens)
    if (row_id := next((row_id for row_id in named if row_id is not None), None)) is not None:
        return session.get(OutboxRow, row_id)
    ids = message.hints.failed_message_ids + message.hints.answered_ids
    row = session.scalar(select(OutboxRow).where(OutboxRow.mail_id.in_(ids)).limit(1)) if ids else None
    recipients = message.hints.failed_recipients
    return row if row is None or not recipients or row.to_address in recipients else None

"""A delivery report: the message that it speaks of is marked, and nobody is answered."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.system import System
from app.flows.join import add_inbound
from app.flows.record import record
from app.intake import ledger
from app.intake.models import Fate, Inbound
from app.outbox.models import Delivery, OutboxRow
from app.tickets import queries, service
from app.tickets.models import Message, MessageKind
from app.tickets.service import Doer
from channels.contract import InboundMessage


def take(session: Session, system: System, entry: Inbound, message: InboundMessage) -> None:
    """The failed message of ours is shown as failed on its ticket; a report about anything else needs nobody."""
    row = _failed_row(session, message)
    if row is None:
        ledger.settle(entry, Fate.IGNORED, reason="bounce_of_unknown_message")
        return
    ticket = queries.locked(session, row.ticket_id)
    row.state, row.failure = Delivery.FAILED, "It came back: the address does not take mail."
    report = add_inbound(session, system, ticket, entry, message, kind=MessageKind.BOUNCE)
    failed = session.get_one(Message, row.message_id)
    events = service.delivery_failed(ticket, failed, Doer(None, clock.now()), reason="bounced")
    record(session, ticket, events, said=report)
    ledger.settle(entry, Fate.JOINED, reason="bounce", ticket_id=ticket.id, message_id=report.id)


def _failed_row(session: Session, message: InboundMessage) -> OutboxRow | None:
    ids = message.hints.failed_message_ids + message.hints.answered_ids
    return session.scalar(select(OutboxRow).where(OutboxRow.mail_id.in_(ids)).limit(1)) if ids else None

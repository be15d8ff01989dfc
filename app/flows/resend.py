"""A person decides about a mail that failed or is in doubt: send it once more, or say that it arrived, or leave it.

Sent once more it is the same mail with the same Message-ID, so that a mail program that has it shows it once.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows.record import record
from app.outbox import service as outbox
from app.outbox import suppression
from app.outbox.models import OutboxRow
from app.screens.access import workable
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.service import Doer


def resend(system: System, viewer: Viewer, reference: str, message_id: int) -> None:
    """The mail is on its way again, also to an address that mail came back from.

    Raises ConflictError when it is neither failed nor in doubt.
    """
    with system.db.begin() as session:
        ticket, row = _mail(session, viewer, reference, message_id)
        if not outbox.resend(row, at=clock.now()):
            raise ConflictError("Somebody has decided about this mail already, or it is on its way.")
        _lift(session, viewer, ticket, row.to_address)
        record(session, ticket, service.resend(ticket, message_id, _doer(viewer)))
    system.nudge(Queue.OUTBOX)


def confirm_arrival(system: System, viewer: Viewer, reference: str, message_id: int) -> None:
    """A mail in doubt has arrived, as somebody knows. Raises ConflictError when it is not in doubt."""
    with system.db.begin() as session:
        ticket, row = _mail(session, viewer, reference, message_id)
        if not outbox.has_arrived(row):
            raise ConflictError("Somebody has decided about this mail already, or it is on its way.")
        record(session, ticket, service.delivery_confirmed(ticket, message_id, _doer(viewer)))


def see_to(system: System, viewer: Viewer, reference: str, message_id: int) -> None:
    """Somebody has seen to a mail that failed, in another way. Raises ConflictError when nobody needs to."""
    with system.db.begin() as session:
        ticket, row = _mail(session, viewer, reference, message_id)
        if not row.needs_person:
            raise ConflictError("Somebody has decided about this mail already, or it is on its way.")
        row.needs_person = False
        audit.note(
            session, "delivery_seen_to", at=clock.now(), user_id=viewer.user_id, ticket_id=ticket.id, message=message_id
        )


def mail_again(system: System, viewer: Viewer, reference: str, address: str) -> None:
    """Mail to an address of the ticket's citizen leaves again, although it came back before."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        _lift(session, viewer, ticket, address)


def _mail(session: Session, viewer: Viewer, reference: str, message_id: int) -> tuple[Ticket, OutboxRow]:
    ticket = workable(session, viewer, reference)
    query = select(OutboxRow).where(OutboxRow.ticket_id == ticket.id, OutboxRow.message_id == message_id)
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFoundError("There is no such mail.")
    return ticket, row


def _lift(session: Session, viewer: Viewer, ticket: Ticket, address: str) -> None:
    if suppression.lift(session, address):
        audit.note(session, "mail_again", at=clock.now(), user_id=viewer.user_id, ticket_id=ticket.id)


def _doer(viewer: Viewer) -> Doer:
    return Doer(viewer.user_id, clock.now())

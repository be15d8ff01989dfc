"""An agent takes an answer back before it leaves: the clock runs as if it had never been."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, NotFoundError
from app.core.system import System
from app.flows.record import record
from app.outbox import service as outbox
from app.outbox.models import OutboxRow
from app.screens.access import workable
from app.tickets import queries, service
from app.tickets.models import Message
from app.tickets.service import Doer


def undo(system: System, viewer: Viewer, reference: str, message_id: int) -> str:
    """The text of the answer taken back, for the composer. Raises ConflictError when it has left already."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        row = session.scalar(
            select(OutboxRow).where(OutboxRow.ticket_id == ticket.id, OutboxRow.message_id == message_id)
        )
        if row is None or row.is_automatic:
            raise NotFoundError("There is no such answer.")
        if not outbox.undo(session, row.id):
            raise ConflictError("Too late: the answer has left.")
        message = session.get_one(Message, message_id)
        history = queries.history(session, ticket.id)
        record(session, ticket, service.undo_answer(ticket, message, history, Doer(viewer.user_id, clock.now())))
        return message.body

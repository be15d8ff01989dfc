"""An agent writes an internal note, or the note of a call."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError
from app.core.nudge import Queue
from app.core.system import System
from app.flows.follow import mention
from app.flows.record import record
from app.screens.access import workable
from app.search import service as search
from app.tickets import drafts, service
from app.tickets.drafts import Mode
from app.tickets.messages import LONGEST_TEXT, Entry, add_message
from app.tickets.models import Message, MessageKind, Ticket
from app.tickets.service import Doer
from app.tickets.states import Step, allows


def note(system: System, viewer: Viewer, reference: str, body: str, *, draft_revision: int = 0) -> int:
    """The new note's id; the citizen never sees it. Raises InvalidInputError for an empty one."""
    _check(body)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        doer = Doer(viewer.user_id, clock.now())
        said = Entry(MessageKind.NOTE, ticket.channel, doer.at, body=body, author_id=viewer.user_id)
        message = add_message(session, ticket.id, said)
        mention(session, viewer, ticket, message)
        record(session, ticket, service.note(ticket, message, doer), said=message)
        drafts.finish(session, ticket.id, viewer.user_id, Mode.NOTE, body=body, revision=draft_revision)
        return message.id


def note_call(
    system: System, viewer: Viewer, reference: str, body: str, *, resolve: bool, draft_revision: int = 0
) -> None:
    """What the caller asked and was told, on the ticket's call; may resolve it in the same stroke."""
    _check(body)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        doer = Doer(viewer.user_id, clock.now())
        message = _newest_call(session, ticket)
        before = search.searchable(ticket, message)
        events = service.note(ticket, message, doer)
        if resolve and allows(ticket.state, Step.RESOLVE):
            events += service.resolve(ticket, doer)
        message.body, message.author_id = body, viewer.user_id
        ticket.asked_in, ticket.suggested_for = message.id, None
        mention(session, viewer, ticket, message)
        record(session, ticket, events)
        search.reindex_message(session, ticket, message, before=before)
        drafts.finish(session, ticket.id, viewer.user_id, Mode.CALL, body=body, revision=draft_revision)
    system.nudge(Queue.SUGGEST)


def _newest_call(session: Session, ticket: Ticket) -> Message:
    query = select(Message).where(Message.ticket_id == ticket.id, Message.kind == MessageKind.CALL)
    message = session.scalar(query.order_by(Message.id.desc()).limit(1))
    if message is None:
        raise ConflictError("There was no call on this ticket.")
    return message


def _check(body: str) -> None:
    if not body.strip():
        raise InvalidInputError({"body": "Write the note first."})
    if len(body) > LONGEST_TEXT:
        raise InvalidInputError({"body": "The text is too long: at most 50,000 characters."})

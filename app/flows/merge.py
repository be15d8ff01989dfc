"""Two tickets about one thing become one: the messages of the first go on in the second, and its wait with them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.calls.models import Call
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows.moving import move_messages
from app.flows.record import record
from app.outbox.models import Delivery, OutboxRow
from app.screens.access import workable, worked_on
from app.sla.effects import facts
from app.sla.facts import unanswered_since
from app.texts.catalogue import N_
from app.tickets import drafts, following, labels, queries, regroup, service
from app.tickets.models import Message, Ticket
from app.tickets.service import Doer

LEAVING = (Delivery.QUEUED, Delivery.CLAIMED, Delivery.TO_PRINT)


class OtherCitizenError(ConflictError):
    """The two tickets are of different citizens: answers would reach only one of them. `names` are theirs."""

    def __init__(self) -> None:
        super().__init__(N_("The two tickets are of different citizens."))


def merge(system: System, viewer: Viewer, reference: str, *, into: str, reason: str, is_sure: bool = False) -> str:
    """Merge a ticket into another one; that one's reference.

    `is_sure` says that the two may be of different citizens. Raises InvalidInputError naming the faulty field,
    OtherCitizenError, or ConflictError while an answer of the ticket has not left.
    """
    reason = regroup.reason_of(reason)
    with system.db.begin() as session:
        source, target = _both(session, viewer, reference, into)
        if _is_leaving(session, source):
            raise ConflictError(N_("An answer of this ticket is on its way. Merge it when the answer has left."))
        if source.person_id != target.person_id and target.person_id is not None and not is_sure:
            raise OtherCitizenError()
        _merge(session, source, target, Doer(viewer.user_id, clock.now()), reason)
    system.nudge(Queue.SUGGEST)
    return target.reference


def _both(session: Session, viewer: Viewer, reference: str, into: str) -> tuple[Ticket, Ticket]:
    """Both tickets, held. They are held in the order of their numbers, so that two merges cannot wait for each other.

    Raises as `workable` does for the first, and InvalidInputError for the second.
    """
    source = worked_on(session, viewer, reference)
    try:
        target = worked_on(session, viewer, into)
    except (NotFoundError, ConflictError):
        raise InvalidInputError({"into": N_("You have no ticket with this number.")}) from None
    if source.id == target.id:
        raise InvalidInputError({"into": N_("This is the same ticket.")})
    for ticket in sorted((source, target), key=lambda ticket: ticket.id):
        queries.locked(session, ticket.id)
    return workable(session, viewer, source.reference), workable(session, viewer, target.reference)


def _is_leaving(session: Session, ticket: Ticket) -> bool:
    mine = select(OutboxRow.id).where(OutboxRow.ticket_id == ticket.id, ~OutboxRow.is_automatic)
    return session.scalar(mine.where(OutboxRow.state.in_(LEAVING)).limit(1)) is not None


def _merge(session: Session, source: Ticket, target: Ticket, doer: Doer, reason: str) -> None:
    since, asked_in = unanswered_since(facts(queries.history(session, source.id))), source.asked_in
    events = regroup.merge(
        target, doer, source=source, waiting_since=since, asked_in=asked_in if since else None, reason=reason
    )
    if target.person_id is None and source.person_id is not None:
        events += service.identify(target, doer, person_id=source.person_id)
    _ask_the_newest(session, target, [one for one in (target.asked_in, asked_in) if one is not None])
    messages = session.scalars(select(Message).where(Message.ticket_id == source.id)).all()
    move_messages(session, source, target, messages)
    session.execute(update(Call).where(Call.ticket_id == source.id).values(ticket_id=target.id))
    session.execute(update(Ticket).where(Ticket.merged_into == source.id).values(merged_into=target.id))
    drafts.move(session, source.id, target.id, at=doer.at)
    labels.move(session, source.id, target.id)
    following.move(session, source.id, target.id, at=doer.at)
    record(session, source, regroup.merge_away(source, doer, into=target, reason=reason))
    record(session, target, events)


def _ask_the_newest(session: Session, target: Ticket, asked_in: Collection[int]) -> None:
    """Suggestions answer the citizen's newest message of both tickets."""
    query = select(Message.id).where(Message.id.in_(sorted(asked_in))).order_by(Message.at.desc(), Message.id.desc())
    newest = session.scalar(query.limit(1))
    if newest != target.asked_in:
        target.asked_in, target.suggested_for = newest, None

"""The tickets of somebody who leaves, or is away, go to colleagues or back to their units."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.administer import demand_administrator
from app.flows.assign import may_have, works_there
from app.flows.record import record
from app.texts.catalogue import N_
from app.tickets import queries, service
from app.tickets.models import Ticket
from app.tickets.service import Doer
from app.tickets.states import State

BATCH = 50
"""tickets a transaction: killed in between, the rest is still there to be handed over"""


def hand_over(system: System, viewer: Viewer, user_id: int, receivers: Mapping[int, int | None]) -> int:
    """Give a person's open tickets of each unit to a colleague there, or to nobody (None); how many. Audited.

    Units that are not named keep theirs. A ticket that the receiver may not know, as its citizen's identity is
    protected, is nobody's. Raises ForbiddenError, NotFoundError, InvalidInputError naming the faulty `unit-<id>`.
    """
    demand_administrator(viewer)
    with system.db.read() as session:
        if session.get(User, user_id) is None:
            raise NotFoundError("There is no such person.")
        faults = {
            f"unit-{unit_id}": N_("Choose somebody of this unit.")
            for unit_id, to in receivers.items()
            if to is not None and (to == user_id or not works_there(session, to, unit_id))
        }
    if faults:
        raise InvalidInputError(faults)
    count = sum(_hand_over(system, viewer, user_id, unit_id, to) for unit_id, to in receivers.items())
    with system.db.begin() as session:
        given = {str(unit_id): to for unit_id, to in receivers.items()}
        audit.note(
            session, "tickets_handed_over", at=clock.now(), user_id=viewer.user_id, about=user_id, to=given, count=count
        )
    return count


def _hand_over(system: System, viewer: Viewer, user_id: int, unit_id: int, to: int | None) -> int:
    theirs = select(Ticket.id).where(
        Ticket.assignee_id == user_id, Ticket.unit_id == unit_id, Ticket.state != State.RESOLVED
    )
    count = 0
    while True:
        with system.db.begin() as session:
            ids = session.scalars(theirs.order_by(Ticket.id).limit(BATCH)).all()
            count += sum(_give(session, viewer, ticket_id, unit_id, user_id, to) for ticket_id in ids)
        if len(ids) < BATCH:
            return count


def _give(session: Session, viewer: Viewer, ticket_id: int, unit_id: int, user_id: int, to: int | None) -> int:
    """Give one; 0 when it is no longer theirs."""
    ticket = queries.locked(session, ticket_id)
    if (ticket.assignee_id, ticket.unit_id) != (user_id, unit_id) or ticket.state == State.RESOLVED:
        return 0
    receiver = to if to is not None and may_have(session, to, ticket) else None
    record(session, ticket, service.assign(ticket, Doer(viewer.user_id, clock.now()), to=receiver))
    return 1

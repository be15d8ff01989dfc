"""Changed hours and targets go to a unit's open tickets: an event for each, from the moment at which it gets it.

A worker takes some at a time, each batch in one transaction that also notes how far it has come: nothing is done twice,
and a worker that is killed leaves the rest to the next one.
"""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.flows.record import record
from app.sla import service as sla
from app.sla.models import RolloutRow
from app.tickets import service
from app.tickets.events import EventKind
from app.tickets.models import Ticket
from app.tickets.service import Doer
from app.tickets.states import State

log = get_logger(__name__)
AT_ONCE = 100


def order(session: Session, unit_id: int, user_id: int, *, hours: bool = False, targets: bool = False) -> None:
    """Let the unit's newest hours or targets apply to its open tickets too, in the caller's transaction.

    What is not ordered the tickets keep. An order that is still on its way begins anew: what it gave the first tickets
    is not the newest any more.
    """
    waiting = select(RolloutRow).where(RolloutRow.unit_id == unit_id, RolloutRow.done_at.is_(None)).with_for_update()
    row = session.scalar(waiting) or RolloutRow(unit_id=unit_id, hours=False, targets=False, changed=0)
    row.hours, row.targets = row.hours or hours, row.targets or targets
    row.user_id, row.ordered_at, row.through_id = user_id, clock.now(), 0
    session.add(row)


def run(system: System) -> int:
    """Give the newest terms to every ticket that waits for them; to how many."""
    done = 0
    while (some := _step(system)) is not None:
        done += some
    return done


def _step(system: System) -> int | None:
    """The next batch of the oldest order; None when there is none, or another worker has it."""
    with system.db.begin() as session:
        waiting = select(RolloutRow).where(RolloutRow.done_at.is_(None)).order_by(RolloutRow.id).limit(1)
        row = session.scalar(waiting.with_for_update(skip_locked=True))
        if row is None:
            return None
        tickets = session.scalars(_next(row)).all()
        changed = sum(_change(session, ticket, row) for ticket in tickets)
        row.changed += changed
        row.through_id = tickets[-1].id if tickets else row.through_id
        if len(tickets) < AT_ONCE:
            row.done_at = clock.now()
            log.info("rolled_out", unit=row.unit_id, changed=row.changed)
        return changed


def _next(row: RolloutRow) -> Select[Ticket]:
    open_ones = select(Ticket).where(
        Ticket.unit_id == row.unit_id, Ticket.state != State.RESOLVED, Ticket.id > row.through_id
    )
    return open_ones.order_by(Ticket.id).limit(AT_ONCE).with_for_update(of=Ticket)


def _change(session: Session, ticket: Ticket, row: RolloutRow) -> bool:
    """Give a ticket what was ordered of the terms of now, unless it has them."""
    newest = sla.terms(session, ticket.unit_id, ticket.channel)
    kept = sla.terms_of(session, ticket.id) or newest
    ordered = {name for name in newest if (row.hours if name == "calendar" else row.targets)}
    terms = {**kept, **{name: newest[name] for name in ordered}}
    if terms == kept:
        return False
    doer = Doer(row.user_id, clock.now())
    record(session, ticket, [service.event(ticket, EventKind.TERMS_CHANGED, doer, data={"terms": terms})])
    return True

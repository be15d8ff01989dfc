"""The stored clocks against the events: nothing differs by itself, what differs is named and can be put right."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from app.core.db import Database
from app.core.system import System
from app.flows import close, transfer
from app.flows.verify_clocks import rebuild_clocks, verify_clocks
from app.sla.check import disagreements
from app.sla.models import ClockRow, StintRow
from app.tickets.models import Ticket
from tests.factories import Authority, arrives, mail
from tests.report_world import NOW, World, store


@pytest.fixture
def worked(system: System, authority: Authority) -> int:
    """A ticket that was moved, waits and so has two clocks and two stints."""
    ticket_id = arrives(system, mail()).ticket_id
    assert ticket_id is not None
    reference = authority.ticket(ticket_id).reference
    nils = authority.viewers["nils"]
    close.pause(system, nils, reference, reason="citizen")
    close.resume(system, nils, reference)
    transfer.transfer(system, nils, reference, to=authority.units["southern"].id, reason="Deras")
    return ticket_id


def test_the_clocks_of_random_tickets_are_what_their_events_say_however_late_one_looks(database: Database) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    store(database, World(seed).stories(1_200))
    seen: list[int] = []
    for later in (timedelta(), timedelta(days=90)):
        with database.read() as session:
            found = disagreements(session, now=NOW + later, progress=lambda _what, count: seen.append(count))
            assert [str(one) for one in found] == []
    assert seen == [500, 1000, 1200] * 2


def test_what_a_working_day_leaves_agrees(system: System, worked: int) -> None:
    assert list(verify_clocks(system)) == []


@pytest.mark.parametrize("what", ["due", "result", "no clock", "another clock", "no stint", "ticket"])
def test_what_was_changed_behind_the_events_back_is_named_and_put_right(system: System, worked: int, what: str) -> None:
    with system.db.begin() as session:
        first = session.scalars(select(ClockRow).where(ClockRow.ticket_id == worked)).first()
        assert first is not None
        assert first.due_at is not None
        match what:
            case "due":
                first.due_at += timedelta(seconds=1)
            case "result":
                first.stopped_at, first.result = first.started_at, "met"
            case "no clock":
                session.delete(first)
            case "another clock":
                values = {c.name: getattr(first, c.name) for c in ClockRow.__table__.columns if c.name != "id"}
                session.add(ClockRow(**{**values, "instance": 7}))
            case "no stint":
                session.execute(delete(StintRow).where(StintRow.ticket_id == worked))
            case "ticket":
                session.execute(update(Ticket).values(due_at=None))
    found = list(verify_clocks(system))
    assert {one.ticket_id for one in found} == {worked}
    assert all(f"ticket {worked}: " in str(one) for one in found)
    rebuild_clocks(system, worked)
    assert list(verify_clocks(system)) == []

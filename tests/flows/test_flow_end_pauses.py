"""Pauses that end by themselves: at the instant that was set, once, and only the pause that it was set for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows import close
from app.flows.end_pauses import end_pauses
from app.flows.verify_clocks import verify_clocks
from app.sla.facts import Metric
from app.sla.models import ClockRow
from app.tickets.pauses import PauseEnd
from tests.factories import MONDAY, Authority, arrives, mail

NOON = MONDAY + timedelta(hours=3)


class Waiting:
    """A ticket of the north in the hands of Nils."""

    def __init__(self, system: System, authority: Authority) -> None:
        self.system, self.nils = system, authority.viewers["nils"]
        self.authority, self.id = authority, arrives(system, mail()).ticket_id
        self.reference = authority.ticket(self.id).reference

    def pause(self, until: datetime | None = NOON) -> None:
        close.pause(self.system, self.nils, self.reference, reason="citizen", until=until)

    def state(self) -> str:
        return self.authority.ticket(self.id).state

    def clock(self) -> ClockRow:
        with self.system.db.read() as session:
            of_ticket = select(ClockRow).where(ClockRow.ticket_id == self.id, ClockRow.metric == Metric.RESOLUTION)
            return session.scalars(of_ticket).one()

    def ends(self) -> list[datetime]:
        with self.system.db.read() as session:
            return list(session.scalars(select(PauseEnd.ends_at)))


@pytest.fixture
def waiting(system: System, authority: Authority, at: time_machine.Coordinates) -> Waiting:
    at.move_to(MONDAY)
    return Waiting(system, authority)


def test_it_ends_at_its_instant_however_late_a_worker_looks(waiting: Waiting, at: time_machine.Coordinates) -> None:
    before = waiting.clock().due_at
    waiting.pause()
    assert end_pauses(waiting.system) == 0
    assert (waiting.state(), waiting.clock().due_at) == ("waiting", None)
    at.move_to(NOON + timedelta(hours=1))
    assert end_pauses(waiting.system) == 1
    assert end_pauses(waiting.system) == 0
    assert waiting.state() == "open"
    assert before is not None
    assert (waiting.clock().lost_s, waiting.ends()) == (3 * 3600, [])
    assert waiting.clock().due_at == datetime.fromisoformat("2026-11-20T11:00+01:00")
    assert list(verify_clocks(waiting.system)) == []


def test_one_that_ended_before_and_began_anew_goes_on(waiting: Waiting, at: time_machine.Coordinates) -> None:
    waiting.pause()
    close.resume(waiting.system, waiting.nils, waiting.reference)
    waiting.pause(None)
    at.move_to(NOON + timedelta(hours=1))
    assert end_pauses(waiting.system) == 0
    assert (waiting.state(), waiting.ends()) == ("waiting", [])
    assert list(verify_clocks(waiting.system)) == []


def test_a_resolved_ticket_is_left_alone(waiting: Waiting, at: time_machine.Coordinates) -> None:
    waiting.pause()
    close.resolve(waiting.system, waiting.nils, waiting.reference)
    at.move_to(NOON)
    assert end_pauses(waiting.system) == 0
    assert (waiting.state(), waiting.ends()) == ("resolved", [])


@pytest.mark.parametrize("until", [MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=400)])
def test_a_time_that_is_past_or_too_far_is_refused(waiting: Waiting, until: datetime) -> None:
    with pytest.raises(InvalidInputError) as told:
        waiting.pause(until)
    assert set(told.value.fields) == {"until"}
    assert waiting.state() == "new"

"""Putting a ticket aside hides it, with a reason and an end, and never touches a clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core import clock
from app.core.errors import ConflictError, InvalidInputError
from app.core.system import System
from app.flows import close, snooze, transfer
from app.screens.rail import read_rail
from app.screens.ticket_filter import TicketFilter
from app.screens.ticket_list import read_list
from app.sla.models import ClockRow
from app.tickets.models import Event, Ticket
from tests.factories import MONDAY, Authority, arrives, mail

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(system: System, authority: Authority, at: time_machine.Coordinates) -> Ticket:
    return authority.ticket(arrives(system, mail()).ticket_id)


def listed(system: System, authority: Authority, **wanted: str) -> int:
    with system.db.read() as session:
        viewer = authority.viewers["nils"]
        zone = clock.now().astimezone().tzinfo
        shown = read_list(session, TicketFilter.parse(wanted), viewer, now=clock.now(), zone=zone)  # type: ignore[arg-type]
        rail = read_rail(session, viewer, now=clock.now())
        assert (rail.aside if wanted else rail.all) == shown.total
        return shown.total


def clocks(system: System) -> list[tuple[object, ...]]:
    with system.db.read() as session:
        return [tuple(row) for row in session.execute(select(ClockRow.__table__).order_by(ClockRow.id))]


def put(system: System, authority: Authority, ticket: Ticket, until: datetime | None, reason: str = "Väntar") -> None:
    snooze.snooze(system, authority.viewers["nils"], ticket.reference, until=until, reason=reason)


def test_it_leaves_the_lists_and_comes_back_by_itself_and_no_clock_moves(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    before = clocks(system)
    assert (listed(system, authority), listed(system, authority, aside="yes")) == (1, 0)
    put(system, authority, ticket, MONDAY + HOUR)
    assert (listed(system, authority), listed(system, authority, aside="yes")) == (0, 1)
    assert clocks(system) == before
    at.move_to(MONDAY + HOUR)
    assert (listed(system, authority), listed(system, authority, aside="yes")) == (1, 0)
    assert clocks(system) == before


def test_it_is_back_before_its_clock_runs_out(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    put(system, authority, ticket, MONDAY + timedelta(days=20))
    soon_at = authority.ticket(ticket.id).soon_at
    assert soon_at is not None
    at.move_to(soon_at - timedelta(seconds=1))
    assert listed(system, authority) == 0
    at.move_to(soon_at)
    assert listed(system, authority) == 1


def test_what_happens_to_it_wakes_it(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    nils = authority.viewers["nils"]
    put(system, authority, ticket, MONDAY + HOUR)
    again = mail("En sak till", message_id="b@example.se", In_Reply_To="<first@example.se>")
    arrives(system, again, item_id="1:2")
    assert listed(system, authority) == 1
    put(system, authority, ticket, MONDAY + HOUR)
    snooze.wake(system, nils, ticket.reference)
    assert listed(system, authority) == 1
    put(system, authority, ticket, MONDAY + HOUR)
    close.resolve(system, nils, ticket.reference)
    close.reopen(system, nils, ticket.reference)
    assert listed(system, authority) == 1
    put(system, authority, ticket, MONDAY + HOUR)
    transfer.transfer(system, nils, ticket.reference, to=authority.units["southern"].id, reason="Finsk fråga")
    assert authority.ticket(ticket.id).snoozed_until is None
    with system.db.read() as session:
        kinds = session.scalars(select(Event.kind).where(Event.kind.in_(("snoozed", "woken"))).order_by(Event.id)).all()
    assert kinds == ["snoozed", "snoozed", "woken", "snoozed", "snoozed"]


@pytest.mark.parametrize(
    ("until", "reason", "fields"),
    [
        (None, "x", {"until"}),
        (MONDAY, "x", {"until"}),
        (MONDAY + timedelta(days=61), "x", {"until"}),
        (MONDAY + HOUR, " ", {"reason"}),
        (None, "", {"until", "reason"}),
    ],
)
def test_it_needs_a_time_and_a_reason(
    until: datetime | None, reason: str, fields: set[str], system: System, authority: Authority, ticket: Ticket
) -> None:
    with pytest.raises(InvalidInputError) as told:
        put(system, authority, ticket, until, reason)
    assert set(told.value.fields) == fields
    close.resolve(system, authority.viewers["nils"], ticket.reference)
    with pytest.raises(ConflictError):
        put(system, authority, ticket, MONDAY + HOUR)

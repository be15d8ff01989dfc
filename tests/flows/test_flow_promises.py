"""What a unit promises, changed in the desk: for tickets to come, and for the open ones where that is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.core import clock
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import calendars, close, promises, roll_out
from app.flows.calendars import HoursFacts
from app.flows.promises import PolicyFacts, PromiseFacts
from app.flows.verify_clocks import verify_clocks
from app.screens.effect_of_change import effect_of_change
from app.sla import service as sla
from app.sla.facts import Metric
from app.sla.models import ClockRow, PolicyRow, RolloutRow
from app.sla.service import calendar_in_force, policy_in_force
from app.tickets.events import EventKind
from app.tickets.models import Event
from tests.factories import MONDAY, Authority, arrives, mail

SINCE = date(2026, 1, 1)
FIRST, LAST = ("email", Metric.FIRST_RESPONSE), ("email", Metric.RESOLUTION)
TWO_HOURS = PolicyFacts(
    {FIRST: PromiseFacts("2", "hours", "85"), LAST: PromiseFacts("6", "months", "100 %")}, "SE", frozenset({"citizen"})
)


class Desk:
    """Nora's hands, who answers for the north."""

    def __init__(self, system: System, authority: Authority) -> None:
        self.system, self.authority = system, authority
        self.nora, self.north = authority.viewers["nora"], authority.units["north"].id

    def policy(self) -> PolicyRow:
        with self.system.db.read() as session:
            row = policy_in_force(session, self.north)
            assert row is not None
            return row

    def save(self, facts: PolicyFacts = TWO_HOURS, *, open_too: bool = False, seen: int | None = None) -> None:
        seen = self.policy().id if seen is None else seen
        promises.save(self.system, self.nora, self.north, facts, seen=seen, open_too=open_too)

    def arrives(self, number: int) -> int:
        raw = mail("Hej", message_id=f"m{number}@example.se", sender=f"c{number}@example.se")
        ticket_id = arrives(self.system, raw, item_id=f"1:{number}").ticket_id
        assert ticket_id is not None
        return ticket_id

    def due(self, ticket_id: int, metric: Metric = Metric.FIRST_RESPONSE) -> datetime | None:
        with self.system.db.read() as session:
            query = select(ClockRow.due_at).where(ClockRow.ticket_id == ticket_id, ClockRow.metric == metric)
            return session.scalar(query)

    def changed(self) -> list[int]:
        with self.system.db.read() as session:
            query = select(Event.ticket_id).where(Event.kind == EventKind.TERMS_CHANGED).order_by(Event.id)
            return list(session.scalars(query))


@pytest.fixture
def desk(system: System, authority: Authority, at: time_machine.Coordinates) -> Desk:
    at.move_to(MONDAY)
    return Desk(system, authority)


def test_tickets_to_come_get_it_and_open_ones_keep_what_they_were_promised(desk: Desk) -> None:
    before = desk.arrives(1)
    kept = desk.due(before)
    desk.save()
    after = desk.arrives(2)
    assert desk.due(before) == kept
    assert desk.due(after) == MONDAY + timedelta(hours=2)
    assert desk.due(after, Metric.RESOLUTION) == datetime.fromisoformat("2027-05-18T00:00+02:00")
    assert roll_out.run(desk.system) == 0
    with desk.system.db.read() as session:
        audited = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "policy_changed")).one()
    assert (audited["open_too"], audited["now"]) == (False, desk.policy().id)


def test_open_tickets_get_it_too_where_that_is_meant_each_once_and_from_then_on(
    desk: Desk, at: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_out, "AT_ONCE", 2)
    tickets = [desk.arrives(number) for number in range(1, 6)]
    resolved = tickets.pop(1)
    close.resolve(desk.system, desk.nora, desk.authority.ticket(resolved).reference)
    at.shift(timedelta(minutes=30))
    desk.save(open_too=True)
    assert Queue.ROLLOUT in desk.system.nudge.seen  # type: ignore[attr-defined]
    desk.arrives(9)
    assert roll_out.run(desk.system) == 4
    assert roll_out.run(desk.system) == 0
    assert desk.changed() == tickets
    assert {desk.due(ticket) for ticket in tickets} == {MONDAY + timedelta(hours=2)}
    assert list(verify_clocks(desk.system)) == []


def test_a_worker_killed_on_the_way_leaves_the_rest_to_the_next_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_out, "AT_ONCE", 2)
    tickets = [desk.arrives(number) for number in range(1, 6)]
    desk.save(open_too=True)
    assert roll_out._step(desk.system) == 2

    def die(*_told: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(roll_out, "_change", die)
        with pytest.raises(KeyboardInterrupt):
            roll_out.run(desk.system)
    assert roll_out.run(desk.system) == 3
    assert desk.changed() == tickets


def test_a_second_change_on_the_way_begins_anew_and_only_the_newest_counts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_out, "AT_ONCE", 2)
    tickets = [desk.arrives(number) for number in range(1, 5)]
    desk.save(open_too=True)
    roll_out._step(desk.system)
    three = replace(TWO_HOURS, promises={**TWO_HOURS.promises, FIRST: PromiseFacts("180", "minutes", "85")})
    desk.save(three, open_too=True)
    roll_out.run(desk.system)
    assert {desk.due(ticket) for ticket in tickets} == {MONDAY + timedelta(hours=3)}
    with desk.system.db.read() as session:
        assert session.scalars(select(RolloutRow.changed)).all() == [6]


def test_the_effect_shown_before_is_what_then_happens(desk: Desk, at: time_machine.Coordinates) -> None:
    tickets = [desk.arrives(number) for number in range(1, 5)]
    at.shift(timedelta(hours=3))
    before = {ticket: desk.due(ticket) for ticket in tickets}
    facts = replace(TWO_HOURS, promises={FIRST: PromiseFacts("210", "minutes", "85")})
    with desk.system.db.read() as session:
        effect = effect_of_change(session, desk.north, policy=promises.read(facts), now=clock.now())
    desk.save(facts, open_too=True)
    roll_out.run(desk.system)
    told = {desk.authority.ticket(ticket).reference: (before[ticket], desk.due(ticket)) for ticket in tickets}
    assert {one.reference: (one.before, one.after) for one in effect.hardest} == told
    assert (effect.earlier, effect.later, effect.late_at_once, effect.paused) == (4, 0, 0, 0)
    assert effect.running == effect.earlier + effect.unchanged
    two = promises.read(TWO_HOURS)
    with desk.system.db.read() as session:
        effect = effect_of_change(session, desk.north, policy=two, now=clock.now())
    assert effect.late_at_once == 4


def test_hours_that_open_tickets_follow_leave_them_their_targets(desk: Desk) -> None:
    ticket = desk.arrives(1)
    kept = desk.due(ticket)
    desk.save()
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-10:00")
    with desk.system.db.read() as session:
        row = calendar_in_force(session, desk.north)
        assert row is not None
        seen, targets = row.id, sla.terms_of(session, ticket)
    calendars.save(desk.system, desk.nora, desk.north, HoursFacts(week), seen=seen, since=SINCE, open_too=True)
    assert roll_out.run(desk.system) == 1
    with desk.system.db.read() as session:
        now = sla.terms_of(session, ticket)
    assert now is not None
    assert targets is not None
    assert now["calendar"] != targets["calendar"]
    assert {**now, "calendar": 0} == {**targets, "calendar": 0}
    assert kept is not None
    due = desk.due(ticket)
    assert due is not None
    assert due > kept
    assert list(verify_clocks(desk.system)) == []


def test_faults_are_named_each(desk: Desk) -> None:
    wrong = PolicyFacts(
        {
            FIRST: PromiseFacts("0", "hours", "85"),
            LAST: PromiseFacts("6", "months", "101"),
            ("phone", Metric.RESOLUTION): PromiseFacts("6", "months", "90"),
            ("email", Metric.UPDATE): PromiseFacts("1", "weeks", "90"),
            ("letter", Metric.FIRST_RESPONSE): PromiseFacts("", "", ""),
        },
        "XX",
        frozenset(),
    )
    with pytest.raises(InvalidInputError) as told:
        desk.save(wrong)
    assert set(told.value.fields) == {"email-first_response", "email-resolution", "email-update", "country"}


def test_who_does_not_answer_for_the_unit_changes_nothing_and_an_old_form_neither(desk: Desk) -> None:
    seen = desk.policy().id
    with pytest.raises(ForbiddenError):
        promises.save(desk.system, desk.authority.viewers["nils"], desk.north, TWO_HOURS, seen=seen, open_too=False)
    desk.save()
    with pytest.raises(ConflictError):
        desk.save(seen=seen)
    rows = desk.policy()
    desk.save()
    assert desk.policy().id == rows.id

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.calls.models import Call
from app.core.errors import ConflictError, NotFoundError
from app.core.system import System
from app.flows import call, note
from app.flows.contacts import Identity
from app.flows.identify import identify
from app.intake.models import Inbound
from app.people.models import ContactPoint, Person
from app.routing.models import Rule
from app.sla.models import ClockRow
from app.tickets.models import Event, Message, Ticket
from channels.contract import UnreadableError
from tests.factories import MONDAY, Authority, arrives, mail

NORTH, SOUTH = "+46846500415", "+46846500418"


def event(kind: str, at: datetime, *, call_id: str = "c1", dialled: str = NORTH, **more: str) -> bytes:
    body = {"number": "070-174 06 05", "call_id": call_id, "kind": kind, "at": at.isoformat(), "dialled": dialled}
    return json.dumps({**body, **more}).encode()


def tickets(system: System) -> list[Ticket]:
    with system.db.read() as session:
        return list(session.scalars(select(Ticket).order_by(Ticket.id)))


def first_response(system: System) -> ClockRow:
    with system.db.read() as session:
        return session.scalars(select(ClockRow).where(ClockRow.metric == "first_response")).one()


def test_an_answered_call_is_a_ticket_answered_at_that_instant(system: System, authority: Authority) -> None:
    with time_machine.travel(MONDAY + timedelta(minutes=10), tick=False):
        call.take_event(system, event("ringing", MONDAY))
        answered = MONDAY + timedelta(minutes=4)
        call.take_event(system, event("answered", answered, agent="nils@migration.example"))
        call.take_event(system, event("ended", MONDAY + timedelta(minutes=9)))
    (ticket,) = tickets(system)
    assert (ticket.channel, ticket.unit_id, ticket.state) == ("phone", authority.units["north"].id, "open")
    assert ticket.assignee_id == authority.viewers["nils"].user_id
    clock = first_response(system)
    assert (clock.started_at, clock.stopped_at, clock.result) == (MONDAY, answered, "met")
    assert clock.elapsed_s == 240


def test_steps_that_come_twice_or_late_happen_once(system: System, authority: Authority) -> None:
    answered = event("answered", MONDAY + timedelta(minutes=1), agent="nils@migration.example")
    for body in (answered, event("ringing", MONDAY), answered, event("ended", MONDAY), event("ended", MONDAY)):
        call.take_event(system, body)
    assert len(tickets(system)) == 1
    with system.db.read() as session:
        assert len(session.scalars(select(Inbound)).all()) == 3


def test_an_agent_answers_on_the_card_and_the_exchange_says_so_again(system: System, authority: Authority) -> None:
    with time_machine.travel(MONDAY + timedelta(seconds=30), tick=False):
        call.take_event(system, event("ringing", MONDAY))
        with system.db.read() as session:
            ringing = session.scalars(select(Call)).one()
        reference = call.answer(system, authority.viewers["nils"], ringing.id)
        call.take_event(system, event("answered", MONDAY + timedelta(seconds=31), agent="nils@migration.example"))
    (ticket,) = tickets(system)
    assert ticket.reference == reference
    assert first_response(system).elapsed_s == 30


def test_only_the_unit_that_is_called_can_answer_and_only_once(system: System, authority: Authority) -> None:
    call.take_event(system, event("ringing", MONDAY))
    with pytest.raises(NotFoundError):
        call.answer(system, authority.viewers["saku"], 1)
    call.answer(system, authority.viewers["nils"], 1)
    with pytest.raises(ConflictError):
        call.answer(system, authority.viewers["nora"], 1)


def test_a_caller_who_hangs_up_is_ignored_by_the_ledger_with_the_reason(system: System, authority: Authority) -> None:
    call.take_event(system, event("ringing", MONDAY, dialled=SOUTH))
    call.take_event(system, event("ended", MONDAY + timedelta(minutes=2), dialled=SOUTH))
    assert tickets(system) == []
    with system.db.read() as session:
        fates = [(row.fate, row.reason) for row in session.scalars(select(Inbound).order_by(Inbound.id))]
    assert fates == [("call", ""), ("ignored", "caller_hung_up")]


def test_an_event_that_cannot_be_read_waits_with_its_original(system: System, authority: Authority) -> None:
    with pytest.raises(UnreadableError):
        call.take_event(system, b'{"call_id": "c1", "kind": "exploded"}')
    with system.db.read() as session:
        row = session.scalars(select(Inbound)).one()
    assert (row.fate, row.reason, row.size) == ("quarantined", "bad_call_event", 37)


def test_a_call_of_the_future_rings_nowhere(system: System, authority: Authority) -> None:
    with time_machine.travel(MONDAY, tick=False):
        call.take_event(system, event("ringing", MONDAY + timedelta(minutes=4), call_id="skewed"))
        with pytest.raises(UnreadableError, match="at lies in the future"):
            call.take_event(system, event("ringing", MONDAY + timedelta(days=400)))
        with pytest.raises(UnreadableError, match="at lies more than a year back"):
            call.take_event(system, event("ringing", MONDAY.replace(year=1900)))
    with system.db.read() as session:
        assert [row.call_key for row in session.scalars(select(Call))] == ["skewed"]


def test_a_call_s_note_can_resolve_it_and_asks_for_suggestions(system: System, authority: Authority) -> None:
    call.take_event(system, event("answered", MONDAY, agent="nils@migration.example"))
    (ticket,) = tickets(system)
    note.note_call(system, authority.viewers["nils"], ticket.reference, "Undrade när kortet kommer.", resolve=True)
    (ticket,) = tickets(system)
    with system.db.read() as session:
        said = session.scalars(select(Message)).one()
    assert (ticket.state, said.body) == ("resolved", "Undrade när kortet kommer.")
    assert ticket.asked_in == said.id
    assert ticket.suggested_for is None


def test_a_call_whose_clock_runs_ahead_is_answered_after_it_rang(system: System, authority: Authority) -> None:
    with time_machine.travel(MONDAY, tick=False) as at:
        call.take_event(system, event("ringing", MONDAY + timedelta(minutes=2)))
        reference = call.answer(system, authority.viewers["nils"], 1)
        at.shift(timedelta(minutes=1))
        note.note_call(system, authority.viewers["nils"], reference, "Frågade om kortet.", resolve=True)
    clock = first_response(system)
    assert (clock.started_at, clock.stopped_at, clock.result) == (MONDAY, MONDAY, "met")
    assert tickets(system)[0].state == "resolved"


def test_a_call_that_the_exchange_ended_before_it_said_answered_is_a_ticket(
    system: System, authority: Authority
) -> None:
    nils = "nils@migration.example"
    with time_machine.travel(MONDAY + timedelta(minutes=10), tick=False):
        call.take_event(system, event("ringing", MONDAY))
        call.take_event(system, event("ended", MONDAY + timedelta(minutes=9)))
        call.take_event(system, event("answered", MONDAY + timedelta(minutes=4), agent=nils))
        call.take_event(system, event("ringing", MONDAY, call_id="late"))
        call.take_event(system, event("ended", MONDAY + timedelta(minutes=1), call_id="late"))
        call.take_event(system, event("answered", MONDAY + timedelta(minutes=2), call_id="late", agent=nils))
    (ticket,) = tickets(system)
    assert first_response(system).elapsed_s == 240
    with system.db.read() as session:
        assert [row.state for row in session.scalars(select(Call).order_by(Call.id))] == ["ended", "abandoned"]
        kinds = session.scalars(select(Event.kind).where(Event.ticket_id == ticket.id).order_by(Event.at, Event.id))
        assert list(kinds) == ["created", "call_answered", "call_ended"]


def test_two_first_events_of_a_call_at_the_same_instant_are_both_filed(system: System, authority: Authority) -> None:
    bodies = [
        [event("ringing", MONDAY, call_id=f"c{turn}"), event("answered", MONDAY, call_id=f"c{turn}")]
        for turn in range(12)
    ]
    with ThreadPoolExecutor(2) as pool:
        for pair in bodies:
            assert all(pool.map(lambda body: call.take_event(system, body), pair))
    assert len(tickets(system)) == 12
    with system.db.read() as session:
        assert len(session.scalars(select(Person)).all()) == 1


def test_a_call_takes_the_topic_of_its_rule_and_an_agent_of_its_unit(system: System, authority: Authority) -> None:
    with system.db.begin() as session:
        session.execute(update(Rule).where(Rule.kind == "number").values(topic_key="card"))
    call.take_event(system, event("answered", MONDAY, agent="saku@migration.example"))
    (ticket,) = tickets(system)
    assert ticket.topic_id is not None
    assert ticket.assignee_id is None


def test_a_number_without_country_code_is_of_the_country_that_was_called(system: System, authority: Authority) -> None:
    call.take_event(system, event("ringing", MONDAY, number="040 123 4567", dialled="+358 295 419 600"))
    call.take_event(system, event("ringing", MONDAY, number="070-174 06 05", call_id="c2"))
    with system.db.read() as session:
        assert set(session.scalars(select(Call.number))) == {"+358401234567", "+46701740605"}


def test_a_number_with_many_calls_becomes_a_known_citizen_s_too(system: System, authority: Authority) -> None:
    arrives(system, mail())
    for name in ("a", "b"):
        call.take_event(system, event("answered", MONDAY, call_id=name, agent="nils@migration.example"))
    written, *calling = tickets(system)
    identify(system, authority.viewers["nils"], calling[1].reference, Identity(email="siri.testsson@example.se"))
    assert {ticket.person_id for ticket in tickets(system)} == {written.person_id}


def test_a_new_number_of_a_known_citizen_becomes_that_citizen_s(system: System, authority: Authority) -> None:
    arrives(system, mail())
    call.take_event(system, event("answered", MONDAY, agent="nils@migration.example"))
    letter, calling = tickets(system)
    nils = authority.viewers["nils"]
    identify(system, nils, calling.reference, Identity(name="S. Testsson", email="siri.testsson@example.se"))
    _, calling = tickets(system)
    assert calling.person_id == letter.person_id
    with system.db.read() as session:
        (person,) = session.scalars(select(Person).where(Person.merged_into.is_(None))).all()
        contacts = session.scalars(select(ContactPoint.value).where(ContactPoint.person_id == person.id)).all()
        told = session.scalars(select(Event).where(Event.kind == "identified")).one()
    assert person.name == "Siri Testsson"
    assert sorted(contacts) == ["+46701740605", "siri.testsson@example.se"]
    assert (told.user_id, told.ticket_id) == (nils.user_id, calling.id)


def test_a_known_number_brings_the_person_along(system: System, authority: Authority) -> None:
    call.take_event(system, event("answered", MONDAY, call_id="a", agent="nils@migration.example"))
    call.take_event(system, event("answered", MONDAY, call_id="b", agent="nils@migration.example"))
    first, second = tickets(system)
    assert first.person_id == second.person_id is not None


def test_a_letter_s_writer_is_known_by_name_and_home_and_then_by_mail(system: System, authority: Authority) -> None:
    nils, home = authority.viewers["nils"], "Provgatan 12 lgh 1102, 871 99 Härnösand"
    arrives(system, mail())
    call.take_event(system, event("answered", MONDAY, agent="nils@migration.example", number="anonymous"))
    call.take_event(system, event("answered", MONDAY, call_id="b", number="anonymous"))
    call.take_event(system, event("answered", MONDAY, call_id="c", number="anonymous"))
    written, first, second, third = tickets(system)
    identify(system, nils, first.reference, Identity(name="Siri Testsson", postal=home))
    identify(system, nils, second.reference, Identity(name="siri testsson", postal=home.replace(", ", "\n")))
    identify(system, nils, third.reference, Identity(name="Sven Testsson", postal=home))
    _, first, second, third = tickets(system)
    assert first.person_id == second.person_id != third.person_id
    identify(system, nils, second.reference, Identity(name="Siri Testsson", email="siri.testsson@example.se"))
    written, first, second, third = tickets(system)
    assert written.person_id == first.person_id == second.person_id != third.person_id


def test_a_step_that_came_first_and_told_less_is_completed(system: System, authority: Authority) -> None:
    call.take_event(system, event("answered", MONDAY, number="", agent="nils@migration.example"))
    call.take_event(system, event("ringing", MONDAY - timedelta(minutes=1), name="Siri"))
    with system.db.read() as session:
        known = session.scalars(select(Call)).one()
    assert (known.number, known.caller_name) == ("+46701740605", "Siri")

"""Tickets that an agent begins: a call that was taken, a mail or a letter that we write first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.policy import Viewer
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows import protect
from app.flows.begin import Begin, begin, opened_for
from app.flows.contacts import Identity
from app.outbox.models import OutboxRow
from app.people.models import ContactPoint, Person
from app.reports.measures import arrivals
from app.screens.callers import find_callers
from app.sla.models import ClockRow
from app.tickets.models import Event, Message, Ticket, Topic
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail

MINUTE = timedelta(minutes=1)


@pytest.fixture
def nils(authority: Authority, at: time_machine.Coordinates) -> Viewer:
    return authority.viewers["nils"]


@pytest.fixture
def call(authority: Authority) -> Begin:
    return Begin(
        channel=ChannelName.PHONE,
        unit_id=authority.units["north"].id,
        topic_id=None,
        language="sv",
        subject="",
        body="Frågade om kortet.\nSvar: två veckor.",
        then=State.RESOLVED,
        form_id="form-1",
        identity=Identity(name="Siri Testsson", phone="070-174 06 05"),
        talked=4 * MINUTE,
    )


def ticket_of(system: System, reference: str) -> Ticket:
    with system.db.read() as session:
        return session.scalars(select(Ticket).where(Ticket.reference == reference)).one()


def clocks_of(system: System, ticket: Ticket) -> dict[str, ClockRow]:
    with system.db.read() as session:
        return {row.metric: row for row in session.scalars(select(ClockRow).where(ClockRow.ticket_id == ticket.id))}


def test_a_call_is_noted_and_answered_in_one_stroke(system: System, nils: Viewer, call: Begin) -> None:
    ticket = ticket_of(system, begin(system, nils, call))
    assert (ticket.state, ticket.channel, ticket.subject) == (
        "resolved",
        "phone",
        "Frågade om kortet. Svar: två veckor.",
    )
    assert (ticket.arrived_at, ticket.assignee_id) == (MONDAY - 4 * MINUTE, nils.user_id)
    clocks = clocks_of(system, ticket)
    assert {row.result for row in clocks.values()} == {"met"}
    with system.db.read() as session:
        kinds = session.scalars(select(Event.kind).where(Event.ticket_id == ticket.id).order_by(Event.id)).all()
        said = session.scalars(select(Message).where(Message.ticket_id == ticket.id)).one()
        assert session.scalars(arrivals_of(ticket)).all() == [ticket.id]
    assert kinds == ["created", "assigned", "call_answered", "call_ended", "resolved"]
    assert (said.kind, said.body, said.sender) == ("call", call.body, "+46701740605")


def arrivals_of(ticket: Ticket):  # type: ignore[no-untyped-def]
    source = arrivals()
    return select(source.ticket_id).where(source.where, source.ticket_id == ticket.id)


def test_a_call_that_is_kept_open_gets_suggestions(system: System, nils: Viewer, call: Begin) -> None:
    ticket = ticket_of(system, begin(system, nils, replace(call, then=State.OPEN, subject="Kort")))
    assert (ticket.state, ticket.subject) == ("open", "Kort")
    assert ticket.asked_in is not None
    assert clocks_of(system, ticket)["resolution"].stopped_at is None


@pytest.mark.parametrize(
    ("channel", "identity"),
    [
        (ChannelName.EMAIL, Identity(name="Siri", email="Siri@example.se")),
        (ChannelName.LETTER, Identity(name="Siri", postal="Gatan 1, 111 11 Stockholm")),
    ],
)
def test_what_we_write_first_has_no_first_response_and_did_not_arrive(
    channel: ChannelName, identity: Identity, system: System, nils: Viewer, call: Begin
) -> None:
    wish = replace(call, channel=channel, identity=identity, then=State.WAITING, body="Vi behöver ett papper till.")
    ticket = ticket_of(system, begin(system, nils, wish))
    assert set(clocks_of(system, ticket)) == {"resolution"}
    with system.db.read() as session:
        row = session.scalars(select(OutboxRow)).one()
        assert session.scalars(arrivals_of(ticket)).all() == []
    assert row.ticket_id == ticket.id
    assert row.to_address == ("siri@example.se" if channel is ChannelName.EMAIL else "Gatan 1\n111 11 Stockholm")
    assert ticket.state == ("waiting" if channel is ChannelName.EMAIL else "open")


def test_the_citizens_answer_comes_to_the_ticket(system: System, nils: Viewer, call: Begin) -> None:
    wish = replace(call, channel=ChannelName.EMAIL, identity=Identity(email="siri.testsson@example.se"))
    ticket = ticket_of(system, begin(system, nils, replace(wish, then=State.WAITING)))
    with system.db.read() as session:
        mail_id = session.scalars(select(OutboxRow.mail_id)).one()
    filed = arrives(system, mail("Här är det", In_Reply_To=f"<{mail_id}>"))
    assert filed.ticket_id == ticket.id
    assert ticket_of(system, ticket.reference).state == "open"


def test_a_form_sent_twice_begins_one_ticket(system: System, nils: Viewer, call: Begin) -> None:
    first, second = begin(system, nils, call), begin(system, nils, call)
    other = begin(system, nils, replace(call, form_id="form-2"))
    assert first == second != other
    with system.db.read() as session:
        assert len(session.scalars(select(Ticket)).all()) == 2
        assert len(session.scalars(select(Person)).all()) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_id": 0}, "about"),
        ({"body": " "}, "body"),
        ({"body": "x" * 50_001}, "body"),
        ({"language": "xx"}, "language"),
        ({"talked": timedelta(-1)}, "minutes"),
        ({"talked": timedelta(hours=11)}, "minutes"),
        ({"identity": Identity(phone="12")}, "phone"),
        ({"channel": ChannelName.EMAIL, "identity": Identity(name="Siri")}, "channel"),
        ({"channel": ChannelName.LETTER, "identity": Identity(name="Siri")}, "channel"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_left_behind(
    change: dict[str, object], field: str, system: System, nils: Viewer, call: Begin
) -> None:
    with pytest.raises(InvalidInputError) as told:
        begin(system, nils, replace(call, **change))  # type: ignore[arg-type]
    assert field in told.value.fields
    with system.db.read() as session:
        for table in (Ticket, Person, ContactPoint, Message):
            assert session.scalars(select(table)).all() == []


def test_only_in_ones_own_units_and_their_topics(
    system: System, authority: Authority, nils: Viewer, call: Begin
) -> None:
    south = authority.units["southern"].id
    with system.db.read() as session:
        topic = session.scalars(select(Topic.id).where(Topic.unit_id == south)).one()
    for change in ({"unit_id": south}, {"topic_id": topic}):
        with pytest.raises(InvalidInputError):
            begin(system, nils, replace(call, **change))  # type: ignore[arg-type]


def test_who_it_is_is_found_by_number_address_and_name_and_never_by_words_alone(
    system: System, authority: Authority, nils: Viewer, call: Begin
) -> None:
    begin(system, nils, call)
    arrives(
        system, mail("Min vän Omar sa det", sender="Siri Andra <siri2@example.se>", message_id="a@x.se"), item_id="1"
    )
    arrives(
        system, mail(sender="Pekka <p@example.fi>", to="southern@migration.example", message_id="b@x.se"), item_id="2"
    )

    def found(said: str) -> set[str]:
        with system.db.read() as session:
            return {caller.name for caller in find_callers(session, nils, said, region="SE")}

    assert found("0701740605") == {"Siri Testsson"}
    assert found("siri2@example.se") == {"Siri Andra"}
    assert found("andra sir") == {"Siri Andra"}
    assert found("Sir") == {"Siri Andra", "Siri Testsson"}
    assert found("omar") == found("pekka") == found("si") == found("070") == set()
    assert found("p@example.fi") == {"Pekka"}, "who gives their whole address is known to the authority"
    with system.db.read() as session:
        caller = find_callers(session, nils, "siri2@example.se", region="SE")[0]
        assert [subject for _, subject in caller.open_tickets] == ["Resa innan kortet"]
        assert find_callers(session, authority.viewers["admin"], "siri", region="SE") == []


def test_a_protected_identity_is_never_offered_nor_confirmed(system: System, nils: Viewer, call: Begin) -> None:
    first = ticket_of(system, begin(system, nils, replace(call, then=State.OPEN)))
    protect.protect(system, nils, first.person_id or 0, kind="marked", reason="Beslut visat i telefon")
    with system.db.read() as session:
        assert find_callers(session, nils, "070-174 06 05", region="SE") == []
    again = ticket_of(system, begin(system, nils, replace(call, form_id="form-2")))
    assert again.person_id is None


def test_how_long_a_form_was_open() -> None:
    assert opened_for((MONDAY - 3 * MINUTE).isoformat(), at=MONDAY) == 3 * MINUTE
    for text in ("", "x", "2026-11-16T08:00:00", (MONDAY + MINUTE).isoformat()):
        assert opened_for(text, at=MONDAY) == timedelta()


def test_an_identity_number_goes_by_mail_only_when_somebody_says_so(system: System, nils: Viewer, call: Begin) -> None:
    identity = Identity(name="Siri Testsson", email="siri@example.se")
    mailed = replace(call, channel=ChannelName.EMAIL, identity=identity, body="Ert nummer är 811218-9876.")
    with pytest.raises(InvalidInputError) as refused:
        begin(system, nils, mailed)
    assert set(refused.value.fields) == {"open"}
    with system.db.read() as session:
        assert session.scalars(select(Ticket)).all() == []
    begin(system, nils, replace(mailed, may_be_open=True))
    begin(system, nils, replace(call, body=mailed.body, form_id="form-2"))

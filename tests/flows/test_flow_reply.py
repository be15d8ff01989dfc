from __future__ import annotations

import os
import socket
import subprocess
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.policy import Viewer
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import close, note, print_letter, transfer, undo
from app.flows.contacts import Identity
from app.flows.deliver import deliver, release_abandoned
from app.flows.identify import identify
from app.flows.reply import Answer, reply
from app.outbox.models import OutboxRow
from app.sla.models import ClockRow, StintRow
from app.tickets.models import Event, Message, Ticket
from app.tickets.states import State
from channels.contract import ChannelError, ChannelName, OutboundMessage, OutcomeUnknown, Receipt
from tests.factories import MONDAY, Authority, arrives, mail


class Wire:
    """A mail server that keeps what it is given, or fails as told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.sent: list[OutboundMessage] = []
        self.failure = failure

    def send(self, message: OutboundMessage) -> Receipt:
        if self.failure:
            raise self.failure
        self.sent.append(message)
        return Receipt("ok")


@pytest.fixture
def ticket(system: System, authority: Authority, at: time_machine.Coordinates) -> Ticket:
    found = authority.ticket(arrives(system, mail()).ticket_id)
    deliver(system, Wire())
    return found


def clock(system: System, metric: str = "first_response") -> ClockRow:
    with system.db.read() as session:
        return session.scalars(select(ClockRow).where(ClockRow.metric == metric)).one()


def answer(system: System, viewer: Viewer, ticket: Ticket, body: str = "Ja, det går bra.", **more: object) -> OutboxRow:
    row_id = reply(system, viewer, ticket.reference, Answer(body, ChannelName.EMAIL, **more))  # type: ignore[arg-type]
    with system.db.read() as session:
        return session.get_one(OutboxRow, row_id)


def test_an_answer_stops_the_clock_and_leaves_after_twenty_seconds(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    at.shift(timedelta(hours=1))
    answer(system, authority.viewers["nils"], ticket)
    wire = Wire()
    assert deliver(system, wire) == 0
    at.shift(timedelta(seconds=20))
    assert deliver(system, wire) == 1
    (sent,) = wire.sent
    assert sent.answered_ids[0] == "first@example.se"
    assert sent.to.address == "siri.testsson@example.se"
    assert sent.reply_to.startswith("north+")
    assert sent.reply_to.endswith("@migration.example")
    stopped = clock(system)
    assert (stopped.result, stopped.elapsed_s, stopped.stopped_at) == ("met", 3600, MONDAY + timedelta(hours=1))
    assert authority.ticket(ticket.id).assignee_id == authority.viewers["nils"].user_id


def test_an_answer_taken_back_never_stopped_the_clock(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answer(system, authority.viewers["nils"], ticket, then=State.RESOLVED)
    assert authority.ticket(ticket.id).state == "resolved"
    at.shift(timedelta(seconds=19))
    assert undo.undo(system, authority.viewers["nils"], ticket.reference, row.message_id) == "Ja, det går bra."
    at.shift(timedelta(hours=5))
    assert deliver(system, Wire()) == 0
    assert authority.ticket(ticket.id).state in {"new", "open"}
    close.pause(system, authority.viewers["nils"], ticket.reference, reason="third_party")
    running = clock(system)
    assert (running.stopped_at, running.result) == (None, "overdue")


def test_an_answer_that_has_left_cannot_be_taken_back(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answer(system, authority.viewers["nils"], ticket)
    at.shift(timedelta(seconds=21))
    deliver(system, Wire())
    with pytest.raises(ConflictError):
        undo.undo(system, authority.viewers["nils"], ticket.reference, row.message_id)


def test_the_citizen_s_answer_reopens_a_resolved_ticket(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answer(system, authority.viewers["nils"], ticket, then=State.RESOLVED)
    at.shift(timedelta(days=1))
    again = mail("Men mitt pass då?", to=row.reply_to, message_id="again@example.se")
    filed = arrives(system, again, item_id="9:9", at=MONDAY + timedelta(days=1))
    reopened = authority.ticket(ticket.id)
    assert (filed.ticket_id, reopened.state) == (ticket.id, "open")
    assert clock(system, "resolution").stopped_at is None


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (ChannelError("450 later"), "queued"),
        (ChannelError("550 no such user", permanent=True), "failed"),
        (OutcomeUnknown("the line broke after the text"), "perhaps_sent"),
    ],
)
def test_what_the_mail_server_says_decides_what_follows(
    system: System,
    authority: Authority,
    ticket: Ticket,
    at: time_machine.Coordinates,
    failure: Exception,
    state: str,
) -> None:
    row = answer(system, authority.viewers["nils"], ticket)
    at.shift(timedelta(seconds=30))
    deliver(system, Wire(failure))
    at.shift(timedelta(seconds=30))
    wire = Wire()
    deliver(system, wire)
    with system.db.read() as session:
        assert session.get_one(OutboxRow, row.id).state == state
    assert wire.sent == []


def test_after_a_temporary_failure_it_is_sent_with_the_same_message_id(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answer(system, authority.viewers["nils"], ticket)
    at.shift(timedelta(seconds=30))
    deliver(system, Wire(ChannelError("450 later")))
    at.shift(timedelta(minutes=2))
    wire = Wire()
    deliver(system, wire)
    assert [sent.message_id for sent in wire.sent] == [row.mail_id]


def test_another_unit_s_agent_finds_nothing_and_a_former_holder_only_reads(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    at.shift(timedelta(minutes=10))
    saku, nils = authority.viewers["saku"], authority.viewers["nils"]
    with pytest.raises(NotFoundError):
        note.note(system, saku, ticket.reference, "hello")
    transfer.transfer(system, nils, ticket.reference, to=authority.units["southern"].id, reason="The card is Finnish.")
    note.note(system, saku, ticket.reference, "Ours now")
    with pytest.raises(ForbiddenError):
        note.note(system, nils, ticket.reference, "not any more")


def test_a_transfer_keeps_the_time_used_and_takes_the_new_unit_s_hours(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    at.shift(timedelta(hours=2))
    transfer.transfer(
        system, authority.viewers["nils"], ticket.reference, to=authority.units["southern"].id, reason="Wrong unit."
    )
    moved = authority.ticket(ticket.id)
    assert moved.due_at == MONDAY + timedelta(hours=4)
    assert (moved.state, moved.assignee_id) == ("new", None)
    with system.db.read() as session:
        held = [(row.unit_id, row.ended_at) for row in session.scalars(select(StintRow).order_by(StintRow.id))]
    units = authority.units
    assert held == [(units["north"].id, MONDAY + timedelta(hours=2)), (units["southern"].id, None)]


@pytest.mark.parametrize("body", ["", "   \n "])
def test_an_empty_answer_is_refused_beside_its_field(
    system: System, authority: Authority, ticket: Ticket, body: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        answer(system, authority.viewers["nils"], ticket, body)
    assert set(caught.value.fields) == {"body"}


NUMBER = "Ert nummer är 811218-9876."


def test_an_identity_number_goes_by_mail_only_when_somebody_says_so(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        answer(system, authority.viewers["nils"], ticket, NUMBER)
    assert set(refused.value.fields) == {"open"}
    with system.db.read() as session:
        assert session.scalars(select(Message).where(Message.body == NUMBER)).all() == []
    row = answer(system, authority.viewers["nils"], ticket, NUMBER, may_be_open=True)
    assert row.to_address == "siri.testsson@example.se"


def test_a_letter_may_hold_an_identity_number(system: System, authority: Authority, ticket: Ticket) -> None:
    identify(system, authority.viewers["nils"], ticket.reference, Identity(postal="Siri Testsson\nGata 1\n111 22 Ort"))
    reply(system, authority.viewers["nils"], ticket.reference, Answer(NUMBER, ChannelName.LETTER))


def test_a_letter_is_the_response_when_it_is_posted(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    nils = authority.viewers["nils"]
    identify(system, nils, ticket.reference, Identity(postal="Provgatan 12\n871 99 Härnösand"))
    reply(system, nils, ticket.reference, Answer("Ditt kort är på väg.", ChannelName.LETTER, State.RESOLVED))
    assert clock(system).stopped_at is None
    with system.db.read() as session:
        message = session.scalars(select(Message).where(Message.kind == "answer")).one()
    pdf = print_letter.letter_pdf(system, nils, ticket.reference, message.id)
    assert pdf.startswith(b"%PDF")
    at.shift(timedelta(hours=3))
    print_letter.mark_posted(system, nils, ticket.reference, message.id)
    assert clock(system).stopped_at == MONDAY + timedelta(hours=3)
    assert authority.ticket(ticket.id).state == "resolved"
    with pytest.raises(ConflictError):
        print_letter.mark_posted(system, nils, ticket.reference, message.id)


def test_a_contact_of_somebody_else_is_not_taken_over(system: System, authority: Authority, ticket: Ticket) -> None:
    other = arrives(system, mail(sender="Omar <omar@example.org>", message_id="omar@example.org"), item_id="5:5")
    reference = authority.ticket(other.ticket_id).reference
    with pytest.raises(InvalidInputError) as caught:
        identify(system, authority.viewers["nils"], reference, Identity(email="siri.testsson@example.se"))
    assert set(caught.value.fields) == {"email"}


def test_every_change_is_an_event_with_its_doer(system: System, authority: Authority, ticket: Ticket) -> None:
    nils = authority.viewers["nils"]
    close.pause(system, nils, ticket.reference, reason="citizen")
    close.resume(system, nils, ticket.reference)
    close.resolve(system, nils, ticket.reference)
    close.reopen(system, nils, ticket.reference)
    with system.db.read() as session:
        events = session.scalars(select(Event).where(Event.user_id == nils.user_id).order_by(Event.id)).all()
    assert [event.kind for event in events] == ["paused", "resumed", "resolved", "reopened"]


def test_a_mail_that_a_killed_worker_held_is_perhaps_sent_and_never_sent_again(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answer(system, authority.viewers["nils"], ticket)
    with system.db.begin() as session:
        held = session.get_one(OutboxRow, row.id)
        held.state, held.claimed_at = "claimed", MONDAY
        held.claimed_by = f"{socket.gethostname()}:{_dead_pid()}"
    assert release_abandoned(system) == 1
    at.shift(timedelta(days=3))
    wire = Wire()
    assert deliver(system, wire) == 0
    with system.db.read() as session:
        assert session.get_one(OutboxRow, row.id).state == "perhaps_sent"


def test_a_mail_that_a_living_worker_holds_is_left_to_it(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answer(system, authority.viewers["nils"], ticket)
    with system.db.begin() as session:
        held = session.get_one(OutboxRow, row.id)
        held.state, held.claimed_at, held.claimed_by = "claimed", MONDAY, f"{socket.gethostname()}:{os.getpid()}"
    assert release_abandoned(system) == 0


def _dead_pid() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_a_stranger_s_words_never_reach_the_citizen_in_our_answer(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    with system.db.read() as session:
        receipt = session.scalars(select(OutboxRow)).one()
    raw = mail("Hemliga ord", to=receipt.reply_to, sender="x@example.org", message_id="x@example.org")
    assert arrives(system, raw, item_id="2:1").ticket_id == ticket.id
    at.shift(timedelta(minutes=1))
    row_id = reply(system, authority.viewers["nils"], ticket.reference, Answer("Ja.", ChannelName.EMAIL))
    with system.db.read() as session:
        row = session.get_one(OutboxRow, row_id)
    assert row.to_address == "siri.testsson@example.se"
    assert "Hemliga" not in row.text + row.html
    assert row.answered_ids[0] == "first@example.se"
    assert "x@example.org" not in row.answered_ids


def test_a_letter_that_cannot_be_printed_is_refused_before_it_counts(
    system: System, authority: Authority, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(body: str) -> list[str]:
        with pytest.raises(InvalidInputError) as error:
            reply(system, nils, ticket.reference, Answer(body, ChannelName.LETTER))
        return list(error.value.fields)

    def break_down(_letter: object) -> bytes:
        raise ChannelError("The letter cannot be typeset.", permanent=True)

    nils, home = authority.viewers["nils"], "\n".join(f"Rad {n}" for n in range(12))
    identify(system, nils, ticket.reference, Identity(name="Siri Testsson", postal=home))
    assert refused("Ja.") == ["channel"]
    monkeypatch.setattr(print_letter, "render_letter", break_down)
    assert refused("Nej.") == ["body"]
    with system.db.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.channel == "letter")).all() == []


def test_a_mail_of_ours_does_not_answer_itself(system: System, authority: Authority, ticket: Ticket) -> None:
    reply(system, authority.viewers["nils"], ticket.reference, Answer("Ja.", ChannelName.EMAIL))
    with system.db.read() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
    assert [row.mail_id in row.answered_ids for row in rows] == [False, False]
    assert rows[1].answered_ids == ["first@example.se", rows[0].mail_id]


@pytest.mark.parametrize("email", ["a\r\nBcc:x@y.se", "a,b@x.se", ".@.", "a@b", "a b@x.se", "a@x@y.se"])
def test_an_address_that_no_mail_can_reach_is_refused(
    system: System, authority: Authority, ticket: Ticket, email: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        identify(system, authority.viewers["nils"], ticket.reference, Identity(name="Siri", email=email))
    assert list(refused.value.fields) == ["email"]

"""What becomes of a mail that does not simply leave: tried again, given up, in doubt, decided by a person."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.core import clock, workers
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.core.system import System
from app.flows import resend as resending
from app.flows.deliver import deliver, release_abandoned
from app.flows.record import record
from app.flows.reply import Answer, reply
from app.flows.undo import undo
from app.outbox import bounce_token
from app.outbox import service as outbox
from app.outbox.models import Delivery, OutboxRow
from app.sla.models import ClockRow
from app.tickets.models import Event, Ticket
from app.tickets.states import State
from channels.contract import (
    ChannelError,
    ChannelName,
    OutboundMessage,
    OutcomeUnknown,
    Receipt,
    UnreachableError,
)
from tests.factories import Authority, arrives, mail

Fault = Callable[[OutboundMessage], None]


class Wire:
    """A mail server that does what the test says, and remembers what it took."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: Counter[str] = Counter()
        self.taken: list[OutboundMessage] = []

    def send(self, message: OutboundMessage) -> Receipt:
        self.asked[message.message_id] += 1
        if self.fault is not None:
            raise self.fault
        self.taken.append(message)
        return Receipt()


NO_SUCH = ChannelError("550 5.1.1 no such user", permanent=True, status="5.1.1")
FULL = ChannelError("552 5.2.2 mailbox full", permanent=True, status="5.2.2")
POLICY = ChannelError("554 5.7.1 we do not like you", permanent=True, status="5.7.1")
LATER = ChannelError("451 4.3.0 later")
AWAY = UnreachableError("No connection to the outgoing mail server: TimeoutError.")


@pytest.fixture
def ticket(system: System, authority: Authority, at: time_machine.Coordinates) -> Ticket:
    """A citizen's ticket whose receipt has left."""
    found = authority.ticket(arrives(system, mail()).ticket_id)
    deliver(system, Wire())
    return found


@pytest.fixture
def answered(system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates) -> Ticket:
    """The same, answered and resolved by Nils; the answer is due to leave."""
    reply(system, authority.viewers["nils"], ticket.reference, Answer("Ja.", ChannelName.EMAIL, State.RESOLVED))
    at.shift(timedelta(seconds=30))
    return ticket


def answer_row(system: System) -> OutboxRow:
    with system.db.read() as session:
        return session.scalars(select(OutboxRow).where(~OutboxRow.is_automatic)).one()


def events(system: System, ticket: Ticket) -> list[str]:
    with system.db.read() as session:
        found = session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.id))
        return [event.kind for event in found]


def test_a_temporary_refusal_is_tried_by_the_ladder_and_then_given_up(
    system: System, answered: Ticket, at: time_machine.Coordinates
) -> None:
    wire, waits = Wire(LATER), []
    while (row := answer_row(system)).state == Delivery.QUEUED:
        at.move_to(max(row.not_before, clock.now()))
        deliver(system, wire)
        waits.append(answer_row(system).not_before - clock.now())
    assert waits[:-1] == list(outbox.LADDER)
    assert row.state == Delivery.FAILED
    assert row.needs_person


def test_a_server_that_is_away_for_three_days_costs_no_mail_and_one_try_a_sweep(
    system: System, authority: Authority, at: time_machine.Coordinates
) -> None:
    for number in range(20):
        arrives(system, mail(sender=f"c{number}@x{number}.org", message_id=f"m{number}@x.org"), item_id=f"1:{number}")
    away = Wire(AWAY)
    for _ in range(72):
        assert deliver(system, away) == 1
        at.shift(timedelta(hours=1))
    back = Wire()
    deliver(system, back)
    with system.db.read() as session:
        rows = session.scalars(select(OutboxRow)).all()
    assert {row.state for row in rows} == {Delivery.SENT}
    assert Counter(message.message_id for message in back.taken) == Counter(row.mail_id for row in rows)
    assert {row.tries for row in rows} == {1}


def test_after_five_days_nothing_is_tried_any_more(
    system: System, answered: Ticket, at: time_machine.Coordinates
) -> None:
    deliver(system, Wire(AWAY))
    assert answer_row(system).state == Delivery.QUEUED
    at.shift(outbox.GIVE_UP)
    deliver(system, Wire(AWAY))
    assert answer_row(system).state == Delivery.FAILED


def test_the_wait_that_the_other_side_asks_for_is_kept(system: System, answered: Ticket) -> None:
    deliver(system, Wire(ChannelError("450 wait", retry_after=3600)))
    assert answer_row(system).not_before == clock.now() + timedelta(hours=1)


def test_a_domain_gets_no_more_than_its_pace_and_others_do_not_wait_for_it(
    system: System, authority: Authority, at: time_machine.Coordinates
) -> None:
    paced = replace(system, settings=replace(system.settings, mails_per_domain_minute=3))
    for number in range(8):
        arrives(system, mail(sender=f"c{number}@busy.org", message_id=f"m{number}@x.org"), item_id=f"1:{number}")
    arrives(system, mail(sender="c@quiet.org", message_id="q@x.org"), item_id="1:99")
    wire, left = Wire(), []
    for _ in range(3):
        deliver(paced, wire)
        left.append(Counter(message.to.address.partition("@")[2] for message in wire.taken))
        at.shift(timedelta(seconds=61))
    assert left == [{"busy.org": 3, "quiet.org": 1}, {"busy.org": 6, "quiet.org": 1}, {"busy.org": 8, "quiet.org": 1}]


def test_an_answer_that_failed_for_good_comes_back_to_its_author_and_the_clock_stays_met(
    system: System, authority: Authority, answered: Ticket
) -> None:
    with system.db.begin() as session:
        session.execute(update(Ticket).values(assignee_id=None))
    deliver(system, Wire(POLICY))
    now = authority.ticket(answered.id)
    assert (now.state, now.assignee_id) == ("open", authority.viewers["nils"].user_id)
    with system.db.read() as session:
        clock_row = session.scalars(select(ClockRow).where(ClockRow.metric == "first_response")).one()
    assert clock_row.result == "met"
    assert answer_row(system).needs_person


def test_an_undone_answer_never_stopped_a_clock(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    def clocks() -> list[tuple[object, ...]]:
        with system.db.read() as session:
            rows = session.scalars(select(ClockRow).order_by(ClockRow.metric))
            return [(row.metric, row.started_at, row.due_at, row.stopped_at, row.result) for row in rows]

    before = clocks()
    nils = authority.viewers["nils"]
    reply(system, nils, ticket.reference, Answer("Ja.", ChannelName.EMAIL, State.RESOLVED))
    assert clocks() != before
    undo(system, nils, ticket.reference, answer_row(system).message_id)
    assert clocks() == before
    at.shift(timedelta(minutes=5))
    wire = Wire()
    deliver(system, wire)
    assert wire.taken == []


def test_a_mail_in_doubt_is_told_on_its_ticket_and_never_sent_by_itself(
    system: System, authority: Authority, answered: Ticket, at: time_machine.Coordinates
) -> None:
    wire = Wire(OutcomeUnknown("The connection broke after the message."))
    deliver(system, wire)
    wire.fault = None
    at.shift(timedelta(days=2))
    deliver(system, wire)
    row = answer_row(system)
    assert (row.state, row.needs_person, wire.asked[row.mail_id]) == (Delivery.PERHAPS_SENT, True, 1)
    assert "delivery_unknown" in events(system, answered)


def test_what_a_killed_worker_held_is_in_doubt_and_told(system: System, answered: Ticket) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    name = f"{workers.own_name().rpartition(':')[0]}:{gone.pid}"
    with system.db.begin() as session:
        outbox.claim(session, name, at=clock.now(), limit=1, per_domain=100)
    assert (release_abandoned(system), release_abandoned(system)) == (1, 0)
    assert answer_row(system).state == Delivery.PERHAPS_SENT
    assert events(system, answered).count("delivery_unknown") == 1


def test_a_person_sends_a_doubtful_mail_again_as_the_same_mail(
    system: System, authority: Authority, answered: Ticket, at: time_machine.Coordinates
) -> None:
    deliver(system, Wire(OutcomeUnknown("broke")))
    before, nils = answer_row(system), authority.viewers["nils"]
    resending.resend(system, nils, answered.reference, before.message_id)
    with pytest.raises(ConflictError):
        resending.resend(system, nils, answered.reference, before.message_id)
    wire = Wire()
    deliver(system, wire)
    assert [message.message_id for message in wire.taken] == [before.mail_id]
    after = answer_row(system)
    assert (after.state, after.needs_person) == (Delivery.SENT, False)
    assert events(system, answered)[-2:] == ["resent", "delivered"]


def test_a_person_who_knows_that_it_arrived_settles_it(system: System, authority: Authority, answered: Ticket) -> None:
    deliver(system, Wire(OutcomeUnknown("broke")))
    nils, row = authority.viewers["nils"], answer_row(system)
    resending.confirm_arrival(system, nils, answered.reference, row.message_id)
    assert (answer_row(system).state, answer_row(system).needs_person) == (Delivery.SENT, False)
    with pytest.raises(ConflictError):
        resending.confirm_arrival(system, nils, answered.reference, row.message_id)
    assert events(system, answered)[-1] == "delivery_confirmed"


def test_only_who_works_on_the_ticket_decides(system: System, authority: Authority, answered: Ticket) -> None:
    deliver(system, Wire(OutcomeUnknown("broke")))
    row = answer_row(system)
    for decide in (resending.resend, resending.confirm_arrival, resending.see_to):
        with pytest.raises((NotFoundError, ForbiddenError)):
            decide(system, authority.viewers["saku"], answered.reference, row.message_id)
    assert answer_row(system).state == Delivery.PERHAPS_SENT


def test_the_envelope_of_an_answer_names_its_row_and_a_receipt_has_none(
    system: System, authority: Authority, answered: Ticket
) -> None:
    wire = Wire()
    arrives(system, mail(sender="b@example.org", message_id="b@x.org"), item_id="2:2")
    deliver(system, wire)
    envelopes = {message.is_automatic: message.envelope_from for message in wire.taken}
    assert envelopes[True] == ""
    local, _, domain = envelopes[False].partition("@")
    mailbox, _, token = local.partition("+")
    assert f"{mailbox}@{domain}" == "north@migration.example"
    assert len(local) <= 64
    assert bounce_token.read(system.settings.secret_key, token.upper()) == answer_row(system).id
    assert bounce_token.read("another key of sixteen", token) is None
    assert bounce_token.read(system.settings.secret_key, token.replace("b.", "b.9")) is None


def test_a_worker_that_was_thought_dead_does_not_undo_what_a_person_decided(
    system: System,
    authority: Authority,
    answered: Ticket,
    monkeypatch: pytest.MonkeyPatch,
    at: time_machine.Coordinates,
) -> None:
    nils, second = authority.viewers["nils"], Wire()

    class Slow(Wire):
        def send(self, message: OutboundMessage) -> Receipt:
            at.shift(timedelta(hours=1))  # the others take this worker for dead
            release_abandoned(system)
            resending.resend(system, nils, answered.reference, answer_row(system).message_id)
            with monkeypatch.context() as patch:
                patch.setattr("app.flows.deliver.own_name", lambda: "elsewhere:1")
                deliver(system, second)
            return super().send(message)

    deliver(system, Slow(LATER))
    assert (answer_row(system).state, len(second.taken)) == (Delivery.SENT, 1)
    at.shift(timedelta(days=1))
    assert deliver(system, second) == 0


@pytest.mark.parametrize(
    ("fault", "state"), [(None, Delivery.SENT), (POLICY, Delivery.FAILED), (OutcomeUnknown("?"), Delivery.PERHAPS_SENT)]
)
def test_a_database_that_restarts_while_a_mail_leaves_hears_what_came_of_it(
    system: System, answered: Ticket, monkeypatch: pytest.MonkeyPatch, fault: Exception | None, state: Delivery
) -> None:
    broken = [OperationalError("UPDATE", {}, Exception("server closed"), connection_invalidated=True) for _ in range(2)]

    def record_later(*arguments: object, **named: object) -> None:
        if broken:
            raise broken.pop()
        record(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("app.flows.deliver.PATIENCE", (0.0, 0.0))
    monkeypatch.setattr("app.flows.deliver.record", record_later)
    wire = Wire(fault)
    deliver(system, wire)
    assert (answer_row(system).state, wire.asked.total(), broken) == (state, 1, [])

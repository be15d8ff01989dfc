"""What comes back: a failure brings the ticket back, a warning changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.system import System
from app.flows.deliver import deliver
from app.flows.reply import Answer, reply
from app.outbox.models import OutboxRow
from app.sla.models import ClockRow
from app.tickets.models import Message, Ticket
from app.tickets.states import State
from channels.contract import ChannelName, OutboundMessage, Receipt
from tests.factories import Authority, arrives, mail

STATUS = "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; siri.testsson@example.se\nAction: {}\n"


class Wire:
    """A mail server that takes everything; what happens meanwhile is told by the test."""

    def __init__(self) -> None:
        self.meanwhile = lambda _message: None

    def send(self, message: OutboundMessage) -> Receipt:
        self.meanwhile(message)
        return Receipt()


def report(system: System, row: OutboxRow, action: str) -> str:
    """A delivery report about an outgoing mail arrives; its fate."""
    raw = mail(
        "It is about your mail.",
        sender="MAILER-DAEMON@mx.example.org",
        to=row.reply_to,
        subject="Delivery Status Notification",
        message_id=f"{action}@mx.example.org",
    ).replace(b"Content-Type: text/plain", b"X-Was: text/plain")
    parts = f"""Content-Type: multipart/report; report-type=delivery-status; boundary=grans

--grans
Content-Type: message/delivery-status

{STATUS.format(action)}
--grans
Content-Type: text/rfc822-headers

Message-ID: <{row.mail_id}>

--grans--
"""
    head, _, _ = raw.partition(b"\n\n")
    return arrives(system, head + b"\n" + parts.encode(), item_id=f"9:{action}").fate


@pytest.fixture
def ticket(system: System, authority: Authority, at: time_machine.Coordinates) -> Ticket:
    found = authority.ticket(arrives(system, mail()).ticket_id)
    deliver(system, Wire())
    at.shift(timedelta(hours=1))
    reply(system, authority.viewers["nils"], found.reference, Answer("Ja.", ChannelName.EMAIL, State.RESOLVED))
    at.shift(timedelta(seconds=30))
    return found


def answer_of(system: System) -> OutboxRow:
    with system.db.read() as session:
        return session.scalars(select(OutboxRow).where(~OutboxRow.is_automatic)).one()


def test_an_answer_that_comes_back_is_shown_and_brings_its_ticket_back(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    deliver(system, Wire())
    assert report(system, answer_of(system), "failed") == "joined"
    assert (answer_of(system).state, authority.ticket(ticket.id).state) == ("failed", "open")
    with system.db.read() as session:
        clock = session.scalars(select(ClockRow).where(ClockRow.metric == "first_response")).one()
        assert clock.result == "met"
        assert "bounce" in set(session.scalars(select(Message.kind)))


def test_a_warning_of_a_delay_is_noted_and_changes_nothing(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    deliver(system, Wire())
    assert report(system, answer_of(system), "delayed") == "joined"
    assert (answer_of(system).state, authority.ticket(ticket.id).state) == ("sent", "resolved")


def test_a_bounce_that_is_faster_than_our_own_word_has_the_last_one(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    wire = Wire()
    wire.meanwhile = lambda _message: report(system, answer_of(system), "failed")
    deliver(system, wire)
    assert (answer_of(system).state, authority.ticket(ticket.id).state) == ("failed", "open")

"""Addresses that mail comes back from get no more of it, until somebody knows better."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.system import System
from app.flows import resend as resending
from app.flows.deliver import deliver
from app.flows.reply import Answer, reply
from app.outbox import bounce_token, suppression
from app.outbox.models import Delivery, OutboxRow
from app.screens.ticket_page import read_ticket_page
from app.tickets.models import Event, Ticket
from channels.contract import ChannelError, ChannelName
from tests.factories import MONDAY, Authority, arrives, mail
from tests.flows.test_flow_delivery import FULL, NO_SUCH, POLICY, Wire, answer_row

SIRI = "siri.testsson@example.se"


@pytest.fixture
def ticket(system: System, authority: Authority, at: time_machine.Coordinates) -> Ticket:
    found = authority.ticket(arrives(system, mail()).ticket_id)
    deliver(system, Wire())
    reply(system, authority.viewers["nils"], found.reference, Answer("Ja.", ChannelName.EMAIL))
    at.shift(timedelta(seconds=30))
    return found


def is_suppressed(system: System) -> bool:
    with system.db.read() as session:
        return suppression.is_suppressed(session, SIRI)


def report(system: System, to: str, *, recipient: str = SIRI, returned: str = "", status: str = "5.1.1") -> str:
    """A delivery report arrives; its fate."""
    lines = f"""From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered
Message-ID: <r{len(to)}.{status}.{recipient}@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary=grans

--grans
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}

--grans
Content-Type: text/rfc822-headers

Message-ID: <{returned}>

--grans--
"""
    return arrives(system, lines.encode(), item_id=f"9:{hash(lines)}").fate


def bounces_to(system: System) -> str:
    row = answer_row(system)
    return bounce_token.bounce_address(system.settings.secret_key, row.id, row.from_address)


@pytest.mark.parametrize(
    ("fault", "times", "suppressed"), [(NO_SUCH, 1, True), (FULL, 2, False), (FULL, 3, True), (POLICY, 5, False)]
)
def test_an_address_is_given_up_at_once_when_it_is_wrong_and_else_when_it_fails_often(
    system: System, ticket: Ticket, fault: ChannelError, times: int, suppressed: bool
) -> None:
    with system.db.begin() as session:
        for _ in range(times):
            suppression.note_failure(session, SIRI, status=fault.status, at=MONDAY)
    assert is_suppressed(system) is suppressed


def test_failures_long_apart_do_not_add_up(system: System) -> None:
    with system.db.begin() as session:
        for month in range(5):
            at = MONDAY + timedelta(days=31 * month)
            assert not suppression.note_failure(session, SIRI, status="5.2.2", at=at)


def test_nothing_more_is_sent_there_and_the_agent_sees_it_before_writing(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    deliver(system, Wire(NO_SUCH))
    assert is_suppressed(system)
    nils = authority.viewers["nils"]
    with system.db.read() as session:
        assert read_ticket_page(session, nils, ticket.reference, now=MONDAY).is_suppressed
    row_id = reply(system, nils, ticket.reference, Answer("Hör av dig.", ChannelName.EMAIL))
    at.shift(timedelta(seconds=30))
    wire = Wire()
    deliver(system, wire)
    assert wire.taken == []
    with system.db.read() as session:
        row = session.get_one(OutboxRow, row_id)
    assert (row.state, row.failure) == (Delivery.FAILED, "suppressed")
    resending.mail_again(system, nils, ticket.reference, SIRI)
    assert not is_suppressed(system)
    resending.resend(system, nils, ticket.reference, row.message_id)
    deliver(system, wire)
    assert [message.message_id for message in wire.taken] == [row.mail_id]


def test_a_receipt_to_such_an_address_is_withheld_and_told(system: System, ticket: Ticket) -> None:
    deliver(system, Wire(NO_SUCH))
    filed = arrives(system, mail("En annan fråga", message_id="second@example.se"), item_id="1:2")
    with system.db.read() as session:
        told = session.scalars(select(Event).where(Event.ticket_id == filed.ticket_id)).all()
    assert [(event.kind, event.reason) for event in told if "acknowledge" in event.kind] == [
        ("acknowledgement_withheld", "address_fails")
    ]
    assert is_suppressed(system)


def test_whoever_answers_by_our_address_can_be_written_to(system: System, ticket: Ticket) -> None:
    to = answer_row(system).reply_to
    deliver(system, Wire(NO_SUCH))
    arrives(system, mail("Hej igen", to=to, message_id="again@example.se"), item_id="1:2")
    assert not is_suppressed(system)


def test_a_report_to_the_bounce_address_finds_its_mail_though_it_returns_nothing(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    deliver(system, Wire())
    assert report(system, bounces_to(system), recipient="forwarded.elsewhere@example.net") == "joined"
    row = answer_row(system)
    assert (row.state, row.failure, row.needs_person) == (Delivery.FAILED, "bounced 5.1.1", True)
    assert is_suppressed(system)


def test_a_message_id_alone_counts_only_for_the_recipient_it_was_sent_to(system: System, ticket: Ticket) -> None:
    deliver(system, Wire())
    row = answer_row(system)
    forged = report(system, "north@migration.example", recipient="nobody@example.net", returned=row.mail_id)
    assert (forged, answer_row(system).state) == ("ignored", Delivery.SENT)
    assert report(system, "north@migration.example", returned=row.mail_id) == "joined"
    assert answer_row(system).state == Delivery.FAILED


def test_a_report_that_others_gave_up_waiting_fails_the_mail_and_spares_the_address(
    system: System, ticket: Ticket
) -> None:
    deliver(system, Wire())
    assert report(system, bounces_to(system), status="4.4.7") == "joined"
    assert answer_row(system).state == Delivery.FAILED
    assert not is_suppressed(system)

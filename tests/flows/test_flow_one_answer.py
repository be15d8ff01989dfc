from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.core.system import System
from app.flows import close, undo
from app.flows.contacts import Identity
from app.flows.deliver import deliver
from app.flows.identify import identify
from app.flows.reply import Answer, reply
from app.outbox.models import OutboxRow
from app.tickets.models import Ticket
from app.tickets.states import State
from channels.contract import ChannelError, ChannelName, OutboundMessage, Receipt
from tests.factories import MONDAY, Authority, arrives, mail


@pytest.fixture
def ticket(system: System, authority: Authority) -> Ticket:
    return authority.ticket(arrives(system, mail()).ticket_id)


def answers(system: System) -> int:
    with system.db.read() as session:
        return session.scalar(select(func.count()).where(~OutboxRow.is_automatic)) or 0


def test_a_button_pressed_twice_sends_one_answer(system: System, authority: Authority, ticket: Ticket) -> None:
    nils, said = authority.viewers["nils"], Answer("Ja, det går bra.", ChannelName.EMAIL, State.RESOLVED)
    rows: list[int] = []

    def press() -> None:
        rows.append(reply(system, nils, ticket.reference, said))

    pressed = [threading.Thread(target=press) for _ in range(2)]
    for thread in pressed:
        thread.start()
    for thread in pressed:
        thread.join(timeout=60)
    assert len(set(rows)) == 1
    assert len(rows) == 2
    assert answers(system) == 1


def test_the_same_words_later_or_after_an_undo_are_a_new_answer(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    nils, said = authority.viewers["nils"], Answer("Ja, det går bra.", ChannelName.EMAIL)
    with time_machine.travel(MONDAY, tick=False) as at:
        reply(system, nils, ticket.reference, said)
        at.shift(timedelta(minutes=5))
        row_id = reply(system, nils, ticket.reference, said)
        with system.db.read() as session:
            message_id = session.get_one(OutboxRow, row_id).message_id
        undo.undo(system, nils, ticket.reference, message_id)
        assert reply(system, nils, ticket.reference, said) != row_id
    assert answers(system) == 3


class Refuses:
    """A mail server that says no for good."""

    def send(self, _message: OutboundMessage) -> Receipt:
        raise ChannelError("550 no such user", permanent=True)


def test_the_same_words_are_sent_again_when_the_first_ones_were_refused(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    nils, said = authority.viewers["nils"], Answer("Ja, det går bra.", ChannelName.EMAIL)
    with time_machine.travel(MONDAY, tick=False) as at:
        refused = reply(system, nils, ticket.reference, said)
        at.shift(timedelta(seconds=21))
        deliver(system, Refuses())
        identify(system, nils, ticket.reference, Identity(name="Siri", email="siri@example.org"))
        at.shift(timedelta(seconds=20))
        assert reply(system, nils, ticket.reference, said) != refused


def test_a_resolved_ticket_that_nobody_took_can_still_be_answered(
    system: System, authority: Authority, ticket: Ticket
) -> None:
    nora = authority.viewers["nora"]
    close.resolve(system, nora, ticket.reference)
    reply(system, nora, ticket.reference, Answer("En sak till.", ChannelName.EMAIL, State.RESOLVED))
    assert authority.ticket(ticket.id).state == "resolved"

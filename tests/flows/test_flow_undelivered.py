from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.system import System
from app.flows.deliver import deliver
from app.flows.reply import Answer, reply
from app.outbox.models import OutboxRow
from app.tickets.models import Event
from app.tickets.states import State
from channels.contract import ChannelError, ChannelName, OutboundMessage, Receipt
from tests.factories import Authority, arrives, mail


class Wire:
    """A mail server that says no for good."""

    def send(self, _message: OutboundMessage) -> Receipt:
        raise ChannelError("550 no such user", permanent=True)


@pytest.mark.parametrize("then", [State.RESOLVED, State.WAITING])
def test_an_answer_that_did_not_get_through_brings_the_ticket_back(
    system: System, authority: Authority, at: time_machine.Coordinates, then: State
) -> None:
    ticket = authority.ticket(arrives(system, mail()).ticket_id)
    with system.db.begin() as session:
        session.query(OutboxRow).delete()
    reply(system, authority.viewers["nils"], ticket.reference, Answer("Ja.", ChannelName.EMAIL, then))
    at.shift(timedelta(seconds=30))
    deliver(system, Wire())
    assert authority.ticket(ticket.id).state == "open"


def test_a_receipt_that_did_not_get_through_changes_no_state(
    system: System, authority: Authority, at: time_machine.Coordinates
) -> None:
    ticket = authority.ticket(arrives(system, mail()).ticket_id)
    deliver(system, Wire())
    assert authority.ticket(ticket.id).state == "new"
    with system.db.read() as session:
        assert "delivery_failed" in set(session.scalars(select(Event.kind)))

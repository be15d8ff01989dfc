from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.system import System
from app.flows import close, transfer, undo
from app.flows.contacts import Identity
from app.flows.identify import identify
from app.flows.reply import Answer, reply
from app.outbox.models import OutboxRow
from app.tickets.models import Message, Ticket
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail


@pytest.fixture
def ticket(system: System, authority: Authority, at: time_machine.Coordinates) -> Ticket:
    return authority.ticket(arrives(system, mail()).ticket_id)


def answered(system: System, authority: Authority, ticket: Ticket, body: str, then: State) -> OutboxRow:
    row_id = reply(system, authority.viewers["nils"], ticket.reference, Answer(body, ChannelName.EMAIL, then))
    with system.db.read() as session:
        return session.get_one(OutboxRow, row_id)


def test_what_a_citizen_wrote_meanwhile_stays_open_when_the_answer_is_taken_back(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    nils = authority.viewers["nils"]
    close.pause(system, nils, ticket.reference, reason="citizen")
    row = answered(system, authority, ticket, "Vi väntar på ditt intyg.", State.WAITING)
    at.shift(timedelta(seconds=5))
    arrives(system, mail("Här är det.", to=row.reply_to, message_id="more@example.se"), item_id="2:2", at=MONDAY)
    undo.undo(system, nils, ticket.reference, row.message_id)
    assert authority.ticket(ticket.id).state == "open"


def test_the_first_of_two_answers_taken_back_leaves_what_the_second_one_did(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    first = answered(system, authority, ticket, "Ja.", State.WAITING)
    at.shift(timedelta(seconds=5))
    answered(system, authority, ticket, "Ja, det går bra.", State.RESOLVED)
    undo.undo(system, authority.viewers["nils"], ticket.reference, first.message_id)
    assert authority.ticket(ticket.id).state == "resolved"


def test_a_ticket_moved_meanwhile_stays_new_in_its_unit(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    row = answered(system, authority, ticket, "Ja.", State.OPEN)
    at.shift(timedelta(seconds=5))
    nils, saku, southern = authority.viewers["nils"], authority.viewers["saku"], authority.units["southern"]
    transfer.transfer(system, nils, ticket.reference, to=southern.id, reason="A Finnish card.")
    undo.undo(system, saku, ticket.reference, row.message_id)
    assert authority.ticket(ticket.id).state == "new"


def test_a_letter_that_was_not_posted_can_be_taken_back(
    system: System, authority: Authority, ticket: Ticket, at: time_machine.Coordinates
) -> None:
    nils = authority.viewers["nils"]
    identify(system, nils, ticket.reference, Identity(postal="Provgatan 12\n871 99 Härnösand"))
    reply(system, nils, ticket.reference, Answer("Ditt kort är på väg.", ChannelName.LETTER, State.RESOLVED))
    with system.db.read() as session:
        letter = session.scalars(select(Message).where(Message.kind == "answer")).one()
    assert undo.undo(system, nils, ticket.reference, letter.id) == "Ditt kort är på väg."
    assert authority.ticket(ticket.id).state == "open"

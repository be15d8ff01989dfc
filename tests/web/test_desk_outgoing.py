"""The page Outgoing: what needs a person, what waits, and what to do about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.system import System
from app.flows.deliver import deliver
from app.flows.reply import Answer, reply
from app.intake.models import Inbound
from app.outbox.models import Delivery, OutboxRow
from channels.contract import ChannelError, ChannelName, OutcomeUnknown
from tests.factories import MONDAY, Authority, arrives, mail
from tests.flows.test_flow_delivery import AWAY, NO_SUCH, Wire
from tests.queries import count_queries
from tests.web.conftest import Enter


def answers(system: System, authority: Authority, faults: list[Exception | None]) -> list[OutboxRow]:
    """An answer by Nils to a citizen each, sent with that fault; their outbox rows."""
    with time_machine.travel(MONDAY, tick=False) as at:
        for number in range(len(faults)):
            raw = mail(f"Fråga {number}", sender=f"c{number}@d{number}.org", message_id=f"m{number}@x.org")
            ticket = authority.ticket(arrives(system, raw, item_id=f"1:{number}").ticket_id)
            deliver(system, Wire())
            reply(system, authority.viewers["nils"], ticket.reference, Answer("Ja.", ChannelName.EMAIL))
        at.shift(timedelta(seconds=30))
        for fault in faults:
            with system.db.begin() as session:  # one after the other: each with its own fault
                waiting = session.scalars(select(OutboxRow).where(OutboxRow.state == "queued").order_by(OutboxRow.id))
                first, *others = waiting
                for row in others:
                    row.not_before += timedelta(hours=1)
                first.not_before = MONDAY
            deliver(system, Wire(fault))
            with system.db.begin() as session:
                for row in session.scalars(select(OutboxRow).where(OutboxRow.state == "queued", OutboxRow.tries == 0)):
                    row.not_before = MONDAY
    with system.db.read() as session:
        return list(session.scalars(select(OutboxRow).where(~OutboxRow.is_automatic).order_by(OutboxRow.id)))


DOUBT = OutcomeUnknown("broke")


def test_what_needs_a_person_stands_above_what_waits(system: System, authority: Authority, enter: Enter) -> None:
    answers(system, authority, [DOUBT, NO_SUCH, None, ChannelError("451 4.3.0 later")])
    page = enter("nils").get("/desk/outgoing/").text
    needing, waiting, addresses, _withheld = re.findall(r'<section class="sheet".*?</section>', page, re.DOTALL)
    assert needing.count("<tr>") == 1 + 2
    assert "Perhaps sent" in needing
    assert "Not delivered" in needing
    assert waiting.count("<tr>") == 1 + 1
    assert "451 4.3.0 later" in waiting
    assert addresses.count("<li>") == 1
    assert "c1@d1.org" not in page


def test_each_decision_is_one_button_and_leads_back(system: System, authority: Authority, enter: Enter) -> None:
    rows = answers(system, authority, [DOUBT, DOUBT, NO_SUCH, NO_SUCH])
    nils = enter("nils")
    actions = re.findall(r'action="([^"]+back=outgoing)"', nils.get("/desk/outgoing/").text)
    wanted = {"again": rows[0], "arrived": rows[1], "seen-to": rows[2]}
    for verb, row in wanted.items():
        (url,) = [url for url in actions if url.endswith(f"/messages/{row.message_id}/{verb}?back=outgoing")]
        answer = nils.send(url)
        assert (answer.status_code, answer.location) == (303, "/desk/outgoing/")
        assert nils.send(url).status_code == 409
    with system.db.read() as session:
        now = [session.get_one(OutboxRow, row.id) for row in rows]
    assert [(row.state, row.needs_person) for row in now] == [
        (Delivery.QUEUED, False),
        (Delivery.SENT, False),
        (Delivery.FAILED, False),
        (Delivery.FAILED, True),
    ]


def test_another_unit_sees_and_decides_nothing(system: System, authority: Authority, enter: Enter) -> None:
    (row,) = answers(system, authority, [DOUBT])
    saku = enter("saku")
    page = saku.get("/desk/outgoing/").text
    assert "Nothing: every answer has arrived as far as anybody knows." in page
    reference = authority.ticket(row.ticket_id).reference
    for verb in ("again", "arrived", "seen-to"):
        assert saku.send(f"/desk/tickets/{reference}/messages/{row.message_id}/{verb}").status_code == 404


def test_the_ticket_offers_the_same_and_one_key(system: System, authority: Authority, enter: Enter) -> None:
    (row,) = answers(system, authority, [DOUBT])
    reference = authority.ticket(row.ticket_id).reference
    nils = enter("nils")
    page = nils.get(f"/desk/tickets/{reference}").text
    assert page.count('data-key="9"') == 1
    assert "Perhaps sent: nobody can tell. It is not sent again by itself." in page
    nils.send(f"/desk/tickets/{reference}/messages/{row.message_id}/again")
    assert 'data-key="9"' not in nils.get(f"/desk/tickets/{reference}").text


def test_a_citizen_whose_address_fails_is_shown_so_before_anybody_writes(
    system: System, authority: Authority, enter: Enter
) -> None:
    (row,) = answers(system, authority, [NO_SUCH])
    url = f"/desk/tickets/{authority.ticket(row.ticket_id).reference}"
    nils = enter("nils")
    assert "came back: nothing is sent there." in nils.get(url).text
    nils.send(f"{url}/mail-again", address=row.to_address)
    assert "came back: nothing is sent there." not in nils.get(url).text


@pytest.mark.parametrize("fault", [DOUBT, AWAY])
def test_the_page_costs_the_same_for_one_as_for_many(
    system: System, authority: Authority, enter: Enter, fault: Exception
) -> None:
    nils, costs = enter("nils"), []
    for count in (1, 4):
        answers(system, authority, [fault] * count) if count == 1 else None
        with count_queries(system.db.engine) as counted:
            nils.get("/desk/outgoing/")
        costs.append(counted.count)
        if count == 1:
            with system.db.begin() as session:
                for number, row in enumerate(session.scalars(select(OutboxRow)).all()):
                    row.state, row.needs_person = ("failed", True) if number % 2 else ("queued", False)
    assert costs[0] == costs[1]
    assert costs[0] <= 9


def test_the_menu_of_every_page_tells_how_much_waits_for_a_person_of_theirs(
    system: System, authority: Authority, enter: Enter
) -> None:
    answers(system, authority, [DOUBT])
    filed = arrives(system, b"", item_id="9:9")
    with system.db.begin() as session:
        session.get_one(Inbound, filed.inbound_id).recipient = "north@migration.example"
    told = {name: re.findall(r"(\d+) waits? for a person", enter(name).get("/desk/").text) for name in ("nils", "saku")}
    assert told == {"nils": ["1", "1"], "saku": []}

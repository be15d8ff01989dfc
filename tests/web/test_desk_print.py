"""A ticket to print: all of it on one page, to whom the ticket is open, and written down that it was taken out."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry, User
from app.core.system import System
from app.flows import assign, note, protect, reply, transfer
from app.flows.reply import Answer
from app.tickets.models import Ticket
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import Authority
from tests.web.conftest import DeskClient, Enter, World


@pytest.fixture
def nils(enter: Enter) -> DeskClient:
    return enter("nils")


@pytest.fixture
def printed(system: System, authority: Authority, world: World, nils: DeskClient) -> str:
    """The address of the print of a ticket that was taken, noted on and answered."""
    viewer = authority.viewers["nils"]
    assign.take(system, viewer, world.reference)
    note.note(system, viewer, world.reference, "Ringde registret: <inget> att anmärka.")
    reply.reply(system, viewer, world.reference, Answer("Ja, res med passet.", ChannelName.EMAIL, State.RESOLVED))
    return f"/desk/tickets/{world.reference}/print"


def printings(system: System) -> list[tuple[int | None, dict[str, object]]]:
    with system.db.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "ticket_printed").order_by(AuditEntry.id))
        return [(row.user_id, row.data) for row in rows]


def test_it_holds_every_message_event_and_clock_and_says_who_printed_it_and_when(
    printed: str, nils: DeskClient, world: World
) -> None:
    page = nils.get(printed).text
    assert "Kan jag resa utomlands &amp; tillbaka" in page
    assert "Ja, res med passet." in page
    assert "Ringde registret: &lt;inget&gt; att anmärka." in page
    assert "intyg &amp; kvitto.txt" in page
    assert re.search(r"Printed by Nils[^<]*, 16 Nov 2026 09:30", page)
    assert page.count('class="did"') >= 3, "created, taken, resolved"
    assert "First response" in page
    assert "siri.testsson@example.se" in page
    assert "<form" not in page
    assert "<details" not in page
    assert " style=" not in page


def test_internal_notes_are_marked_and_can_be_left_out(printed: str, nils: DeskClient) -> None:
    page = nils.get(printed).text
    assert '<article class="said int"><h3><span class="tag">Internal</span>' in page
    without = nils.get(f"{printed}?internal=0").text
    assert "Ringde registret" not in without
    assert "1 internal note is left out." in without
    assert "Ja, res med passet." in without


def test_each_print_is_written_down(
    printed: str, nils: DeskClient, system: System, authority: Authority, enter: Enter
) -> None:
    nils.get(printed)
    nils.get(f"{printed}?internal=0")
    enter("saku").get(printed)
    user_id = authority.viewers["nils"].user_id
    assert printings(system) == [(user_id, {"internal_notes": True}), (user_id, {"internal_notes": False})]


def test_a_unit_that_held_the_ticket_prints_it_and_no_other_does(
    printed: str, nils: DeskClient, enter: Enter, world: World, system: System, authority: Authority
) -> None:
    saku = enter("saku")
    assert saku.get(printed).status_code == 404
    assert saku.get(f"{printed}.css").status_code == 404
    with system.db.read() as session:
        south = next(iter(authority.viewers["saku"].units))
        assert session.scalars(select(Ticket.unit_id)).first() != south
    with system.db.begin() as session:
        session.scalars(select(Ticket).where(Ticket.reference == world.reference)).one().state = State.OPEN
    transfer.transfer(system, authority.viewers["nils"], world.reference, to=south, reason="Hör till syd")
    assert "Ja, res med passet." in saku.get(printed).text
    assert "Ja, res med passet." in nils.get(printed).text


def test_a_protected_identity_stays_hidden_and_a_look_at_it_leaves_its_trace(
    printed: str, nils: DeskClient, enter: Enter, system: System, authority: Authority
) -> None:
    with system.db.begin() as session:
        session.get_one(User, authority.viewers["nora"].user_id).sees_protected = True
        person_id = session.scalars(select(Ticket.person_id)).first() or 0
    protect.protect(system, authority.viewers["nils"], person_id, kind="marked", reason="Beslut visat i telefon")
    for path in (printed, f"{printed}.css"):
        answer = nils.get(path)
        assert answer.status_code == 403, path
        assert "Siri" not in answer.text
    assert printings(system) == []
    nora = enter("nora")
    nora.send(f"/desk/people/{person_id}/open", back=printed, reason="Skriver ut på begäran")
    assert "Kan jag resa utomlands" in nora.get(printed).text
    with system.db.read() as session:
        assert "protected_seen" in session.scalars(select(AuditEntry.action)).all()


def test_the_ticket_offers_it_by_a_button_and_a_key(printed: str, nils: DeskClient) -> None:
    page = nils.get(printed.removesuffix("/print")).text
    assert re.search(rf'<a class="btn[^"]*" href="{printed}" data-key="P">', page)
    assert 'data-press="P"' in page
    assert '@page{@top-left{content:"' in nils.get(f"{printed}.css").text

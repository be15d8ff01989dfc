"""The form for a new ticket."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.core.system import System
from app.tickets.models import Ticket
from tests.web.conftest import DeskClient, Enter, World


@pytest.fixture
def nils(enter: Enter, world: World) -> DeskClient:
    return enter("nils")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_call_becomes_a_resolved_ticket(nils: DeskClient, system: System) -> None:
    page = nils.get("/desk/new").text
    form = {"form_id": hidden(page, "form_id"), "opened_at": hidden(page, "opened_at"), "about": "topic:1"}
    said = {"phone": "070-174 06 05", "name": "Siri", "language": "fi", "body": "Frågade", "then": "resolved"}
    told = nils.send("/desk/new?by=phone", **form, **said)
    assert told.status_code == 303
    page = nils.get(told.location).text
    assert "Frågade" in page
    assert "Resolved" in page
    assert nils.send("/desk/new?by=phone", **form, **said).location == told.location
    with system.db.read() as session:
        ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
    assert (ticket.topic_id, ticket.language) == (1, "fi")


def test_each_way_to_begin_asks_for_what_it_needs(nils: DeskClient) -> None:
    assert 'name="phone"' in nils.get("/desk/new?by=phone").text
    assert 'name="email"' in nils.get("/desk/new?by=email").text
    assert 'name="postal"' in nils.get("/desk/new?by=letter").text
    assert 'name="phone"' in nils.get("/desk/new?by=nothing").text


def test_faults_stand_by_their_fields_and_what_was_typed_stays(nils: DeskClient) -> None:
    told = nils.send("/desk/new?by=email", about="unit:1", language="sv", body="", email="wrong", name="Siri")
    assert told.status_code == 422
    assert 'id="new-body-fault"' in told.text
    told = nils.send("/desk/new?by=email", about="unit:1", language="sv", body="Hej på dig", email="wrong")
    assert 'id="new-email-fault"' in told.text
    assert "Hej på dig" in told.text
    told = nils.send("/desk/new?by=phone", about="unit:2", language="sv", body="x", minutes="-5")
    assert 'id="new-about-fault"' in told.text
    assert 'id="new-minutes-fault"' in told.text


def test_who_it_may_be_is_looked_up_while_typing_and_chosen(nils: DeskClient, world: World, system: System) -> None:
    found = nils.send("/desk/new/people", name="testss").text
    person = re.search(r'name="person" value="(\d+)"', found)
    assert person is not None
    assert world.reference in found
    assert "si***" not in nils.send("/desk/new/people", name="zz").text
    page = nils.send("/desk/new?by=phone", search="1", name="Siri").text
    assert "Is it one of these?" in page
    nils.send("/desk/new?by=phone", person=person[1], about="unit:1", language="sv", body="Ringde igen", then="open")
    with system.db.read() as session:
        newest = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
    assert newest.person_id == int(person[1])
    assert nils.send("/desk/new?by=phone", person="999", about="unit:1", language="sv", body="x").status_code == 404


def test_whoever_works_in_no_unit_begins_nothing(enter: Enter) -> None:
    admin = enter("admin")
    assert 'href="/desk/new"' not in admin.get("/desk/").text
    assert admin.send("/desk/new?by=phone", about="unit:1", language="sv", body="x").status_code == 422

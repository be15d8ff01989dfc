"""What a process keeps as rendered is shown to nobody whom it does not fit, and never after it has changed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from app.accounts.models import Unit, User
from app.core.system import System
from app.flows import assign, label, protect
from app.people.models import Person
from app.tickets.models import Ticket
from tests.factories import Authority, arrives, mail
from tests.web.conftest import NOW, DeskClient, Enter, World


@pytest.fixture
def number(world: World, system: System) -> str:
    return world.reference


def row(client: DeskClient, reference: str, query: str = "") -> str:
    """The line of a ticket in the list, without its tags."""
    page = client.get(f"/desk/{query}").text
    found = re.search(rf'<li id="t\d+"><a class="row[^>]*/{reference}[^>]*>.*?</li>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0] if found else "").split())


def test_one_process_speaks_to_each_in_their_language(
    enter: Enter, authority: Authority, system: System, number: str
) -> None:
    nils, nora = enter("nils"), enter("nora")
    with system.db.begin() as session:
        session.execute(update(User).where(User.id == authority.viewers["nils"].user_id).values(language="fi"))
        session.execute(update(User).where(User.id == authority.viewers["nora"].user_id).values(language="sv"))
    for _ in range(2):
        assert "E-post" in row(nora, number)
        assert "Sähköposti" in row(nils, number)
        assert "Mina inställningar" in nora.get(f"/desk/tickets/{number}").text
        assert "Omat asetukset" in nils.get(f"/desk/tickets/{number}").text


def test_a_line_says_you_to_one_person_alone(enter: Enter, authority: Authority, system: System, number: str) -> None:
    nils, nora = enter("nils"), enter("nora")
    assign.take(system, authority.viewers["nils"], number)
    for _ in range(2):
        assert "You" in row(nils, number)
        assert "Nils" in row(nora, number)


def test_a_line_changes_with_everything_that_it_shows(
    enter: Enter, authority: Authority, system: System, number: str
) -> None:
    nora, viewer = enter("nora"), authority.viewers["nora"]
    told = [row(nora, number)]
    assign.take(system, authority.viewers["nils"], number)
    told.append(row(nora, number))
    with system.db.begin() as session:
        session.execute(update(User).where(User.name == "Nils").values(name="Nils Ny"))
    told.append(row(nora, number))
    label.put_label(system, viewer, number, "kampanj")
    told.append(row(nora, number))
    with system.db.begin() as session:
        session.execute(update(Person).values(name="Siri Andra"))
    told.append(row(nora, number))
    enter("nils").send(f"/desk/tickets/{number}/presence", writing="1")
    told.append(row(nora, number))
    protect.protect(system, viewer, _person(system, number), kind="marked", reason="Beslut visat i telefon")
    told.append(row(nora, number))
    assert len(set(told)) == len(told)
    assert "Siri" in told[-2]
    assert "Siri" not in told[-1]
    assert "Resa" not in told[-1]


def _person(system: System, reference: str) -> int:
    with system.db.read() as session:
        ticket = session.query(Ticket).filter_by(reference=reference).one()
        return ticket.person_id or 0


def test_a_line_tells_the_time_that_it_is(enter: Enter, system: System, authority: Authority, number: str) -> None:
    told = []
    for later in (timedelta(), timedelta(minutes=1), timedelta(hours=5), timedelta(hours=9)):
        with time_machine.travel(NOW + later, tick=False):
            told.append(row(enter("nora"), number))
    assert len(set(told)) == len(told)


def test_a_line_tells_the_time_of_the_readers_zone(
    enter: Enter, system: System, authority: Authority, number: str
) -> None:
    before = row(enter("nora"), number)
    with system.db.begin() as session:
        session.execute(update(Unit).values(timezone="Europe/Helsinki"))
    after = row(enter("nora"), number)
    assert re.findall(r"\d\d?:\d\d", before) != re.findall(r"\d\d?:\d\d", after)


def test_a_line_leads_back_to_the_list_that_it_stands_in(enter: Enter, system: System, number: str) -> None:
    nora = enter("nora")
    for query in ("", "?who=nobody", "?channel=email", ""):
        page = nora.get(f"/desk/{query}").text
        assert f'href="/desk/tickets/{number}{query}"' in page


def test_the_open_ticket_is_marked_in_the_list_beside_it_alone(
    enter: Enter, system: System, authority: Authority, number: str
) -> None:
    other = authority.ticket(arrives(system, mail(message_id="n2@x.se"), item_id="9:1").ticket_id).reference
    nora = enter("nora")
    for reference in (number, other, number):
        page = nora.get(f"/desk/tickets/{reference}").text
        marked = re.findall(r'<a class="row[^>]*/desk/tickets/(\d+)"[^>]*aria-current="true"', page)
        assert marked == [reference]

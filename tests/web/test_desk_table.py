"""The list as a table: columns, order, picking, and what is done to many."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from app.core.ids import new_reference
from app.core.system import System
from app.flows import bulk, close
from tests.factories import Authority
from tests.queries import count_queries
from tests.web.conftest import NOW, DeskClient, Enter, World, add_tickets

COLUMNS = "due,subject,citizen,state,topic,channel,assignee,unit,arrived,changed,language,reference"


@pytest.fixture
def nils(enter: Enter, world: World, system: System, authority: Authority) -> DeskClient:
    add_tickets(system, authority, 3)
    return enter("nils")


def picks(page: str) -> list[str]:
    return re.findall(r'name="pick" value="(\d+)"', page)


def test_columns_are_chosen_and_stand_in_the_address(nils: DeskClient) -> None:
    page = nils.get(f"/desk/?columns={COLUMNS}").text
    assert len(re.findall(r'<th scope="col"', page)) == 12
    page = nils.get("/desk/?columns=subject&columns=state&columns=nonsense").text
    assert len(re.findall(r'<th scope="col"', page)) == 2
    assert "columns=subject,state" in page
    nils.send("/desk/views/?columns=subject,state&sort=-arrived&who=nobody", name="Min tabell", whose="own")
    assert "columns=subject,state" in nils.get("/desk/").text


@pytest.mark.parametrize("column", ["due", "subject", "citizen", "state", "channel", "assignee", "unit", "arrived"])
def test_it_is_sorted_both_ways(column: str, nils: DeskClient) -> None:
    up = picks(nils.get(f"/desk/?columns={COLUMNS}&sort={column}").text)
    down = picks(nils.get(f"/desk/?columns={COLUMNS}&sort=-{column}").text)
    assert len(up) == 4
    assert up == down[::-1]
    assert (
        f'aria-sort="ascending"><a href="/desk/?columns={COLUMNS}&amp;sort=-{column}"'
        in nils.get(f"/desk/?columns={COLUMNS}&sort={column}").text
    )


def test_what_nobody_offers_is_refused(nils: DeskClient) -> None:
    assert nils.get("/desk/?columns=subject&sort=password_hash").status_code == 422
    assert nils.get("/desk/?columns=subject&page=9999").status_code == 200


def test_a_longer_table_costs_no_more_queries(nils: DeskClient, system: System, authority: Authority) -> None:
    with count_queries(system.db.engine) as few:
        nils.get(f"/desk/?columns={COLUMNS}")
    add_tickets(system, authority, 120, start=10)
    with count_queries(system.db.engine) as many:
        page = nils.get(f"/desk/?columns={COLUMNS}").text
    assert few.count == many.count <= 14, str(many)
    assert len(picks(page)) == 100
    assert "page=2" in page
    assert len(picks(nils.get(f"/desk/?columns={COLUMNS}&page=2").text)) == 24


def test_many_are_looked_at_done_and_told(nils: DeskClient, world: World, system: System, enter: Enter) -> None:
    chosen = picks(nils.get("/desk/?columns=subject").text)
    url = "/desk/bulk/look?columns=subject"
    told = nils.send(url, kind="label", text="", pick=chosen)
    assert told.status_code == 422
    assert set(picks(told.text)) == set(chosen)
    assert len(re.findall("data-pick checked", told.text)) == len(chosen), "what was picked stays picked"
    told = nils.send(url, kind="label", text="Kampanj", pick=[*chosen, new_reference(), "4711"])
    assert "1 ticket is left out" in told.text
    assert set(picks(told.text)) == set(chosen)
    started = nils.send("/desk/bulk?columns=subject", kind="label", text="Kampanj", pick=chosen)
    assert started.status_code == 303
    page = nils.get(started.location).text
    assert "0 of 4 done" in page
    assert "every 1s" in page
    bulk.run(system)
    page = nils.get(started.location).text
    assert "Done with all 4." in page
    assert "every 1s" not in page
    assert all(reference in page for reference in chosen)
    assert enter("nora").get(started.location).status_code == 404
    assert "kampanj" in nils.get("/desk/?columns=subject").text


def test_what_was_done_to_many_is_undone_from_its_page(nils: DeskClient, system: System, enter: Enter) -> None:
    chosen = picks(nils.get("/desk/?columns=subject").text)
    url = nils.send("/desk/bulk?columns=subject", kind="label", text="Kampanj", pick=chosen).location
    form = f'action="{url.replace("?", "/undo?")}"'
    assert form in nils.get(url).text, "it is offered while it runs"
    bulk.run(system)
    page = nils.get(url).text
    assert form in page
    assert "It can be undone until" in page
    assert 'data-undo-until="2026-11-16T08:35:00' in page
    undo = url.replace("?", "/undo?")
    assert enter("nora").send(undo).status_code == 404
    first, second = nils.send(undo), nils.send(undo)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location != url
    assert "0 of 4 done" in nils.get(first.location).text
    assert enter("nora").get(first.location).status_code == 404
    bulk.run(system)
    page = nils.get(first.location).text
    assert "Undo: Put a label on: kampanj" in page
    assert "Done with all 4." in page
    assert "/undo?" not in page
    assert all(reference in page for reference in chosen)
    page = nils.get(url).text
    assert form not in page
    assert "It was undone: see what became of each ticket" in page
    assert "kampanj" not in nils.get("/desk/?columns=subject").text
    assert nils.send(first.location.replace("?", "/undo?")).status_code == 409


def test_after_five_minutes_there_is_no_button_and_a_late_form_is_told_so(nils: DeskClient, system: System) -> None:
    chosen = picks(nils.get("/desk/?columns=subject").text)
    url = nils.send("/desk/bulk?columns=subject", kind="label", text="Kampanj", pick=chosen).location
    bulk.run(system)
    with time_machine.travel(NOW + timedelta(minutes=5, seconds=1), tick=False):
        assert "/undo?" not in nils.get(url).text
        late = nils.send(url.replace("?", "/undo?"))
    assert late.status_code == 409
    assert "It is too late: an order can be undone for five minutes." in late.text
    assert "Done with all 4." in late.text
    assert "kampanj" in nils.get("/desk/?columns=subject").text


def test_an_undo_says_what_was_left_alone_and_why(
    nils: DeskClient, world: World, system: System, authority: Authority
) -> None:
    chosen = [world.reference]
    url = nils.send("/desk/bulk?columns=subject", kind="resolve", pick=chosen).location
    bulk.run(system)
    close.reopen(system, authority.viewers["nora"], world.reference)
    undo = nils.send(url.replace("?", "/undo?")).location
    bulk.run(system)
    page = nils.get(undo).text
    assert page.count("It is open again already.") == 1
    assert "What somebody has worked on since is left as it is, with the reason." in page
    stopped = nils.send("/desk/bulk?columns=subject", kind="label", text="x", pick=chosen).location
    nothing = nils.send(stopped.replace("?", "/undo?")).location
    assert "Nothing had been done yet; the order was stopped." in nils.get(nothing).text
    assert nils.get(stopped).text.count("The order was undone before it came to this ticket.") == 1

"""The list as a table: columns, order, picking, and what is done to many."""

from __future__ import annotations

import re

import pytest

from app.core.ids import new_reference
from app.core.system import System
from app.flows import bulk
from tests.factories import Authority
from tests.queries import count_queries
from tests.web.conftest import DeskClient, Enter, World, add_tickets

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

"""Views: a filter under a name, for oneself, a unit or everybody, and nobody else's is touched."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.core.system import System
from app.tickets.views import SavedView
from tests.factories import Authority, arrives, mail
from tests.web.conftest import DeskClient, Enter

URL = "/desk/?who=nobody&channel=email"


def keep(client: DeskClient, name: str, whose: str = "own", params: str = "who=nobody&channel=email") -> int:
    return client.send(f"/desk/views/?{params}", name=name, whose=whose).status_code


def seen_by(client: DeskClient) -> list[str]:
    rail = re.search(r'<nav class="rail".*?</nav>', client.get("/desk/").text, re.DOTALL)
    found = rail[0].partition("<h2>")[2] if rail else ""
    return re.findall(r"<a [^>]*>([^<]+?)\s*(?:<span|</a>)", found)


def test_a_view_shows_to_whom_it_is_for_and_opens_its_filter(
    enter: Enter, authority: Authority, system: System
) -> None:
    north = str(authority.units["north"].id)
    assert keep(enter("nils"), "Mine alone") == 303
    assert keep(enter("nora"), "Of the north", north) == 303
    assert keep(enter("admin"), "For everybody", "all") == 303
    assert keep(enter("admin"), "North only", "all", f"unit={north}") == 303
    assert {name: seen_by(enter(name)) for name in ("nils", "nora", "saku")} == {
        "nils": ["Mine alone", "Of the north", "For everybody", "North only"],
        "nora": ["Of the north", "For everybody", "North only"],
        "saku": ["For everybody"],
    }
    page = enter("nils").get(URL).text
    assert ">Mine alone</h1>" in page
    with system.db.read() as session:
        kept = session.scalars(select(SavedView).order_by(SavedView.id)).first()
    assert kept is not None
    assert kept.params == {"who": "nobody", "channel": "email"}


def test_who_may_not_keep_or_remove_one(enter: Enter, authority: Authority, system: System) -> None:
    north, southern = (str(authority.units[key].id) for key in ("north", "southern"))
    assert [keep(enter("nils"), "x", whose) for whose in (north, southern, "all", "5x")] == [403] * 4
    assert [keep(enter("nora"), "x", whose) for whose in (southern, "all")] == [403] * 2
    keep(enter("nils"), "Mine alone")
    keep(enter("nora"), "Of the north", north)
    for name, view in (("nora", 1), ("admin", 1), ("nils", 2), ("saku", 2), ("nils", 99)):
        assert enter(name).send(f"/desk/views/{view}/remove").status_code == 404
    for name, view in (("nils", 1), ("admin", 2)):
        assert enter(name).send(f"/desk/views/{view}/remove").status_code == 303
    with system.db.read() as session:
        assert session.scalars(select(SavedView)).all() == []


@pytest.mark.parametrize(("name", "params"), [(" ", "who=mine"), ("x" * 61, "who=mine"), ("x", "who=odd")])
def test_a_view_that_cannot_be_used_is_not_kept(name: str, params: str, enter: Enter, system: System) -> None:
    assert keep(enter("nils"), name, params=params) == 422
    with system.db.read() as session:
        assert session.scalars(select(SavedView)).all() == []


def test_there_are_thirty_at_most(enter: Enter) -> None:
    nils = enter("nils")
    assert [keep(nils, f"View {number}") for number in range(31)] == [303] * 30 + [422]


def test_each_view_tells_how_many_tickets_it_holds(enter: Enter, system: System) -> None:
    for number in range(3):
        raw = mail("Hej", message_id=f"m{number}@example.se", sender=f"c{number}@example.se")
        arrives(system, raw, item_id=f"1:{number}")
    nils = enter("nils")
    keep(nils, "Free", params="who=nobody")
    keep(nils, "Mine", params="who=mine")
    keep(nils, "Done", params="state=resolved")
    rail = re.search(r'<nav class="rail".*?</nav>', nils.get("/desk/").text, re.DOTALL)
    assert rail
    counts = re.findall(r"<a [^>]*>(\w+)(?: <span class=\"n\">(\d+)</span>)?</a>", rail[0].partition("<h2>")[2])
    assert counts == [("Done", ""), ("Free", "3"), ("Mine", "0")]


def start(client: DeskClient, chosen: str) -> int:
    return client.send("/desk/settings/", language="en", density="compact", start=chosen).status_code


def opens_with(client: DeskClient) -> str:
    return client.get("/").headers["Location"].removeprefix("http://localhost")


def test_the_desk_opens_with_the_list_that_a_person_chose(enter: Enter, authority: Authority, system: System) -> None:
    nils, nora = enter("nils"), enter("nora")
    keep(nils, "Mine alone")
    keep(nora, "Of the north", str(authority.units["north"].id), "state=waiting")
    with system.db.read() as session:
        numbers = {view.name: str(view.id) for view in session.scalars(select(SavedView))}
    assert opens_with(nils) == "/desk/"
    for chosen, opened in (
        ("mine", "/desk/?who=mine"),
        (numbers["Mine alone"], "/desk/?channel=email&who=nobody"),
        (numbers["Of the north"], "/desk/?state=waiting"),
    ):
        assert start(nils, chosen) == 303
        assert sorted(re.findall(r"\w+=\w+", opens_with(nils))) == sorted(re.findall(r"\w+=\w+", opened))
    assert opens_with(nora) == "/desk/"
    for wrong in (numbers["Mine alone"], "999", "0x1", "none"):
        assert start(nora, wrong) == 422
    nora.send(f"/desk/views/{numbers['Of the north']}/remove")
    assert opens_with(nils) == "/desk/"
    assert opens_with(enter("saku")) == "/desk/"

"""What a person has missed, following and mentions, in the desk's pages."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import DeskClient, Enter, World


@pytest.fixture
def nils(enter: Enter) -> DeskClient:
    return enter("nils")


def test_news_are_counted_in_the_menu_told_and_seen(nils: DeskClient, enter: Enter, world: World) -> None:
    ticket = f"/desk/tickets/{world.reference}"
    assert 'name="off"' not in nils.get(ticket).text
    assert nils.send(f"{ticket}/follow").status_code == 303
    assert "Nothing: you have seen all that happened." in nils.get("/desk/news").text
    enter("nora").send(f"{ticket}/note", body="Vad säger du, @Nils?")
    assert "1 ticket with news" in nils.get("/desk/").text
    page = nils.get("/desk/news").text
    assert "You are mentioned" in page
    assert "A note was written. Nora" in page
    newest = re.search(r'name="up_to" value="(\d+)"', page)
    assert newest
    assert nils.send("/desk/news/seen", up_to=newest[1]).status_code == 303
    assert "Nothing: you have seen all that happened." in nils.get("/desk/news").text
    assert nils.send(f"{ticket}/follow", off="1").status_code == 303
    assert 'name="off"' not in nils.get(ticket).text


def test_the_timeline_tells_where_the_new_begins(nils: DeskClient, enter: Enter, world: World) -> None:
    ticket = f"/desk/tickets/{world.reference}"
    assert "New since you were here last" not in nils.get(ticket).text
    shown = re.search(r'data-shown="(\d+)"', nils.get(ticket).text)
    assert shown
    nils.send(f"{ticket}/presence", shown=shown[1])
    enter("nora").send(f"{ticket}/note", body="Nytt")
    page = nils.get(ticket).text
    assert page.index("New since you were here last") < page.index(">Nytt<")
    nils.send(f"{ticket}/presence", shown="99999")
    assert "New since you were here last" not in nils.get(ticket).text
    assert "New since you were here last" in nils.get(f"{ticket}?visit={shown[1]}").text


def test_the_colleagues_to_mention_are_those_who_may_read(nils: DeskClient, world: World) -> None:
    assert nils.get(f"/desk/tickets/{world.reference}/colleagues").json == {"names": ["Nora"]}

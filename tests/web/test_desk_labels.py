"""Labels: put on and taken off, shown in the list, and found by."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.core.system import System
from app.tickets.labels import TicketLabel
from app.tickets.models import Event
from tests.web.conftest import Enter, World


def test_a_label_is_put_on_found_by_and_taken_off(enter: Enter, world: World, system: System) -> None:
    nils, url = enter("nils"), f"/desk/tickets/{world.reference}"
    for text in ("  Media   Fråga ", "media fråga", "vip"):
        assert nils.send(f"{url}/labels", label=text).status_code == 303
    with system.db.read() as session:
        assert session.scalars(select(TicketLabel.label).order_by(TicketLabel.label)).all() == ["media fråga", "vip"]
        assert len(session.scalars(select(Event).where(Event.kind == "labelled")).all()) == 2
    assert world.reference in nils.get("/desk/?label=Media+fråga").text
    assert 'class="tag label">vip<' in nils.get("/desk/").text
    assert world.reference not in nils.get("/desk/?label=other").text
    assert "Label media fråga put on." in nils.get(url).text
    nils.send(f"{url}/labels", off="vip")
    nils.send(f"{url}/labels", off="vip")
    page = nils.get(url).text
    assert "Label vip taken off." in page
    assert re.findall(r'name="off" value="([^"]+)"', page) == ["media fråga"]
    assert world.reference not in enter("saku").get("/desk/?label=media+fråga").text


@pytest.mark.parametrize("text", ["", "  ", "x" * 41])
def test_what_is_no_label_is_told(text: str, enter: Enter, world: World, system: System) -> None:
    answer = enter("nils").send(f"/desk/tickets/{world.reference}/labels", label=text)
    assert answer.status_code == 422
    assert 'id="label-fault"' in answer.text


def test_a_ticket_has_twenty_at_most(enter: Enter, world: World, system: System) -> None:
    nils = enter("nils")
    told = [nils.send(f"/desk/tickets/{world.reference}/labels", label=f"l{n}").status_code for n in range(21)]
    assert told == [303] * 20 + [422]

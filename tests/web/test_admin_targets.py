"""Targets in the desk: a head sees what a change does to open tickets, and then keeps it for new ones or for all."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.core.system import System
from app.flows import roll_out
from app.sla.models import PolicyRow, RolloutRow
from tests.factories import Authority, arrives, mail
from tests.web.conftest import Enter

LOOK = {
    "email-first_response": "15",
    "email-first_response-unit": "minutes",
    "email-first_response-share": "90",
    "pause-citizen": "1",
    "country": "SE",
}


def test_a_head_looks_at_the_effect_and_then_saves_it_for_open_tickets_too(
    system: System, authority: Authority, enter: Enter
) -> None:
    unit = authority.units["north"].id
    arrives(system, mail("Ny", message_id="ny@example.se"), item_id="7:1")
    nora = enter("nora")
    page = nora.get(f"/desk/admin/targets/{unit}").text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    looked = nora.send(f"/desk/admin/targets/{unit}", **{**LOOK, "seen": seen[1], "then": "look"})
    assert looked.status_code == 200
    assert 'value="open"' in looked.text
    assert "due earlier" in looked.text or "förfaller tidigare" in looked.text
    with system.db.read() as session:
        policies = len(session.scalars(select(PolicyRow)).all())
        assert session.scalars(select(RolloutRow)).all() == []
    kept = nora.send(f"/desk/admin/targets/{unit}", **{**LOOK, "seen": seen[1], "then": "open"})
    assert kept.status_code == 303
    with system.db.read() as session:
        assert len(session.scalars(select(PolicyRow)).all()) == policies + 1
    assert roll_out.run(system) == 1
    again = nora.send(f"/desk/admin/targets/{unit}", **{**LOOK, "seen": seen[1], "then": "new"})
    assert again.status_code == 409


def test_faults_stand_at_their_fields_and_nothing_is_kept(system: System, authority: Authority, enter: Enter) -> None:
    unit = authority.units["north"].id
    wrong = {**LOOK, "email-first_response": "many", "then": "new"}
    page = enter("nora").send(f"/desk/admin/targets/{unit}", **wrong)
    assert page.status_code == 422
    assert 'aria-describedby="target-email-first_response-fault"' in page.text
    assert 'value="many"' in page.text


def test_others_find_no_such_page(authority: Authority, enter: Enter) -> None:
    units = authority.units
    assert enter("nils").get(f"/desk/admin/targets/{units['north'].id}").status_code == 404
    assert enter("nora").get(f"/desk/admin/targets/{units['southern'].id}").status_code == 404

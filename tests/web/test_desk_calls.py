"""A ringing call at the desks of its unit: who it probably is, and who answers first."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app.core.system import System
from app.flows.call import take_event
from tests.factories import Authority
from tests.queries import count_queries
from tests.web.conftest import NOW, Enter, World, ring

FRAGMENT = {"HX-Request": "true"}


def test_a_call_rings_at_the_desks_of_its_unit_alone(enter: Enter, world: World) -> None:
    assert "+46 70 174 06 05" in enter("nora").get("/desk/calls/ringing", headers=FRAGMENT).text
    assert "+46 70 174 06 05" in enter("nils").get("/desk/").text, "without scripts it shows on every page of the desk"
    assert enter("suvi").get("/desk/calls/ringing", headers=FRAGMENT).text.strip() == ""


def test_the_card_says_how_long_the_caller_has_waited(enter: Enter, world: World) -> None:
    assert "waited 1 min" in enter("nils").get("/desk/calls/ringing").text


def test_a_caller_we_know_is_named_with_the_open_tickets(
    enter: Enter, world: World, system: System, authority: Authority
) -> None:
    nils = enter("nils")
    nils.send(f"/desk/tickets/{world.reference}/identify", name="Siri Testsson", phone="070-174 06 11")
    take_event(system, ring("call-2", NOW, number="+46701740611"))
    page = nils.get("/desk/calls/ringing").text
    assert "Probably <b>Siri Testsson</b>" in page
    assert f"/desk/tickets/{world.reference}" in page


def test_answering_opens_a_ticket_with_its_note_and_the_call_rings_no_more(enter: Enter, world: World) -> None:
    nils = enter("nils")
    answer = nils.send(f"/desk/calls/{world.call_id}/answer")
    assert answer.status_code == 303
    page = nils.get(answer.headers["Location"]).text
    assert "Call from +46 70 174 06 05" in page
    assert "No note has been written yet." in page
    assert "data-call" not in page


def test_the_second_to_answer_is_told_so(enter: Enter, world: World) -> None:
    assert enter("nora").send(f"/desk/calls/{world.call_id}/answer").status_code == 303
    late = enter("nils").send(f"/desk/calls/{world.call_id}/answer")
    assert late.status_code == 409
    assert "Somebody else has answered this call" in late.text


def test_an_agent_of_another_unit_cannot_answer(enter: Enter, world: World) -> None:
    assert enter("saku").send(f"/desk/calls/{world.call_id}/answer").status_code == 404


def test_a_call_whose_end_nobody_told_disappears(enter: Enter, world: World) -> None:
    nils = enter("nils")
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        assert "data-call" not in nils.get("/desk/calls/ringing").text


@pytest.mark.parametrize("number", ["", "12345"])
def test_a_number_that_tells_nothing_is_no_fault(number: str, enter: Enter, world: World, system: System) -> None:
    take_event(system, ring("call-3", NOW, number=number))
    assert enter("nils").get("/desk/calls/ringing").status_code == 200


def test_the_cards_cost_few_queries_however_many_ring(enter: Enter, world: World, system: System) -> None:
    nils = enter("nils")
    nils.get("/desk/calls/ringing")
    with count_queries(system.db.engine) as one:
        nils.get("/desk/calls/ringing")
    for number in range(8):
        take_event(system, ring(f"more-{number}", NOW))
    with count_queries(system.db.engine) as nine:
        nils.get("/desk/calls/ringing")
    assert one.count == nine.count <= 6

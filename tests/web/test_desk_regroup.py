"""Merging, linking and splitting by hand, in the desk's pages."""

from __future__ import annotations

import pytest

from app.core.system import System
from tests.factories import Authority, arrives, mail
from tests.web.conftest import DeskClient, Enter, World


@pytest.fixture
def nils(enter: Enter) -> DeskClient:
    return enter("nils")


@pytest.fixture
def other(system: System, authority: Authority, world: World, nils: DeskClient) -> str:
    """Another ticket of the same citizen, and one of a stranger."""
    raw = mail("Hej igen", message_id="b@example.se", subject="Påminnelse")
    arrives(system, mail("x", message_id="c@example.se", sender="omar@example.se", subject="Bok"), item_id="7:2")
    return authority.ticket(arrives(system, raw, item_id="7:1").ticket_id).reference


def test_one_is_merged_and_the_page_leads_on(nils: DeskClient, world: World, other: str) -> None:
    told = nils.send(f"/desk/tickets/{other}/connect", into=world.reference, reason="Samma fråga", how="merge")
    assert (told.status_code, told.location) == (303, f"/desk/tickets/{world.reference}")
    page = nils.get(told.location).text
    assert "came into this one: Samma fråga." in page
    assert "Hej igen" in page
    gone = nils.get(f"/desk/tickets/{other}").text
    assert f'href="/desk/tickets/{world.reference}"' in gone
    assert "Merged into ticket" in gone
    assert "Take <kbd" not in gone
    assert nils.send(f"/desk/tickets/{other}/take").status_code == 409
    assert nils.get(f"/desk/open?reference={other}").location.endswith(world.reference)


def test_faults_are_told_beside_their_fields_and_nothing_typed_is_lost(
    nils: DeskClient, world: World, other: str
) -> None:
    told = nils.send(f"/desk/tickets/{other}/connect", into="123", reason="Samma fråga", how="merge")
    assert told.status_code == 422
    assert 'id="connect-into-fault"' in told.text
    assert 'value="Samma fråga"' in told.text
    told = nils.send(f"/desk/tickets/{other}/connect", into=world.reference, reason="", how="link")
    assert 'id="connect-reason-fault"' in told.text


def test_of_another_citizen_one_is_asked_first(
    nils: DeskClient, world: World, other: str, system: System, authority: Authority
) -> None:
    omars = authority.ticket(2).reference
    form = {"into": world.reference, "reason": "De bor ihop", "how": "merge"}
    told = nils.send(f"/desk/tickets/{omars}/connect", **form)
    assert told.status_code == 409
    assert 'name="is_sure"' in told.text
    assert 'value="De bor ihop"' in told.text
    assert nils.send(f"/desk/tickets/{omars}/connect", **form, is_sure="1").status_code == 303


def test_tickets_are_linked_and_unlinked(nils: DeskClient, world: World, other: str) -> None:
    assert (
        nils.send(f"/desk/tickets/{other}/connect", into=world.reference, reason="Syskon", how="link").status_code
        == 303
    )
    assert "Linked tickets" in nils.get(f"/desk/tickets/{world.reference}").text
    assert nils.send(f"/desk/tickets/{world.reference}/unlink", other=other).status_code == 303
    assert "Linked tickets" not in nils.get(f"/desk/tickets/{other}").text


def test_a_message_becomes_a_ticket_of_its_own(nils: DeskClient, world: World) -> None:
    url = f"/desk/tickets/{world.reference}/messages/{world.message_id}/split"
    assert 'name="how" value="copy"' in nils.get(url).text
    told = nils.send(url, subject="Passet", unit="1", reason="Två frågor", how="move")
    assert told.status_code == 422
    assert 'id="how-fault"' in told.text
    told = nils.send(url, subject="Passet", unit="1", reason="Två frågor", how="copy")
    assert told.status_code == 303
    page = nils.get(told.location).text
    assert "a message of ticket" in page
    assert "Passet" in page
    assert nils.send(url, subject="Passet", unit="2", reason="Deras", how="copy").location.endswith(world.reference)

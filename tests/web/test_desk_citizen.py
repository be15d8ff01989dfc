"""The citizen's card, and the page in place of a protected identity."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry, User
from app.core.system import System
from tests.factories import Authority, arrives, mail
from tests.web.conftest import DeskClient, Enter, World

LONG = "Svarar på hennes fråga"


@pytest.fixture
def nils(enter: Enter, world: World) -> DeskClient:
    return enter("nils")


@pytest.fixture
def card(nils: DeskClient, world: World) -> str:
    found = re.search(r'href="(/desk/people/\d+)"', nils.get(f"/desk/tickets/{world.reference}").text)
    assert found is not None
    return found[1]


def test_the_card_shows_contacts_and_tickets_and_takes_changes(nils: DeskClient, card: str, world: World) -> None:
    page = nils.get(card).text
    assert "siri.testsson@example.se" in page
    assert f"/desk/tickets/{world.reference}" in page
    assert nils.send(f"{card}/describe", name="Siri T.", language="fi").status_code == 303
    assert nils.send(f"{card}/contacts", phone="070-174 06 05").status_code == 303
    page = nils.get(card).text
    assert "<h1>Siri T.</h1>" in page
    assert "Finnish" in page
    contact = re.search(r'action="([^"]+/contacts/\d+/remove)"', page)
    assert contact is not None
    assert nils.send(contact[1]).status_code == 303
    assert nils.send(f"{card}/contacts", email="x").status_code == 422
    told = nils.send(f"{card}/contacts", email="wrong", postal="Gatan 1")
    assert 'id="contact-email-fault"' in told.text
    assert "Gatan 1" in told.text, "nothing typed is lost"


def test_a_duplicate_is_merged_found_by_its_old_address_and_taken_out(
    nils: DeskClient, card: str, system: System, authority: Authority
) -> None:
    raw = mail("Hej", message_id="b@example.se", sender="Siri <siri@work.example>", subject="Andra")
    other = authority.ticket(arrives(system, raw, item_id="7:1").ticket_id)
    assert nils.send(f"{card}/merge", other="nobody@example.se", reason="x").status_code == 422
    assert nils.send(f"{card}/merge", other=other.reference, reason="Samma person").status_code == 303
    page = nils.get(card).text
    assert "siri@work.example" in page
    assert other.reference in page
    assert nils.get(f"/desk/people/{other.person_id}").location == card
    undo = re.search(r'action="([^"]+/merges/\d+/undo)"', page)
    assert undo is not None
    assert nils.send(undo[1]).status_code == 303
    assert "siri@work.example" not in nils.get(card).text


def test_whoever_is_not_named_is_told_whom_to_ask(
    nils: DeskClient, card: str, world: World, enter: Enter, system: System, authority: Authority
) -> None:
    with system.db.begin() as session:
        session.get_one(User, authority.viewers["nora"].user_id).sees_protected = True
    assert nils.send(f"{card}/protect", kind="x", reason=LONG).status_code == 422
    assert nils.send(f"{card}/protect", kind="marked", reason="kort").status_code == 422
    assert nils.send(f"{card}/protect", kind="marked", reason=LONG).status_code == 303
    ticket = f"/desk/tickets/{world.reference}"
    for url in (card, ticket, "/desk/", f"{ticket}/why", "/desk/search?q=siri", "/desk/outgoing"):
        page = nils.get(url, follow_redirects=True).text
        assert "Siri" not in page, url
        assert "siri.testsson" not in page, url
        assert "Resa innan" not in page, url
    told = nils.get(ticket)
    assert told.status_code == 403
    assert "Nora" in told.text
    assert nils.send(f"{ticket}/take").status_code == 403
    assert "Protected identity" in nils.get("/desk/").text
    nora = enter("nora")
    asked = nora.get(ticket)
    assert 'name="reason"' in asked.text
    assert nora.send(f"{card}/open", back=ticket, reason="kort").status_code == 422
    assert nora.send(f"{card}/open", back="https://evil.example/", reason=LONG).location == card
    opened = nora.send(f"{card}/open", back=ticket, reason=LONG)
    assert opened.location == ticket
    assert "Resa innan" in nora.get(ticket).text
    nora.get(ticket, headers={"X-Live": "1"})
    nora.get(card)
    with system.db.read() as session:
        looks = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "protected_seen")).all()
    assert len(looks) == 2, "a page that renews itself is no look"
    assert "Siri" not in enter("nora").get(ticket).text, "another log-in asks again"
    assert nora.send(f"{card}/protect", kind="none", reason="Skyddet har upphört").status_code == 303
    assert "Resa innan" in nils.get(ticket).text

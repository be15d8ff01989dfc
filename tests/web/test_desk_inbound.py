"""The page Incoming: its lists, one item, and what is done there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core.system import System
from app.intake.models import Inbound, Verification
from tests.factories import MONDAY, Authority, arrives, mail
from tests.queries import count_queries
from tests.web.conftest import DeskClient, Enter


def unread(system: System, count: int) -> list[int]:
    """So many mails to the unit north that cannot be read."""
    found = [arrives(system, b"", item_id=f"9:{number}").inbound_id for number in range(count)]
    with system.db.begin() as session:
        session.execute(update(Inbound).values(recipient="north@migration.example"))
    return [inbound_id for inbound_id in found if inbound_id]


def rows(client: DeskClient, view: str = "quarantined") -> list[int]:
    page = client.get(f"/desk/inbound/?fate={view}").text
    return [int(number) for number in re.findall(r'href="/desk/inbound/(\d+)">', page)]


def test_the_quarantine_says_how_many_wait_and_since_when(system: System, authority: Authority, enter: Enter) -> None:
    nils = enter("nils")
    unread(system, 3)
    page = nils.get("/desk/inbound/").text
    assert 'Quarantine <span class="n">3</span>' in page
    assert "The oldest waits since" in page


def test_an_item_shows_how_it_begins_and_runs_none_of_it(system: System, authority: Authority, enter: Enter) -> None:
    raw = mail("Hej <script>alert(1)</script>", message_id="auto@x.org", Auto_Submitted="auto-replied")
    inbound_id = arrives(system, raw).inbound_id
    with system.db.begin() as session:
        session.execute(update(Inbound).values(recipient="north@migration.example"))
    page = enter("nils").get(f"/desk/inbound/{inbound_id}").text
    assert "Auto-Submitted: auto-replied" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_filing_leads_to_the_ticket_and_mistakes_stay_on_the_page(
    system: System, authority: Authority, enter: Enter
) -> None:
    (inbound_id,) = unread(system, 1)
    nils = enter("nils")
    wrong = nils.send(f"/desk/inbound/{inbound_id}/file", subject="Mitt kort", sender="nowhere", unit="1")
    assert wrong.status_code == 422
    assert 'value="Mitt kort"' in wrong.text
    assert "Write an address such as name@example.org." in wrong.text
    unit = str(authority.units["north"].id)
    done = nils.send(f"/desk/inbound/{inbound_id}/file", subject="Mitt kort", unit=unit)
    assert done.status_code == 303
    assert "Mitt kort" in nils.get(done.location).text
    assert rows(nils) == []
    assert nils.send(f"/desk/inbound/{inbound_id}/file", unit=unit).status_code in {404, 409}


def test_several_are_dismissed_with_one_reason_and_stay_findable(
    system: System, authority: Authority, enter: Enter
) -> None:
    found = unread(system, 3)
    nils = enter("nils")
    assert nils.send("/desk/inbound/dismiss", reason="Skräp").status_code == 422
    without = nils.send("/desk/inbound/dismiss", item=[str(found[0])])
    assert without.status_code == 422
    assert without.text.count(" checked") == 1
    done = nils.send("/desk/inbound/dismiss", item=[str(number) for number in found[:2]], reason="Skräp")
    assert done.status_code == 303
    assert "2 items are dealt with." in nils.get(done.location).text
    assert rows(nils) == [found[2]]
    assert sorted(rows(nils, "worked")) == found[:2]
    assert "Skräp" in nils.get("/desk/inbound/?fate=worked").text


def test_reading_again_in_vain_is_told(system: System, authority: Authority, enter: Enter) -> None:
    (inbound_id,) = unread(system, 1)
    answer = enter("nils").send(f"/desk/inbound/{inbound_id}/retry")
    assert answer.status_code == 422
    assert "It still cannot be read." in answer.text


@pytest.mark.parametrize("what", ["", "/retry", "/file", "/dismiss"])
def test_another_unit_finds_no_item(system: System, authority: Authority, enter: Enter, what: str) -> None:
    (inbound_id,) = unread(system, 1)
    saku = enter("saku")
    url = f"/desk/inbound/{inbound_id}{what}"
    answer = saku.send(url, reason="x", unit=str(authority.units["southern"].id)) if what else saku.get(url)
    assert answer.status_code == 404
    assert saku.send("/desk/inbound/dismiss", item=str(inbound_id), reason="x").status_code == 404
    with system.db.read() as session:
        assert session.scalars(select(Inbound.handled_at)).one() is None


def test_heads_see_how_the_last_comparison_went_and_agents_do_not(
    system: System, authority: Authority, enter: Enter
) -> None:
    with system.db.begin() as session:
        for name, missing in (("whole", 0), ("lacking", 2)):
            for day in (2, 1):
                named = [{"item": "7:1", "mail_id": "lost@x.org", "at": ""}] if missing else []
                at = MONDAY - timedelta(days=day)
                session.add(Verification(source=name, at=at, seen=40 + day, missing=missing, named=named))
    page = enter("nora").get("/desk/inbound/").text
    assert "whole was compared with the mail server" in page
    assert "41 mails, none is missing" in page
    assert "2 mails at lacking are not on the ledger." in page
    assert "lost@x.org" in page
    assert "compared" not in enter("nils").get("/desk/inbound/").text


def test_the_page_costs_the_same_for_one_as_for_many(system: System, authority: Authority, enter: Enter) -> None:
    nora, costs = enter("nora"), []
    for count in (1, 40):
        unread(system, count)
        with count_queries(system.db.engine) as counted:
            nora.get("/desk/inbound/")
        costs.append(counted.count)
    assert costs[0] == costs[1]
    assert costs[0] <= 9

"""Text templates: who keeps them, what is filled in, and that agents of other units do not have them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry, Unit
from app.articles.templates import TextTemplate
from app.core.system import System
from app.outbox.models import OutboxRow
from app.texts.figures import reference as shown
from app.texts.places import filled_places
from tests.factories import Authority
from tests.web.conftest import DeskClient, Enter, World

BODY = "Hej {citizen}!\n\nÄrende {reference} hos {unit}. Jag heter {agent}."


def kept(system: System) -> list[tuple[str, int | None, bool]]:
    with system.db.read() as session:
        return [(row.name, row.unit_id, row.is_retired) for row in session.scalars(select(TextTemplate))]


def add(client: DeskClient, unit: int | str, name: str = "Kort svar", body: str = BODY, language: str = "sv") -> int:
    return client.send("/desk/templates/new", unit=str(unit), language=language, name=name, body=body).status_code


def test_a_head_keeps_the_texts_of_their_unit_and_the_agent_puts_one_in(
    enter: Enter, world: World, authority: Authority, system: System
) -> None:
    north = authority.units["north"].id
    assert add(enter("nora"), north) == 303
    page = enter("nils").get(f"/desk/tickets/{world.reference}").text
    (url,) = re.findall(r'data-insert="([^"]+/templates/\d+)"', page)
    text = enter("nils").get(url).text
    assert text == f"Hej Siri Testsson!\n\nÄrende {shown(world.reference)} hos Enhet north. Jag heter Nils."
    number = url.rpartition("/")[2]
    again = enter("nils").send(f"/desk/tickets/{world.reference}/reply", body="Ja.", channel="email", template=number)
    assert "Ja.\n\nHej Siri Testsson!" in again.text, "it works without scripts too"
    with system.db.read() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["template_saved"]


def test_a_text_that_is_retired_is_offered_no_more(enter: Enter, world: World, authority: Authority) -> None:
    nora = enter("nora")
    add(nora, authority.units["north"].id)
    nora.send("/desk/templates/1", retired="yes")
    assert "/templates/1" not in enter("nils").get(f"/desk/tickets/{world.reference}").text
    assert enter("nils").get(f"/desk/tickets/{world.reference}/templates/1").status_code == 404
    nora.send("/desk/templates/1", retired="no")
    assert enter("nils").get(f"/desk/tickets/{world.reference}/templates/1").status_code == 200


def test_nobody_keeps_the_texts_of_another_unit(
    enter: Enter, world: World, authority: Authority, system: System
) -> None:
    north, southern = (authority.units[key].id for key in ("north", "southern"))
    assert [add(enter("nora"), unit) for unit in (southern, "")] == [403, 403]
    assert add(enter("nils"), north) == 404
    assert [add(enter("admin"), unit, name=f"a{unit}") for unit in (southern, "")] == [303, 303]
    assert kept(system) == [(f"a{southern}", southern, False), ("a", None, False)]
    assert enter("nora").send("/desk/templates/1", name="mine now", body="x", language="sv").status_code == 404
    assert enter("nora").send("/desk/templates/1", retired="yes").status_code == 404
    offered = enter("nils").get(f"/desk/tickets/{world.reference}").text
    assert ("/templates/1" in offered, "/templates/2" in offered) == (False, True)
    assert enter("nils").get(f"/desk/tickets/{world.reference}/templates/1").status_code == 404
    assert f">a{southern}<" not in enter("nora").get("/desk/templates/").text


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("", "x", "Give the text a name."),
        ("x", " ", "Write the text."),
        ("x", "Hej {namn}", "Only {citizen}"),
        ("x", "x" * 20_001, "too long"),
    ],
)
def test_what_cannot_be_used_is_told_and_stays(
    name: str, body: str, told: str, enter: Enter, authority: Authority, system: System
) -> None:
    fields = {"unit": str(authority.units["north"].id), "language": "sv", "name": name, "body": body}
    answer = enter("nora").send("/desk/templates/new", **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert body.strip()[:100] in answer.text
    assert kept(system) == []


def test_a_place_without_a_value_stays_to_be_seen() -> None:
    assert filled_places("Hej {citizen} {x} {", {"citizen": ""}) == "Hej {citizen} {x} {"


def test_a_unit_signs_its_answers_in_its_own_way(
    enter: Enter, world: World, authority: Authority, system: System
) -> None:
    url = f"/desk/templates/signatures/{authority.units['north'].id}"
    own = "{agent}, {unit}\n*Telefon* 0771-1 <vardagar> {authority}"
    assert enter("nora").send(url, sv=own, fi="", en="").status_code == 303
    nils = enter("nils")
    nils.send(f"/desk/tickets/{world.reference}/reply", body="Ja.", channel="email", then="open")
    with system.db.read() as session:
        sent = session.scalars(select(OutboxRow).where(OutboxRow.is_automatic.is_(False))).one()
    lines = "Vänliga hälsningar\nNils, Enhet north\n*Telefon* 0771-1 <vardagar> Migrationsservice\n"
    assert f"Ja.\n\n{lines}" in sent.text
    assert "*Telefon* 0771-1 &lt;vardagar&gt; Migrationsservice" in sent.html
    assert "0771" in enter("admin").get(url).text


@pytest.mark.parametrize("text", ["{name}", "x\n" * 9, "x" * 601])
def test_a_signature_that_cannot_be_used_is_told_beside_its_field(
    text: str, enter: Enter, authority: Authority, system: System
) -> None:
    url = f"/desk/templates/signatures/{authority.units['north'].id}"
    answer = enter("nora").send(url, sv="Nils", fi=text, en="")
    assert answer.status_code == 422
    assert 'id="signature-fi-fault"' in answer.text
    with system.db.read() as session:
        assert {unit.key: unit.signatures for unit in session.scalars(select(Unit))} == {"north": {}, "southern": {}}


def test_nobody_signs_for_another_unit(enter: Enter, authority: Authority, system: System) -> None:
    url = f"/desk/templates/signatures/{authority.units['southern'].id}"
    for name in ("nils", "nora", "saku"):
        assert enter(name).get(url).status_code == 404
        assert enter(name).send(url, sv="Mine").status_code == 404
    assert enter("suvi").get(url).status_code == 200

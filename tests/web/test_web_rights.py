"""Every route of the application, as nobody, as an agent of another unit, and as one who may."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from app.core.system import System
from app.flows import transfer
from app.intake.models import Inbound
from app.sources.models import Source
from app.web.public_endpoints import is_public
from tests.factories import MONDAY, Authority, arrives, mail
from tests.web.conftest import DeskClient, Enter, World, rich_mail

SHARED = frozenset(
    {
        "desk.tickets",
        "desk.open_reference",
        "search.tickets",
        "articles.index",
        "articles.show",
        "admin.index",
        "calendars.index",
        "targets.index",
        "following.missed",
        "preferences.mine",
        "factors.mine",
        "templates.index",
    }
)
"""pages that show each person their own, or what all staff may read"""
FILLED = {
    "body": "x",
    "reason": "long enough to be one",
    "unit": "1",
    "language": "fi",
    "name": "Siri",
    "step": "resolve",
    "channel": "email",
    "then": "open",
    "until": "2026-11-18",
    "label": "x",
    "subject": "x",
    "into": "1",
    "kind": "marked",
    "other": "siri.testsson@example.se",
}
"""a form with all that any form asks for, so that only rights can refuse it"""
LISTS = frozenset(
    {
        "inbound.index",
        "inbound.dismiss_many",
        "outgoing.index",
        "calls.ringing",
        "auth.logout",
        "preferences.keep",
        "preferences.end_others",
        "preferences.stay",
        "factors.begin",
        "factors.confirm",
        "factors.renew",
        "factors.turn_off",
        "passkeys.options",
        "passkeys.add",
        "templates.new",
        "templates.add",
        "views.keep",
        "live.stream",
        "beginning.form",
        "beginning.make",
        "beginning.people",
        "following.see_all",
        "bulk.look",
        "bulk.start",
    }
)


def values_of(world: World) -> dict[str, object]:
    return {
        "reference": world.reference,
        "message_id": world.message_id,
        "attachment_id": world.picture_id,
        "call_id": world.call_id,
        "suggestion_id": 1,
        "inbound_id": 2,
        "article_id": 1,
        "mode": "note",
        "template_id": 1,
        "view_id": 1,
        "unit_id": 1,
        "person_id": 1,
        "user_id": 1,
        "topic_id": 1,
        "rule_id": 1,
        "source_id": 1,
        "token": "1-0",
        "contact_id": 1,
        "merge_id": 1,
        "job_id": 1,
        "passkey_id": 1,
        "digest": "x",
        "filename": "luukku.css",
    }


def address(app: Flask, rule: Rule, world: World) -> str:
    values = {name: value for name, value in values_of(world).items() if name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def routes(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule in app.url_map.iter_rules() for method in sorted(rule.methods & {"GET", "POST"})]


def objects(app: Flask) -> list[tuple[Rule, str]]:
    """Routes that name a thing of one unit."""
    others = {"api", "console", "reports"}
    return [
        (rule, method)
        for rule, method in routes(app)
        if not is_public(rule.endpoint)
        and rule.endpoint not in SHARED | LISTS
        and rule.endpoint.partition(".")[0] not in others
    ]


def test_nobody_gets_anywhere_without_a_log_in(desk_app: Flask, world: World) -> None:
    client = desk_app.test_client()
    for rule, method in routes(desk_app):
        if not is_public(rule.endpoint):
            answer = client.open(address(desk_app, rule, world), method=method)
            expected = 303 if method == "GET" else 401
            assert answer.status_code == expected, (rule.rule, method)
            assert "Siri" not in answer.text


def test_an_agent_of_another_unit_finds_nothing(desk_app: Flask, world: World, enter: Enter) -> None:
    saku = enter("saku")
    for rule, method in objects(desk_app):
        answer = call(saku, address(desk_app, rule, world), method)
        assert answer in {403, 404}, (rule.rule, method, answer)


def test_a_head_of_another_unit_finds_nothing(desk_app: Flask, world: World, enter: Enter) -> None:
    suvi = enter("suvi")
    for rule, method in objects(desk_app):
        answer = call(suvi, address(desk_app, rule, world), method)
        if not rule.endpoint.startswith("inbound."):  # of an item that came to nobody's door: see below
            assert answer in {403, 404}, (rule.rule, method, answer)


def test_what_became_no_ticket_is_for_those_whose_door_it_came_to(
    system: System, world: World, enter: Enter, authority: Authority
) -> None:
    def item(name: str) -> int:
        with system.db.read() as session:
            return session.scalars(select(Inbound.id).where(Inbound.item_id == name)).one()

    with time_machine.travel(MONDAY, tick=False):
        arrives(system, mail(message_id="m@example.se", Auto_Submitted="auto-replied"), item_id="1:10")
        arrives(system, rich_mail(), item_id="1:11")
        arrives(system, b"no mail at all", item_id="1:12")
    to_north, twin, unreadable = item("1:10"), item("1:11"), item("1:12")
    seen = {
        name: {
            n for n in (to_north, twin, unreadable) if enter(name).get(f"/desk/inbound/{n}/original").status_code < 400
        }
        for name in ("nils", "nora", "saku", "suvi", "admin")
    }
    assert seen == {
        "nils": {to_north, twin},
        "nora": {to_north, twin, unreadable},
        "saku": set(),
        "suvi": {unreadable},
        "admin": {unreadable},
    }


def test_sources_that_cannot_be_read_are_told_to_those_who_answer_for_them(
    system: System, world: World, enter: Enter
) -> None:
    with system.db.begin() as session:
        row = Source(name="box", channel="email", kind="imap", failed_at=MONDAY, failure="No connection.")
        session.add(row)
    assert "No connection." in enter("nora").get("/desk/inbound/").text
    assert "No connection." in enter("admin").get("/desk/inbound/").text
    assert "No connection." not in enter("nils").get("/desk/inbound/").text


def test_the_walk_reaches_what_is_there(desk_app: Flask, world: World, enter: Enter) -> None:
    """Otherwise the two walks above could pass by asking for nothing."""
    nils = enter("nils")
    found = {rule.endpoint for rule, m in objects(desk_app) if call(nils, address(desk_app, rule, world), m) < 400}
    assert {"ticket.show", "ticket.why", "files.attachment", "files.as_sent", "files.original", "actions.take"} <= found
    assert {"writing.reply", "actions.confirm"}.isdisjoint(found)


def call(client: DeskClient, url: str, method: str) -> int:
    return (client.get(url) if method == "GET" else client.send(url)).status_code


@pytest.mark.parametrize("name", ["nils", "nora"])
def test_lists_show_nothing_of_other_units(name: str, world: World, enter: Enter, authority: Authority) -> None:
    foreign = enter("saku")
    for url in (
        "/desk/",
        "/desk/?state=new",
        "/desk/search/?q=kort",
        "/desk/calls/ringing",
        "/desk/inbound/",
        "/desk/outgoing/",
    ):
        assert "Siri" not in foreign.get(url).text
        assert "0605" not in foreign.get(url).text.replace(" ", "")
    own = enter(name)
    assert "Siri" in own.get("/desk/").text
    assert "Siri" in own.get("/desk/search/?q=kort").text


def test_a_foreign_unit_in_the_filter_does_not_exist(world: World, enter: Enter, authority: Authority) -> None:
    assert enter("saku").get(f"/desk/?unit={authority.units['north'].id}").status_code == 404


def test_the_unit_that_held_a_ticket_reads_it_but_changes_nothing(
    system: System, world: World, enter: Enter, authority: Authority, desk_app: Flask
) -> None:
    to = authority.units["southern"].id
    transfer.transfer(system, authority.viewers["nils"], world.reference, to=to, reason="Finsk fråga")
    nils = enter("nils")
    page = nils.get(f"/desk/tickets/{world.reference}")
    assert page.status_code == 200
    assert "Another unit holds this ticket now" in page.text
    assert "<textarea" not in page.text
    assert nils.get(f"/desk/attachments/{world.file_id}").status_code == 200
    for rule, method in objects(desk_app):
        if method == "POST" and rule.endpoint.partition(".")[0] in {"actions", "writing"}:
            answer = nils.send(address(desk_app, rule, world), **FILLED)
            assert answer.status_code in {403, 404}, rule.rule


def test_an_administrator_opens_a_ticket_only_with_a_reason_that_is_kept(
    world: World, enter: Enter, system: System
) -> None:
    from app.accounts.models import AuditEntry

    admin = enter("admin")
    url = f"/desk/tickets/{world.reference}"
    asked = admin.get(url)
    assert asked.status_code == 200
    assert "Siri" not in asked.text
    assert admin.get(f"{url}/why").status_code == 404
    short = admin.send(f"{url}/open", reason="why")
    assert short.status_code == 422
    assert 'value="why"' in short.text
    assert admin.send(f"{url}/open", reason="Citizen's complaint 12/2026").status_code == 303
    opened = admin.get(url)
    assert "Siri" in opened.text
    assert "<textarea" not in opened.text
    assert admin.send(f"{url}/note", body="hello").status_code == 403
    assert "Siri" not in enter("admin").get(url).text, "another log-in must ask again"
    with system.db.read() as session:
        entry = session.query(AuditEntry).filter_by(action="ticket_opened").one()
        assert entry.reason == "Citizen's complaint 12/2026"
        assert entry.ticket_id is not None


def test_nobody_else_is_asked_for_a_reason(world: World, enter: Enter) -> None:
    saku = enter("saku")
    assert saku.get(f"/desk/tickets/{world.reference}").status_code == 404
    assert saku.send(f"/desk/tickets/{world.reference}/open", reason="I am just curious").status_code == 404
    assert enter("admin").get("/desk/tickets/1234567890").status_code == 404

"""A page holds one connection at a time: requests that hold one and wait for another could wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, event, update

from app.accounts.models import LoginSession
from app.core import clock
from app.core.system import System
from app.flows import protect
from app.tickets.models import Ticket
from tests.factories import Authority
from tests.web.conftest import Enter, World
from tests.web.test_web_crawl import NO_PAGES
from tests.web.test_web_rights import address


class Held:
    """How many connections this thread holds, and the most that it held at once."""

    def __init__(self) -> None:
        self.now = self.most = 0


@contextmanager
def connections(engine: Engine) -> Iterator[Held]:
    held, me = Held(), threading.get_ident()

    def out(*_given: object) -> None:
        if threading.get_ident() == me:
            held.now += 1
            held.most = max(held.most, held.now)

    def back(*_given: object) -> None:
        if threading.get_ident() == me:
            held.now -= 1

    event.listen(engine, "checkout", out)
    event.listen(engine, "checkin", back)
    try:
        yield held
    finally:
        event.remove(engine, "checkout", out)
        event.remove(engine, "checkin", back)


@pytest.mark.parametrize("who", ["nora", "admin", None])
def test_no_page_holds_two_and_each_gives_its_own_back(
    who: str | None, desk_app: Flask, world: World, enter: Enter, system: System
) -> None:
    system.settings.data_dir.mkdir(parents=True, exist_ok=True)
    client = enter(who) if who else desk_app.test_client()
    found = {}
    for rule in desk_app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES - {"files.letter", "files.attachment"}:
            continue
        with system.db.begin() as session:  # so long ago that the request notes that the person is there
            session.execute(update(LoginSession).values(seen_at=clock.now().replace(hour=8, minute=15)))
        with connections(system.db.engine) as held:
            client.get(address(desk_app, rule, world)).close()
        found[rule.endpoint] = (held.most, held.now)
    assert {name: counts for name, counts in found.items() if counts[0] > 1 or counts[1] != 0} == {}
    assert len(found) > 40


def test_nor_does_a_look_at_a_protected_identity(
    enter: Enter, world: World, system: System, authority: Authority
) -> None:
    with system.db.read() as session:
        person_id = session.query(Ticket.person_id).filter_by(reference=world.reference).scalar()
    protect.protect(system, authority.viewers["nora"], person_id, kind="marked", reason="Beslut visat i telefon")
    nora = enter("nora")
    nora.send(f"/desk/people/{person_id}/open", reason="Ringde upp och frågade")
    for path in (
        f"/desk/tickets/{world.reference}",
        f"/desk/people/{person_id}",
        f"/desk/tickets/{world.reference}/print",
    ):
        with connections(system.db.engine) as held:
            nora.get(path)
        assert (held.most, held.now) == (1, 0), path

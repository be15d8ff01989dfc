"""Mailboxes kept in the desk, against a real mail server: tried, kept, read by workers that run on, never leaking."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.core.errors import ForbiddenError, InvalidInputError
from app.core.system import System
from app.flows import mailboxes as flow
from app.flows.mailboxes import SourceForm
from app.sources.models import Source
from tests.factories import Authority, mail, poll_all
from tests.servers.dovecot import DovecotServer


def box(server: DovecotServer, user: str, **more: str) -> SourceForm:
    settings = {"host": server.host, "port": str(server.imap_port), "tls": "none", "user": user, **more}
    return SourceForm("box", "imap", settings, server.password)


def sources(system: System) -> dict[str, Source]:
    with system.db.read() as session:
        return {source.name: source for source in session.scalars(select(Source))}


def test_a_mailbox_is_tried_added_and_read(system: System, authority: Authority, dovecot_server: DovecotServer) -> None:
    admin, user = authority.viewers["admin"], f"box{os.urandom(4).hex()}"
    for number in range(3):
        dovecot_server.deliver(mail(message_id=f"m{number}@example.se"), user)
    typed = box(dovecot_server, user)
    assert flow.attempt(system, admin, typed, kept=None).count == 3
    assert sources(system) == {}
    flow.add(system, admin, typed)
    kept = sources(system)["box"]
    assert dovecot_server.password not in str(kept.settings) + kept.secret
    assert flow.attempt(system, admin, replace(typed, password=""), kept=kept.settings).count == 3
    assert poll_all(system) == 3
    flow.change(
        system,
        admin,
        replace(typed, settings={**typed.settings, "address": "north@migration.example"}, password=""),
        kept=kept.settings,
    )
    flow.switch(system, admin, "box", is_on=False)
    dovecot_server.deliver(mail(message_id="later@example.se"), user)
    assert poll_all(system) == 0
    flow.switch(system, admin, "box", is_on=True)
    assert poll_all(system) == 1
    with system.db.read() as session:
        told = session.execute(select(AuditEntry.user_id, AuditEntry.action, AuditEntry.data)).all()
    assert {row[0] for row in told} == {admin.user_id}
    assert dovecot_server.password not in str(told)


@pytest.mark.parametrize(
    "wrong", [{"host": "127.0.0.2", "port": "1"}, {"folder": "Nowhere"}, {"host": ""}, {"port": "x"}]
)
def test_what_does_not_open_is_told_and_not_kept(
    system: System, authority: Authority, dovecot_server: DovecotServer, wrong: dict[str, str]
) -> None:
    typed, admin = box(dovecot_server, "nobody", **wrong), authority.viewers["admin"]
    for act in (lambda: flow.attempt(system, admin, typed, kept=None), lambda: flow.add(system, admin, typed)):
        with pytest.raises(InvalidInputError) as told:
            act()
        assert set(told.value.fields) == {"source"}
    assert sources(system) == {}


def test_a_wrong_password_is_told(system: System, authority: Authority, dovecot_server: DovecotServer) -> None:
    typed = replace(box(dovecot_server, "nobody"), password="wrong")
    with pytest.raises(InvalidInputError, match="refused the login"):
        flow.attempt(system, authority.viewers["admin"], typed, kept=None)


def test_a_kept_password_is_sent_to_nobody_else(
    system: System, authority: Authority, dovecot_server: DovecotServer
) -> None:
    admin, user = authority.viewers["admin"], f"box{os.urandom(4).hex()}"
    typed = box(dovecot_server, user)
    flow.add(system, admin, typed)
    kept = sources(system)["box"].settings
    for other in ({"host": "127.0.0.2"}, {"user": "other"}, {"port": "1143"}, {"tls": "starttls"}):
        moved = replace(typed, settings={**typed.settings, **other}, password="")
        for act in (flow.attempt, flow.change):
            with pytest.raises(InvalidInputError) as told:
                act(system, admin, moved, kept=kept)
            assert set(told.value.fields) == {"password"}, other


def test_folders_are_read_only_below_what_the_machine_allows(
    system: System, authority: Authority, tmp_path: Path
) -> None:
    admin, allowed = authority.viewers["admin"], tmp_path / "scans"
    (allowed / "in").mkdir(parents=True)
    (tmp_path / "private").mkdir()
    (allowed / "out").symlink_to(tmp_path / "private")
    open_to = replace(system, settings=replace(system.settings, folder_roots=f"/nowhere:{allowed}"))
    for path in (str(tmp_path / "private"), str(allowed / ".." / "private"), str(allowed / "out"), "/", ""):
        with pytest.raises(InvalidInputError) as told:
            flow.add(open_to, admin, SourceForm("scans", "folder", {"path": path}))
        assert set(told.value.fields) == {"path"}, path
    form = SourceForm("scans", "folder", {"path": str(allowed / "in")})
    with pytest.raises(InvalidInputError):
        flow.add(system, admin, form)
    flow.add(open_to, admin, form)
    assert set(sources(system)) == {"scans"}
    with pytest.raises(ForbiddenError):
        flow.add(open_to, authority.viewers["nora"], form)

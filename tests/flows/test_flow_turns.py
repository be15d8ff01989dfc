"""One worker at a time reads a source, and what a killed worker left is taken up."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlalchemy import select, update

from app.core import clock, workers
from app.core.system import System
from app.flows import poll
from app.flows.receive import receive
from app.flows.sources import NewSource, add_source
from app.intake.models import Inbound
from app.sources import service as sources
from app.sources.models import Source
from app.tickets.models import Message
from channels.contract import ChannelError, ChannelName, Cursor, RawItem
from channels.email.imap import ImapSource
from tests.factories import MONDAY, Authority, mail, poll_all
from tests.servers.dovecot import DovecotServer

ELSEWHERE = "another-machine:17"


@pytest.fixture
def maildir(system: System, authority: Authority, tmp_path: Path) -> Path:
    (tmp_path / "mail" / "new").mkdir(parents=True)
    add_source(system, NewSource("drop", "email", "maildir", {"path": str(tmp_path / "mail")}), password="")
    return tmp_path / "mail" / "new"


def hold(system: System, by: str, *, minutes: float) -> None:
    with system.db.begin() as session:
        until = clock.now() + timedelta(minutes=minutes)
        session.execute(update(Source).values(held_by=by, held_until=until))


def source_row(system: System) -> Source:
    with system.db.read() as session:
        return session.scalars(select(Source)).one()


def taken(system: System) -> Counter[str]:
    with system.db.read() as session:
        return Counter(session.scalars(select(Message.message_id).where(Message.kind == "citizen")))  # type: ignore[arg-type]


def drop(folder: Path, *names: str) -> None:
    for name in names:
        (folder / f"{name}.x").write_bytes(mail(message_id=f"{name}@example.se", sender=f"{name}@example.se"))


def test_nobody_reads_a_source_while_another_machine_has_its_turn(system: System, maildir: Path) -> None:
    drop(maildir, "one")
    hold(system, ELSEWHERE, minutes=1)
    assert poll_all(system) == 0
    assert len(list(maildir.iterdir())) == 1
    hold(system, ELSEWHERE, minutes=-1)
    assert poll_all(system) == 1
    assert taken(system) == Counter({"one@example.se": 1})


def test_the_turn_of_a_process_that_was_killed_on_this_machine_is_over_at_once(system: System, maildir: Path) -> None:
    drop(maildir, "one")
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    hold(system, f"{workers.own_name().rpartition(':')[0]}:{gone.pid}", minutes=2)
    assert poll_all(system) == 1


def test_a_turn_is_held_over_many_batches_and_given_back_with_the_last(
    system: System, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str | None] = []
    monkeypatch.setattr(poll, "BATCH", 2)
    filed = receive

    def watched(*arguments, **options):  # type: ignore[no-untyped-def]
        done = filed(*arguments, **options)
        held.append(source_row(system).held_by)
        return done

    monkeypatch.setattr(poll, "receive", watched)
    drop(maildir, *"abcde")
    assert poll_all(system) == 5
    assert held == [workers.own_name(), workers.own_name(), None]
    drop(maildir, *"fg")
    assert poll_all(system) == 2
    assert source_row(system).held_by is None


def test_what_is_fetched_while_another_takes_the_turn_is_left_to_it(system: System, maildir: Path) -> None:
    with system.db.read() as session:
        facts = sources.facts_of(session, source_row(system).id, system.settings.secret_key)
    hold(system, ELSEWHERE, minutes=1)
    item = RawItem(ChannelName.EMAIL, "drop", "1", mail(), MONDAY)
    with pytest.raises(sources.TurnLostError):
        receive(system, [item], claim=poll._turn(facts, Cursor(), is_last=True))
    with system.db.read() as session:
        assert session.scalars(select(Inbound)).all() == []


def test_a_cursor_never_goes_back(system: System, maildir: Path) -> None:
    with system.db.read() as session:
        facts = sources.facts_of(session, source_row(system).id, system.settings.secret_key)
    with system.db.begin() as session:
        sources.advance(session, facts, Cursor(1, 40), at=clock.now(), is_last=True)
    with pytest.raises(sources.TurnLostError), system.db.begin() as session:
        sources.advance(session, facts, Cursor(1, 20), at=clock.now(), is_last=True)
    assert source_row(system).position == 40


def test_looks_that_find_nothing_are_written_down_twice_a_minute_at_most(
    system: System,
    maildir: Path,
    at,  # type: ignore[no-untyped-def]
) -> None:
    written = []
    for _ in range(5):
        poll_all(system)
        written.append(source_row(system).polled_at)
        at.shift(timedelta(seconds=10))
    assert [instant - MONDAY for instant in written if instant] == [timedelta(seconds=s) for s in (0, 0, 0, 30, 30)]


@pytest.mark.dovecot
@pytest.mark.parametrize("step", ["acknowledge", "_move"])
def test_mails_that_a_killed_worker_committed_and_did_not_mark_or_move_are_moved_afterwards(
    system: System, authority: Authority, dovecot_server: DovecotServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    user = f"not{step}{system.db.engine.dialect.name}"
    settings = {"host": "localhost", "port": str(dovecot_server.imap_port), "user": user, "tls": "none"}
    add_source(
        system,
        NewSource("box", "email", "imap", {**settings, "move_to": "Done"}),
        password=dovecot_server.password,
    )
    names = [f"m{number}@example.se" for number in range(25)]
    for name in names:
        dovecot_server.deliver(mail(message_id=name, sender=name), user)
    with monkeypatch.context() as patch:
        patch.setattr(ImapSource, step, refuse)
        poll_all(system)
    assert source_row(system).failed_at is not None
    assert contents(dovecot_server, user) == (25, 0)
    poll_all(system)
    assert contents(dovecot_server, user) == (0, 25)
    assert taken(system) == Counter(names)
    assert source_row(system).failed_at is None
    with system.db.read() as session:
        assert len(session.scalars(select(Inbound)).all()) == 25


def refuse(*_arguments: object) -> None:
    raise ChannelError("The line is down.")


def contents(server: DovecotServer, user: str) -> tuple[int, int]:
    """How many mails lie in the inbox and in the folder they are moved to."""
    with IMAPClient("localhost", server.imap_port, ssl=False) as client:
        client.login(user, server.password)
        inbox = client.folder_status("INBOX", ["MESSAGES"])[b"MESSAGES"]
        done = client.folder_status("Done", ["MESSAGES"])[b"MESSAGES"] if client.folder_exists("Done") else 0
    return int(inbox), int(done)

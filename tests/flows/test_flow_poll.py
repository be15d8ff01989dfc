from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlalchemy import select, update

from app.core.nudge import Queue, SeenNudges
from app.core.system import System
from app.flows.sources import NewSource, add_source
from app.intake.models import Inbound
from app.jobs.listen import Listener
from app.sources.models import Source
from app.tickets.models import Message
from tests.factories import Authority, mail, poll_all
from tests.servers.dovecot import DovecotServer

ROOT = Path(__file__).resolve().parents[2]


def message_ids(system: System) -> list[str | None]:
    with system.db.read() as session:
        return sorted(session.scalars(select(Message.message_id).where(Message.kind == "citizen")), key=str)


def mailbox(system: System, server: DovecotServer, user: str, **more: str) -> NewSource:
    settings = {
        "host": "localhost",
        "port": str(server.imaps_port),
        "user": user,
        "tls": "tls",
        "ca_file": str(server.ca_file),
        **more,
    }
    return NewSource(user, "email", "imap", settings)


@pytest.fixture
def inbox(system: System, authority: Authority, dovecot_server: DovecotServer, request: pytest.FixtureRequest) -> str:
    user = f"u{abs(hash(request.node.nodeid)) % 10**9}"
    dovecot_server.deliver(mail(message_id="zero@example.se"), user)
    add_source(system, mailbox(system, dovecot_server, user), password=dovecot_server.password)
    return user


@pytest.mark.dovecot
def test_what_lies_in_a_mailbox_becomes_tickets_once(system: System, inbox: str, dovecot_server: DovecotServer) -> None:
    for name in ("one@example.se", "two@example.se"):
        dovecot_server.deliver(mail(message_id=name), inbox)
    assert poll_all(system) == 3
    assert poll_all(system) == 0
    assert message_ids(system) == ["one@example.se", "two@example.se", "zero@example.se"]
    with system.db.read() as session:
        source = session.scalars(select(Source)).one()
        assert source.position > 0
        assert dovecot_server.password not in source.secret
    with IMAPClient("localhost", dovecot_server.imap_port, ssl=False) as client:
        client.login(inbox, dovecot_server.password)
        client.select_folder("INBOX")
        flags = client.get_flags(client.search())
    assert all(b"$LuukkuTaken" in taken for taken in flags.values())


@pytest.mark.dovecot
def test_a_changed_uidvalidity_reads_all_again_and_doubles_nothing(
    system: System, inbox: str, dovecot_server: DovecotServer
) -> None:
    assert poll_all(system) == 1
    dovecot_server.doveadm("mailbox", "update", "-u", inbox, "--uid-validity", "4242", "INBOX")
    dovecot_server.deliver(mail(message_id="later@example.se"), inbox)
    poll_all(system)
    assert message_ids(system) == ["later@example.se", "zero@example.se"]
    with system.db.read() as session:
        assert sorted(session.scalars(select(Inbound.fate))) == ["ignored", "ticket", "ticket"]


@pytest.mark.dovecot
def test_a_failing_mailbox_shows_why_and_hinders_no_other(
    system: System, inbox: str, dovecot_server: DovecotServer
) -> None:
    with system.db.begin() as session:
        session.add(
            Source(
                name="broken", channel="email", kind="imap", settings={"host": "localhost", "port": "1", "user": "x"}
            )
        )
    assert poll_all(system) == 1
    with system.db.read() as session:
        failing = session.scalars(select(Source).where(Source.name == "broken")).one()
    assert failing.failure
    assert failing.failed_at is not None


@pytest.mark.dovecot
@pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True)
def test_the_listener_nudges_when_a_mail_comes(system: System, inbox: str, dovecot_server: DovecotServer) -> None:
    nudge = system.nudge
    assert isinstance(nudge, SeenNudges)
    listener = Listener(system)
    thread = threading.Thread(target=listener.run)
    thread.start()
    try:
        _wait_until(lambda: len(nudge.seen) >= 1)
        before = len(nudge.seen)
        dovecot_server.deliver(mail(message_id="idle@example.se"), inbox)
        _wait_until(lambda: len(nudge.seen) > before)
    finally:
        listener.stop()
        thread.join(timeout=60)
    assert set(nudge.seen) == {Queue.SOURCES}
    assert not thread.is_alive()


def test_a_maildir_is_emptied_into_tickets_after_the_commit(
    system: System, authority: Authority, tmp_path: Path
) -> None:
    for folder in ("tmp", "new", "cur"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
    (tmp_path / "mail" / "new" / "1.first.host").write_bytes(mail(message_id="maildir@example.se"))
    source = NewSource("drop", "email", "maildir", {"path": str(tmp_path / "mail")})
    add_source(system, source, password="")
    assert poll_all(system) == 1
    assert message_ids(system) == ["maildir@example.se"]
    assert list((tmp_path / "mail" / "new").iterdir()) == []


def test_a_folder_of_letters_is_moved_aside_after_the_commit(
    system: System, authority: Authority, tmp_path: Path
) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    letter = next((ROOT / "demo" / "samples").rglob("*.pdf"))
    (folder / "scan.pdf").write_bytes(letter.read_bytes())
    os.utime(folder / "scan.pdf", (1_760_000_000, 1_760_000_000))
    settings = {"path": str(folder), "quiet_seconds": "0"}
    add_source(system, NewSource("scanner", "letter", "folder", settings), password="")
    assert poll_all(system) == 1
    assert [path.name for path in folder.glob("*.pdf")] == []
    with system.db.read() as session:
        assert session.scalars(select(Inbound)).one().fate == "ticket"


def run_mail_in(system: System, raw: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "LUUKKU_DATA_DIR": str(system.settings.data_dir),
        "LUUKKU_DATABASE_URL": system.settings.database_url,
        "LUUKKU_SECRET_KEY": system.settings.secret_key,
    }
    command = [sys.executable, "-m", "app.cli", "mail-in", "--recipient", "north@migration.example"]
    return subprocess.run(command, input=raw, env=environment, cwd=ROOT, capture_output=True, timeout=60, check=False)


def test_mail_in_exits_0_when_committed_and_75_otherwise(system: System, authority: Authority) -> None:
    assert run_mail_in(system, mail(message_id="pipe@example.se")).returncode == 0
    assert run_mail_in(system, mail(message_id="pipe@example.se")).returncode == 0
    assert message_ids(system) == ["pipe@example.se"]
    broken = System(
        system.settings.__class__(**{**vars(system.settings), "database_url": "sqlite:////nowhere/x.db"}), system.db
    )
    assert run_mail_in(broken, mail()).returncode == 75


def _wait_until(is_so) -> None:  # type: ignore[no-untyped-def]
    import time

    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end, "it did not come to that within 20 s"
        time.sleep(0.05)


def test_a_source_whose_password_no_key_opens_holds_up_no_other(
    system: System, authority: Authority, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        (tmp_path / name / "new").mkdir(parents=True)
        (tmp_path / name / "new" / "1.x").write_bytes(mail(message_id=f"{name}@example.se"))
        add_source(system, NewSource(name, "email", "maildir", {"path": str(tmp_path / name)}), password="")
    with system.db.begin() as session:
        session.execute(update(Source).where(Source.name == "first").values(secret="of another key"))
    assert poll_all(system) == 1
    assert message_ids(system) == ["second@example.se"]
    with system.db.read() as session:
        failing = session.scalars(select(Source).where(Source.failed_at.is_not(None))).one()
    assert failing.name == "first"
    assert "LUUKKU_SECRET_KEY" in failing.failure

"""The mail servers against the ledger: what is missing is named, and can be filed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, update

from app.core import clock
from app.core.storage import Blob
from app.core.system import System
from app.flows.sources import NewSource, add_source
from app.flows.verify import GOING_ON, Comparison, verify_mail, verify_nightly
from app.intake.check import disagreements
from app.intake.models import Inbound, Verification
from app.sources.models import Source
from app.tickets.models import Message
from tests.factories import Authority, mail, poll_all
from tests.servers.dovecot import DovecotServer


def compared(system: System, *, repair: bool = False) -> Comparison:
    (found,) = verify_mail(system, repair=repair)
    assert found.failure == ""
    return found


def figures(found: Comparison) -> tuple[int, int, int]:
    return found.seen, found.waiting, len(found.missing)


@pytest.fixture
def box(system: System, authority: Authority, dovecot_server: DovecotServer, request: pytest.FixtureRequest) -> str:
    """A mailbox of four mails, read, one of them without a Message-ID; they are moved when they are taken."""
    user = f"v{abs(hash(request.node.nodeid)) % 10**9}"
    settings = {"host": "localhost", "port": str(dovecot_server.imap_port), "user": user, "tls": "none"}
    add_source(
        system,
        NewSource("box", "email", "imap", {**settings, "move_to": "Done"}),
        password=dovecot_server.password,
    )
    for number in range(4):
        name = f"v{number}@example.se" if number else None
        dovecot_server.deliver(mail(f"Fråga {number}", message_id=name, sender=f"c{number}@example.se"), user)
    assert poll_all(system) == 4
    return user


@pytest.mark.dovecot
def test_a_mailbox_that_is_wholly_on_the_ledger_is_told_so(system: System, box: str) -> None:
    assert figures(compared(system)) == (4, 0, 0)


@pytest.mark.dovecot
def test_what_the_cursor_has_passed_unseen_is_named_and_filed(
    system: System, box: str, dovecot_server: DovecotServer
) -> None:
    dovecot_server.deliver(mail("Bortglömd", message_id="lost@example.se"), box)
    with system.db.begin() as session:
        session.execute(update(Source).values(position=Source.position + 1))
    found = compared(system)
    assert (figures(found), found.missing[0].mail_id) == ((5, 0, 1), "lost@example.se")
    assert figures(compared(system, repair=True)) == (5, 0, 0)
    assert figures(compared(system)) == (5, 0, 0)
    with system.db.read() as session:
        assert "lost@example.se" in set(session.scalars(select(Message.message_id)))


@pytest.mark.dovecot
def test_what_has_only_just_come_waits(system: System, box: str, dovecot_server: DovecotServer) -> None:
    dovecot_server.deliver(mail(message_id="new@example.se"), box)
    assert figures(compared(system)) == (5, 1, 0)


@pytest.mark.dovecot
def test_moved_mails_whose_rows_are_gone_are_missing_with_and_without_message_id(system: System, box: str) -> None:
    with system.db.begin() as session:
        for row in session.scalars(select(Inbound)):
            row.item_id, row.mail_id = f"gone:{row.id}", ""
            session.get_one(Blob, row.blob_id).sha256 = f"gone:{row.id}"
    found = compared(system)
    assert figures(found) == (4, 0, 4)
    assert sorted(bool(one.fingerprint) for one in found.missing) == [False, False, False, True]


@pytest.mark.dovecot
def test_a_changed_uidvalidity_makes_nothing_missing(system: System, box: str, dovecot_server: DovecotServer) -> None:
    dovecot_server.deliver(mail(message_id="later@example.se"), box)
    poll_all(system)
    for folder in ("INBOX", "Done"):
        dovecot_server.doveadm("mailbox", "update", "-u", box, "--uid-validity", "4242", folder)
    assert figures(compared(system)) == (5, 0, 0)


@pytest.mark.dovecot
def test_a_server_that_is_away_is_told_and_kept(system: System, box: str) -> None:
    with system.db.begin() as session:
        row = session.scalars(select(Source)).one()
        row.settings = {**row.settings, "port": "1"}
    (found,) = verify_mail(system)
    assert found.failure
    with system.db.read() as session:
        assert session.scalars(select(Verification)).one().failure == found.failure


def maildir(system: System, folder: Path) -> Path:
    (folder / "box" / "new").mkdir(parents=True)
    add_source(system, NewSource("drop", "email", "maildir", {"path": str(folder / "box")}), password="")
    return folder / "box"


def test_a_maildir_is_compared_wherever_its_mails_lie(system: System, authority: Authority, tmp_path: Path) -> None:
    box = maildir(system, tmp_path)
    (box / "new" / "1.x").write_bytes(mail())
    poll_all(system)
    (box / "new" / "2.x").write_bytes(mail(message_id="waits@example.se"))
    (box / "cur" / "3.x:2,").write_bytes(mail(message_id="lost@example.se"))
    found = compared(system)
    assert (figures(found), [one.item_id for one in found.missing]) == ((3, 1, 1), ["3.x"])
    assert figures(compared(system, repair=True)) == (3, 1, 0)


def test_it_is_done_once_a_night_and_a_night_slept_through_is_made_up_for(
    system: System, authority: Authority, tmp_path: Path, at: time_machine.Coordinates
) -> None:
    maildir(system, tmp_path)
    done = []
    for hours in (0, 1, 15, 5, 24, 72, 1):  # Monday 9, 10, Tuesday 1, 6, Wednesday 6, Saturday 6, 7 o'clock
        at.shift(timedelta(hours=hours))
        done.append(verify_nightly(system))
    assert done == [1, 0, 0, 1, 1, 1, 0]


def test_a_comparison_that_was_killed_is_begun_afresh(
    system: System, authority: Authority, tmp_path: Path, at: time_machine.Coordinates
) -> None:
    maildir(system, tmp_path)
    with system.db.begin() as session:
        session.add(Verification(source="drop", night=clock.now().date(), at=clock.now(), failure=GOING_ON))
    assert verify_nightly(system) == 0
    at.shift(timedelta(hours=4))
    assert [verify_nightly(system), verify_nightly(system)] == [1, 0]
    with system.db.read() as session:
        assert session.scalars(select(Verification.failure)).all() == [""]


def sentences(system: System) -> list[str]:
    with system.db.read() as session:
        return list(disagreements(session, system.settings.data_dir, progress=lambda _what, _seen: None))


def test_a_ledger_that_agrees_with_everything_says_nothing(
    system: System, authority: Authority, tmp_path: Path
) -> None:
    box = maildir(system, tmp_path)
    (box / "new" / "1.x").write_bytes(mail())
    (box / "new" / "2.x").write_bytes(mail(message_id="big@x.org", body="x " * 200_000))
    (box / "new" / "3.x").write_bytes(b"")
    poll_all(system)
    assert sentences(system) == []


def test_each_disagreement_is_named(system: System, authority: Authority, tmp_path: Path) -> None:
    box = maildir(system, tmp_path)
    for number in range(6):
        (box / "new" / f"{number}.x").write_bytes(mail(message_id=f"m{number}@x.org", body="x " * 200_000))
    poll_all(system)
    with system.db.begin() as session:
        rows = session.scalars(select(Inbound).order_by(Inbound.id)).all()
        rows[0].ticket_id = None
        rows[1].message_id = rows[2].message_id
        rows[2].fate = "lost"
        rows[3].blob_id = None
        blobs = [session.get_one(Blob, row.blob_id) for row in rows[4:]]
    files = [system.settings.data_dir / "files" / str(blob.path) for blob in blobs]
    files[0].unlink()
    files[1].write_bytes(b"other")
    found = sentences(system)
    for number, words in enumerate(["there is none", "of another ticket", "fate is none", "not kept"]):
        assert [line for line in found if line.startswith(f"inbound {rows[number].id}:") and words in line]
    assert [line for line in found if "is not there" in line and f"blob {blobs[0].id}" in line]
    assert [line for line in found if "not what it was" in line and f"blob {blobs[1].id}" in line]

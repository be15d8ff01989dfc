"""A backup taken while others write is whole up to its instant; nothing leaves twice after it is brought back."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from app.core.config import Settings
from app.core.db import Base
from app.core.errors import LuukkuError
from app.core.system import System, create_system
from app.flows.backup import MANIFEST, newest_backup, take_backup
from app.flows.deliver import deliver
from app.flows.reply import Answer, reply
from app.flows.restore import restore_backup
from app.intake.check import disagreements
from app.outbox.models import Delivery, OutboxRow
from app.tickets.models import Event, Message
from channels.contract import ChannelName
from tests.app_fixtures import Elsewhere
from tests.factories import Authority, arrives, mail
from tests.flows.test_flow_delivery import Wire


def silent(_line: str) -> None:
    """Show no progress."""


def rows(system: System) -> dict[str, set[tuple[object, ...]]]:
    """Every row of every table."""
    with system.db.read() as session:
        return {
            table.name: {tuple(map(repr, row)) for row in session.execute(select(table))}
            for table in Base.metadata.sorted_tables
        }


def backed_up(system: System, target: Path) -> Path:
    return take_backup(system.settings, target, with_keys=False, progress=silent)


def restored(settings: Settings, folder: Path) -> System:
    restore_backup(settings, folder, force=False, progress=silent)
    return create_system(settings)


def test_rows_and_files_come_back_as_they_were(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    for number in range(4):
        arrives(
            system,
            mail(f"Fråga {number} " + "å" * 150_000 * (number % 2), message_id=f"m{number}@x.org"),
            item_id=str(number),
        )
    deliver(system, Wire())
    before = rows(system)
    there = restored(elsewhere(), backed_up(system, tmp_path / "backups"))
    after = rows(there)
    assert {name: after[name] for name in before if name != "authority"} == {
        name: found for name, found in before.items() if name != "authority"
    }
    kept = [{path.name for path in (one.settings.data_dir / "files").rglob("*")} for one in (system, there)]
    assert kept[0] == kept[1]
    assert list(there.settings.data_dir.glob("*.restoring*")) == []
    with there.db.read() as session:
        assert list(disagreements(session, there.settings.data_dir, progress=lambda _w, _s: None)) == []
    there.db.dispose()


def test_a_backup_during_writing_is_whole_up_to_its_instant(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    done, stop = [], threading.Event()

    def write() -> None:
        while not stop.is_set():
            number = len(done)
            raw = mail(
                "x" * 300_000 if number % 3 == 0 else "kort", sender=f"c{number}@x.org", message_id=f"m{number}@x.org"
            )
            arrives(system, raw, item_id=str(number))
            done.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(done) < 5:
            stop.wait(0.01)
        folder = backed_up(system, tmp_path / "backups")
        while len(done) < 8:
            stop.wait(0.01)
    finally:
        stop.set()
        writer.join(60)
    there = restored(elsewhere(), folder)
    with there.db.read() as session:
        found = set(session.scalars(select(Message.message_id).where(Message.kind == "citizen")))
        assert list(disagreements(session, there.settings.data_dir, progress=lambda _w, _s: None)) == []
    there.db.dispose()
    assert 5 <= len(found) <= len(done)
    assert found == {f"m{number}@x.org" for number in range(len(found))}


def test_what_waited_in_a_backup_leaves_only_when_a_person_says_so(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path, at: time_machine.Coordinates
) -> None:
    ticket = authority.ticket(arrives(system, mail()).ticket_id)
    reply(system, authority.viewers["nils"], ticket.reference, Answer("Ja.", ChannelName.EMAIL))
    folder = backed_up(system, tmp_path / "backups")
    at.shift(timedelta(hours=1))
    there = restored(elsewhere(), folder)
    wire = Wire()
    deliver(there, wire)
    assert wire.taken == []
    with there.db.read() as session:
        states = {row.is_automatic: (row.state, row.needs_person) for row in session.scalars(select(OutboxRow))}
    assert states == {True: (Delivery.FAILED, False), False: (Delivery.PERHAPS_SENT, True)}
    there.db.dispose()


def test_mails_that_come_once_more_after_a_restore_get_no_second_receipt(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path, at: time_machine.Coordinates
) -> None:
    folder = backed_up(system, tmp_path / "backups")
    at.shift(timedelta(hours=1))
    there = restored(elsewhere(), folder)
    old = arrives(there, mail(message_id="old@x.org"), item_id="1", at=at_now(-30))
    new = arrives(there, mail(message_id="new@x.org", sender="b@x.org"), item_id="2", at=at_now(30))
    with there.db.read() as session:
        receipts = set(session.scalars(select(OutboxRow.ticket_id)))
        told = session.scalars(select(Event.reason).where(Event.kind == "acknowledgement_withheld")).all()
    assert (receipts, told) == ({new.ticket_id}, ["restored"])
    assert old.ticket_id is not None
    there.db.dispose()


def at_now(minutes: int):  # type: ignore[no-untyped-def]
    from app.core import clock

    return clock.now() + timedelta(minutes=minutes)


def test_the_second_backup_takes_no_room_for_files_that_the_first_has(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path, at: time_machine.Coordinates
) -> None:
    arrives(system, mail("x" * 400_000))
    first = backed_up(system, tmp_path / "backups")
    at.shift(timedelta(minutes=1))
    second = backed_up(system, tmp_path / "backups")
    files = [next(path for path in (folder / "files").rglob("*") if path.is_file()) for folder in (first, second)]
    assert files[0].stat().st_ino == files[1].stat().st_ino
    assert newest_backup(tmp_path / "backups") == second
    files[0].write_bytes(b"y" * files[0].stat().st_size)  # a disk forgets; the next backup must not carry it on
    at.shift(timedelta(minutes=1))
    third = backed_up(system, tmp_path / "backups")
    restore_backup(elsewhere(), third, force=False, progress=silent)


@pytest.mark.parametrize("harm", ["changed", "missing", "no manifest", "newer", "of another kind"])
def test_what_is_not_whole_or_does_not_fit_is_refused_before_anything_is_touched(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path, harm: str
) -> None:
    arrives(system, mail("x" * 400_000))
    folder, settings = backed_up(system, tmp_path / "backups"), elsewhere()
    file = next(path for path in (folder / "files").rglob("*") if path.is_file())
    manifest = json.loads((folder / MANIFEST).read_text())
    match harm:
        case "changed":
            file.write_bytes(b"y" * file.stat().st_size)
        case "missing":
            file.unlink()
        case "no manifest":
            (folder / MANIFEST).unlink()
        case "newer":
            (folder / MANIFEST).write_text(json.dumps({**manifest, "tables": "9999"}))
        case "of another kind":
            kept = {name: value for name, value in manifest["files"].items() if not name.startswith("database")}
            for database in folder.glob("database.*"):
                database.unlink()
            (folder / MANIFEST).write_text(json.dumps({**manifest, "files": kept}))
    with pytest.raises(LuukkuError):
        restore_backup(settings, folder, force=True, progress=silent)
    assert not (settings.data_dir / "files").exists()


def test_nothing_is_written_over_without_force(
    system: System, authority: Authority, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    folder, settings = backed_up(system, tmp_path / "backups"), elsewhere()
    restored(settings, folder).db.dispose()
    with pytest.raises(LuukkuError, match="With --force it is replaced"):
        restore_backup(settings, folder, force=False, progress=silent)
    restore_backup(settings, folder, force=True, progress=silent)


def test_keys_are_in_it_only_when_asked_for_and_for_nobody_else_to_read(
    system: System, authority: Authority, tmp_path: Path, at: time_machine.Coordinates
) -> None:
    system.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (system.settings.data_dir / "secret.key").write_text("k")
    assert not (backed_up(system, tmp_path / "backups") / "keys").exists()
    at.shift(timedelta(minutes=1))
    folder = take_backup(system.settings, tmp_path / "backups", with_keys=True, progress=silent)
    assert oct((folder / "keys" / "secret.key").stat().st_mode)[-3:] == "600"
    assert oct(folder.stat().st_mode)[-3:] == "700"
    shutil.rmtree(folder)

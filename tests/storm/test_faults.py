"""What breaks around us: servers away and back, lines cut, locks, clocks, disks. Everything goes on where it was."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from app.core.config import Settings, complete
from app.core.db import Database
from app.core.system import System
from app.flows.deliver import deliver
from app.flows.found import found
from app.flows.receive import receive
from app.flows.sources import NewSource, add_source
from app.intake.models import Inbound
from app.outbox.models import Delivery, OutboxRow
from app.sla.service import forget_calendars
from app.sources.models import Source
from channels.contract import ChannelName, RawItem
from migrations.run import upgrade
from tests.factories import DESCRIPTION, MONDAY, PASSWORD, Authority, mail, poll_all
from tests.servers import smtp_sink as sinks
from tests.servers.proxy import Line, line_to
from tests.servers.rabbitmq import running_rabbitmq
from tests.servers.smtp_sink import SmtpSink
from tests.storm.house import House, running_house, wait_until
from tests.storm.mails import Sample
from tests.storm.sets import Mailbox, demand_nothing_lost, demand_nothing_twice, is_quiet, state_of

pytestmark = [pytest.mark.dovecot, pytest.mark.demo]
ONE = pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True)


def plain(seed: int, count: int, start: int = 0) -> list[Sample]:
    chance = random.Random(seed)
    names = [f"p{number}.{chance.randrange(10**6)}@x{number % 50}.example" for number in range(start, start + count)]
    return [Sample("plain", name, mail(f"Nummer {name}", sender=name, message_id=name)) for name in names]


def ids(system: System) -> set[str]:
    with system.db.read() as session:
        return set(session.scalars(select(Inbound.mail_id)))


def listening(calm: System, house: House, poll_seconds: int) -> None:
    """A worker and a listener that look by themselves once in so many seconds only."""
    for name in ("worker", "listen"):
        house.start(name, name, LUUKKU_POLL_SECONDS=str(poll_seconds))


@ONE
def test_idle_brings_a_mail_within_two_seconds_and_within_fifteen_after_a_kick(
    calm: System, authority: Authority, house: House, box: Mailbox, seed: int
) -> None:
    listening(calm, house, poll_seconds=3600)
    first, second, third = plain(seed, 3)
    box.put([first])
    wait_until(lambda: ids(calm) == {first.name}, 30, lambda: house.told("listen"))
    time.sleep(1)
    begun = time.monotonic()
    box.put([second])
    wait_until(lambda: second.name in ids(calm), 10, lambda: house.told("listen"))
    by_idle = time.monotonic() - begun
    box.server.doveadm("kick", box.user)
    begun = time.monotonic()
    box.put([third])
    wait_until(lambda: third.name in ids(calm), 30, lambda: house.told("listen"))
    after_kick = time.monotonic() - begun
    print(f"by IDLE {by_idle:.1f} s, after a kick {after_kick:.1f} s")
    assert by_idle <= 2
    assert after_kick <= 15


@pytest.fixture
def imap_line(calm: System, box: Mailbox) -> Iterator[Line]:
    """The mailbox is read over a line that can be cut."""
    with line_to(box.server.imap_port) as line:
        with calm.db.begin() as session:
            row = session.scalars(select(Source)).one()
            row.settings = {**row.settings, "port": str(line.port), "timeout": "3"}
        yield line


@ONE
def test_a_mail_server_that_was_away_for_a_month_is_caught_up_with(
    calm: System, authority: Authority, house: House, box: Mailbox, smtp_sink: SmtpSink, imap_line: Line, seed: int
) -> None:
    delivered = plain(seed, 20)
    box.put(delivered)
    listening(calm, house, poll_seconds=2)
    wait_until(lambda: len(ids(calm)) == 20, 60, lambda: house.told("worker"))
    imap_line.cut()
    more = plain(seed, 600, start=20)
    box.put(more)
    time.sleep(4)
    assert len(ids(calm)) == 20
    imap_line.mend()
    begun = time.monotonic()
    wait_until(lambda: is_quiet(calm, box), 120, lambda: state_of(calm, box) + house.told("worker"))
    print(f"600 mails caught up with in {time.monotonic() - begun:.0f} s")
    with calm.db.begin() as session:
        row = session.scalars(select(Source)).one()
        row.settings = {**row.settings, "port": str(box.server.imap_port)}
    demand_nothing_lost(calm, box, [*delivered, *more])


@ONE
def test_a_mail_server_that_hangs_is_given_up_and_tried_again(
    calm: System, authority: Authority, box: Mailbox, imap_line: Line, seed: int
) -> None:
    box.put(plain(seed, 3))
    imap_line.hold()
    begun = time.monotonic()
    assert poll_all(calm) == 0
    assert time.monotonic() - begun < 12
    imap_line.let_go()
    assert poll_all(calm) == 3


PLANS: list[tuple[str, str, str, int]] = [
    ("RCPT", "451 4.3.0 later", Delivery.QUEUED, 0),
    ("RCPT", "550 5.1.1 unknown", Delivery.FAILED, 0),
    ("DATA", "452 4.2.2 full", Delivery.QUEUED, 0),
    ("DATA", "554 5.7.1 no", Delivery.FAILED, 0),
    ("MAIL", "hang up", Delivery.QUEUED, 0),
    ("RCPT", "421 4.3.2 closing", Delivery.QUEUED, 0),
    ("DATA", "take and hang up", Delivery.PERHAPS_SENT, 1),
]


@ONE
@pytest.mark.parametrize(("command", "answer", "state", "there"), PLANS)
def test_what_the_outgoing_server_does_decides_what_becomes_of_a_mail(
    calm: System, authority: Authority, smtp_sink: SmtpSink, command: str, answer: str, state: str, there: int
) -> None:
    receive(calm, [RawItem(ChannelName.EMAIL, "box", "1", mail(), MONDAY)])
    smtp_sink.answer_next(command, answer)
    deliver(calm)
    with calm.db.read() as session:
        assert session.scalars(select(OutboxRow)).one().state == state
    assert len(smtp_sink.messages) == there


@ONE
def test_an_outgoing_server_that_hangs_or_is_away_holds_mails_up_and_loses_none(
    calm: System, authority: Authority, smtp_sink: SmtpSink
) -> None:
    with line_to(smtp_sink.port) as line:
        sinks.open_ports.add(line.port)
        slow = System(replace(calm.settings, smtp_port=line.port, smtp_timeout=1), calm.db)
        for number in range(5):
            raw = mail(sender=f"c{number}@x.org", message_id=f"m{number}@x.org")
            receive(slow, [RawItem(ChannelName.EMAIL, "box", str(number), raw, MONDAY)])
        for harm, mended in ((line.hold, line.let_go), (line.cut, line.mend)):
            harm()
            assert deliver(slow) == 1
            mended()
        with slow.db.begin() as session:
            session.execute(text("UPDATE outbox SET not_before = at"))
        deliver(slow)
        sinks.open_ports.discard(line.port)
    assert demand_nothing_twice(calm, smtp_sink) == 0
    assert len(smtp_sink.messages) == 5


@pytest.mark.parametrize("database_backend", ["postgresql"], indirect=True)
def test_a_database_that_drops_its_connections_again_and_again_loses_nothing(
    calm: System, authority: Authority, house: House, box: Mailbox, smtp_sink: SmtpSink, seed: int
) -> None:
    listening(calm, house, poll_seconds=2)
    delivered = plain(seed, 200)
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for first in range(0, 200, 20):
        box.put(delivered[first : first + 20])
        time.sleep(0.5)
        with calm.db.engine.connect() as connection:
            connection.execute(kill)
    wait_until(lambda: is_quiet(calm, box), 120, lambda: state_of(calm, box) + house.told("worker"))
    assert house.programs["worker"].poll() is None
    assert house.programs["listen"].poll() is None
    demand_nothing_lost(calm, box, delivered)
    demand_nothing_twice(calm, smtp_sink)


@ONE
def test_a_locked_database_takes_nothing_and_everything_afterwards(
    calm: System, authority: Authority, box: Mailbox, seed: int
) -> None:
    box.put(plain(seed, 5))
    event.listen(calm.db.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=200"))
    calm.db.engine.dispose()
    with closing(sqlite3.connect(str(calm.db.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert poll_all(calm) == 0
        assert box.count("INBOX") == 5
        other.execute("ROLLBACK")
    assert poll_all(calm) == 5
    assert box.count("INBOX") == 0


@ONE
def test_work_goes_on_while_the_broker_is_gone(
    calm: System, authority: Authority, box: Mailbox, smtp_sink: SmtpSink, seed: int, tmp_path: Path
) -> None:
    delivered = plain(seed, 9)
    with ExitStack() as stack:
        broker = stack.enter_context(running_rabbitmq())
        changed = System(replace(calm.settings, broker_url=broker.url), calm.db)
        with running_house(changed.settings, tmp_path / "rabbit") as house:
            listening(changed, house, poll_seconds=2)
            box.put(delivered[:3])
            wait_until(lambda: is_quiet(calm, box) and len(ids(calm)) == 3, 60, lambda: house.told("worker"))
            stack.close()
            box.put(delivered[3:6])
            wait_until(lambda: is_quiet(calm, box) and len(ids(calm)) == 6, 20, lambda: house.told("worker"))
            assert house.programs["worker"].poll() is None
    with running_house(calm.settings, tmp_path / "folder") as house:
        listening(calm, house, poll_seconds=2)
        time.sleep(3)
        shutil.rmtree(calm.settings.data_dir / "broker")
        box.put(delivered[6:])
        wait_until(lambda: is_quiet(calm, box) and len(ids(calm)) == 9, 30, lambda: house.told("worker"))
    demand_nothing_lost(calm, box, delivered)
    assert demand_nothing_twice(calm, smtp_sink) == 0


@ONE
def test_a_clock_that_is_set_an_hour_ahead_and_back_stops_nothing(
    calm: System, authority: Authority, house: House, box: Mailbox, smtp_sink: SmtpSink, seed: int, tmp_path: Path
) -> None:
    offset = tmp_path / "offset"
    offset.write_text("0")
    for name in ("worker", "listen"):
        house.start(name, name, failpoint="clock", STORM_CLOCK=str(offset))
    delivered = plain(seed, 9)
    for number, seconds in enumerate(("0", "3600", "-3600")):
        offset.write_text(seconds)
        box.put(delivered[3 * number : 3 * number + 3])
        wait_until(lambda: len(ids(calm)) == 3 * number + 3, 20, lambda: house.told("worker"))  # noqa: B023
        wait_until(lambda: len(smtp_sink.messages) == 3 * number + 3, 20, lambda: house.told("worker"))  # noqa: B023
    wait_until(lambda: is_quiet(calm, box), 20, lambda: state_of(calm, box))
    demand_nothing_lost(calm, box, delivered)
    assert demand_nothing_twice(calm, smtp_sink) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB that is ours alone."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@ONE
@pytest.mark.parametrize("size", [2_000, 600_000], ids=["small mails", "large mails"])
def test_a_full_disk_leaves_mails_where_they_are_and_the_next_look_files_them(
    small_disk: Path, database_backend: str, tmp_path: Path, size: int
) -> None:
    forget_calendars()
    settings = complete(Settings(data_dir=small_disk / "var", secret_key="only for this test"))
    settings.data_dir.mkdir()
    upgrade(settings.database_url)
    system = System(settings, Database(settings.database_url))
    found(system, DESCRIPTION, password=PASSWORD)
    box = tmp_path / "box"
    (box / "new").mkdir(parents=True)
    add_source(system, NewSource("drop", "email", "maildir", {"path": str(box)}), password="")
    ballast = small_disk / "ballast"
    fill(ballast)
    for number in range(5):
        (box / "new" / f"{number}.x").write_bytes(
            mail("å" * size, message_id=f"m{number}@x.org", sender=f"c{number}@x.org")
        )
    poll_all(system)
    left = len(list((box / "new").iterdir()))
    assert left > 0
    ballast.unlink()
    poll_all(system)
    assert list((box / "new").iterdir()) == []
    with system.db.read() as session:
        fates = Counter(session.scalars(select(Inbound.fate)))
    assert fates == {"ticket": 5}
    assert not list((settings.data_dir / "files").rglob("*.part"))
    system.db.dispose()
    forget_calendars()


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    number = os.open(file, os.O_WRONLY | os.O_CREAT)
    with suppress(OSError):
        while True:
            os.write(number, b"x" * 4096)
    os.close(number)


@ONE
def test_a_letter_folder_that_vanishes_and_comes_back_goes_on(
    calm: System, authority: Authority, tmp_path: Path
) -> None:
    folder, away = tmp_path / "letters", tmp_path / "away"
    folder.mkdir()
    add_source(calm, NewSource("scanner", "letter", "folder", {"path": str(folder), "quiet_seconds": "0"}), password="")
    letter = next((Path(__file__).resolve().parents[2] / "demo" / "samples").glob("*.pdf"))
    shutil.copy(letter, folder / "scan.pdf")
    os.utime(folder / "scan.pdf", (1_760_000_000, 1_760_000_000))
    folder.rename(away)
    assert poll_all(calm) == 0
    with calm.db.read() as session:
        assert session.scalars(select(Source)).one().failed_at is not None
    away.rename(folder)
    assert poll_all(calm) == 1
    with calm.db.read() as session:
        assert session.scalars(select(Source)).one().failed_at is None


def test_letting_both_at_one_mailbox_at_the_same_instant_files_each_mail_once(
    calm: System, authority: Authority, box: Mailbox, seed: int
) -> None:
    """Two looks in two threads of one process, as after a hurried restart."""
    delivered = plain(seed, 60)
    box.put(delivered)
    threads = [threading.Thread(target=poll_all, args=(calm,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    poll_all(calm)
    demand_nothing_lost(calm, box, delivered)

"""The same work by each broker, whether nudges arrive, arrive three times, or never: all is done once, within 10 s."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.core.config import Settings
from app.core.life import SignOfLife
from app.core.nudge import NoNudge, Nudge, Queue
from app.core.system import System
from app.jobs.publisher import Publisher
from app.outbox.models import OutboxRow
from app.tickets.models import Ticket
from tests.factories import Authority, arrives, mail
from tests.servers.smtp_sink import SmtpSink, running_smtp_sink

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.broker
MAILS = 6
SWEPT_WITHIN = 10.0
"""seconds, of the project's rules: no hand-off waits longer, whatever was lost"""


@pytest.fixture(params=["filesystem", "redis", "rabbitmq"])
def broker_url(request: pytest.FixtureRequest) -> str:
    if request.param == "filesystem":
        return "filesystem://"
    return str(request.getfixturevalue(f"{request.param}_server").url)


@contextmanager
def running_worker(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    names = ("data_dir", "database_url", "broker_url", "secret_key", "smtp_host", "smtp_port")
    environment = {f"LUUKKU_{name.upper()}": str(getattr(settings, name)) for name in names}
    command = [sys.executable, "-m", "app.cli", "worker", "--threads", "2"]
    with log.open("wb") as file:
        worker = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            yield worker
        finally:
            worker.terminate()
            worker.wait(timeout=20)


class Doubled:
    """Each nudge arrives three times."""

    def __init__(self, nudge: Nudge) -> None:
        self._nudge = nudge

    def __call__(self, queue: Queue, *, at: int | None = None) -> None:
        for _ in range(3):
            self._nudge(queue, at=at)


NUDGES: dict[str, Callable[[Settings], Nudge]] = {
    "once": Publisher,
    "doubled": lambda settings: Doubled(Publisher(settings)),
    "lost": lambda _settings: NoNudge(),
}


@pytest.mark.parametrize("nudges", NUDGES)
def test_a_worker_does_all_there_is_once_however_nudges_arrive(
    system: System, authority: Authority, broker_url: str, nudges: str, tmp_path: Path
) -> None:
    with running_smtp_sink() as sink:
        settings = replace(system.settings, broker_url=broker_url, smtp_port=sink.port)
        publishing = System(settings, system.db, NUDGES[nudges](settings))
        log = tmp_path / "worker.log"
        with running_worker(settings, log) as worker:
            wait_until(worker, log, 30, lambda: is_all_done(system, sink, 0) and has_worker(system))
            for number in range(MAILS):
                arrives(
                    publishing,
                    mail(sender=f"c{number}@example.se", message_id=f"m{number}@example.se"),
                    item_id=f"1:{number}",
                )
            seconds = wait_until(worker, log, SWEPT_WITHIN, lambda: is_all_done(system, sink, MAILS))
            time.sleep(1)  # what would be done twice is done by now
    arrived = Counter(str(sent.message["Message-ID"]).strip("<>") for sent in sink.messages)
    with system.db.read() as session:
        assert arrived == Counter(session.scalars(select(OutboxRow.mail_id)))
    assert arrived.total() == MAILS
    print(f"{broker_url.partition(':')[0]}, nudges {nudges}: all done {seconds:.1f} s after the last mail")


def is_all_done(system: System, sink: SmtpSink, mails: int) -> bool:
    """Whether every receipt has arrived and every question has been looked up."""
    with system.db.read() as session:
        unsuggested = session.scalar(select(func.count()).where(Ticket.suggested_for.is_(None))) if mails else 0
    return len(sink.messages) >= mails and not unsuggested


def has_worker(system: System) -> bool:
    """Whether the worker has given a sign of life: its first rounds have begun."""
    with system.db.read() as session:
        return session.scalar(select(func.count()).select_from(SignOfLife)) != 0


def wait_until(worker: subprocess.Popen[bytes], log: Path, within: float, probe: Callable[[], bool]) -> float:
    """How many seconds it took; raises AssertionError with what the worker said."""
    begun = time.monotonic()
    while not probe():
        assert worker.poll() is None, log.read_text()
        assert time.monotonic() < begun + within, f"not within {within} s\n{log.read_text()}"
        time.sleep(0.1)
    return time.monotonic() - begun


def test_a_broker_that_is_away_loses_a_nudge_but_no_work(system: System, authority: Authority) -> None:
    settings = replace(system.settings, broker_url="amqp://127.0.0.1:1//")
    filed = arrives(System(settings, system.db, Publisher(settings)), mail())
    assert filed.fate == "ticket"

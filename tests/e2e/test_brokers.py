"""The same work by each broker: a nudge reaches a worker in another process, which sends the receipt."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.config import Settings
from app.core.system import System
from app.jobs.publisher import Publisher
from tests.factories import Authority, arrives, mail
from tests.servers.smtp_sink import running_smtp_sink

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.broker


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


def test_a_nudge_makes_the_worker_send_what_waits(
    system: System, authority: Authority, broker_url: str, tmp_path: Path
) -> None:
    with running_smtp_sink() as sink:
        settings = replace(system.settings, broker_url=broker_url, smtp_port=sink.port)
        publishing = System(settings, system.db, Publisher(settings))
        log = tmp_path / "worker.log"
        with running_worker(settings, log) as worker:
            for number in range(3):
                arrives(publishing, mail(message_id=f"m{number}@example.se"), item_id=f"1:{number}")
            end = time.monotonic() + 30
            while len(sink.messages) < 3:
                assert worker.poll() is None, log.read_text()
                assert time.monotonic() < end, f"{len(sink.messages)} of 3 came\n{log.read_text()}"
                time.sleep(0.1)
    recipients = [sent.recipients for sent in sink.messages]
    assert recipients == [("siri.testsson@example.se",)] * 3


def test_a_broker_that_is_away_loses_a_nudge_but_no_work(system: System, authority: Authority) -> None:
    settings = replace(system.settings, broker_url="amqp://127.0.0.1:1//")
    filed = arrives(System(settings, system.db, Publisher(settings)), mail())
    assert filed.fate == "ticket"

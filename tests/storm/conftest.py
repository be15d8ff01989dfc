"""A mailbox, a mail server and the programs, for storms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.system import System
from app.flows.sources import NewSource, add_source
from tests.factories import Authority
from tests.servers.dovecot import DovecotServer
from tests.servers.process import free_port
from tests.servers.smtp_sink import SmtpSink
from tests.storm.house import House, running_house

pytest.register_assert_rewrite("tests.storm.sets", "tests.storm.restored")
from tests.storm.sets import Mailbox  # noqa: E402 - only what is imported after it tells what it compared

SEED = int(os.environ.get("STORM_SEED", "20261126"))


@pytest.fixture
def seed() -> int:
    """The seed of this run: STORM_SEED, else always the same; printed, so that a storm can be repeated."""
    print(f"STORM_SEED={SEED}")
    return SEED


@pytest.fixture
def calm(system: System, smtp_sink: SmtpSink) -> System:
    """The system on a real mail server, with short pauses."""
    changed = {"smtp_port": smtp_sink.port, "poll_seconds": 2, "sweep_seconds": 1, "undo_seconds": 0, "smtp_timeout": 5}
    settings = replace(system.settings, port=free_port(), **changed)
    return System(settings, system.db)


@pytest.fixture
def house(calm: System, tmp_path: Path) -> Iterator[House]:
    """Programs on that system."""
    with running_house(calm.settings, tmp_path / "log") as started:
        yield started


@pytest.fixture
def box(calm: System, authority: Authority, dovecot_server: DovecotServer, request: pytest.FixtureRequest) -> Mailbox:
    """A mailbox of its own, read from now on."""
    mailbox = Mailbox(dovecot_server, f"storm{abs(hash(request.node.nodeid)) % 10**9}")
    settings = {
        "host": "localhost",
        "port": str(dovecot_server.imap_port),
        "user": mailbox.user,
        "tls": "none",
        "move_to": "Done",
    }
    add_source(calm, NewSource("box", "email", "imap", settings), password=dovecot_server.password)
    return mailbox

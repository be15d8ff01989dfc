"""A real RabbitMQ: its own node, its own port mapper, everything on loopback, thrown away afterwards."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import LOOPBACK, answers, free_port, running, scratch_folder

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""the server itself; the wrapper on PATH would run as user `rabbitmq` in /var/lib"""
PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
NAMES_REQUEST = b"\x00\x01n"


@dataclass(frozen=True)
class RabbitServer:
    """Where the server listens; `url` is what Celery takes as broker."""

    port: int

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}//"


def is_installed() -> bool:
    """Whether the server's program is on this machine."""
    return PROGRAM.exists()


@contextlib.contextmanager
def running_rabbitmq() -> Iterator[RabbitServer]:
    """A RabbitMQ on a free loopback port."""
    with scratch_folder("rabbitmq") as scratch, running_port_mapper(scratch) as mapper_port:
        server = RabbitServer(free_port())
        with running(
            [PROGRAM],
            log=scratch / "log",
            is_ready=lambda: answers(server.port, PROTOCOL_HEADER, begins=b"\x01"),
            timeout=90,
            environment=node_environment(scratch, server.port, mapper_port),
        ):
            yield server


@contextlib.contextmanager
def running_port_mapper(scratch: Path) -> Iterator[int]:
    """Erlang's port mapper on a port of its own: a node would otherwise start one that outlives it."""
    port = free_port()
    with running(
        ["epmd", "-port", str(port), "-address", LOOPBACK],
        log=scratch / "epmd.log",
        is_ready=lambda: answers(port, NAMES_REQUEST, begins=port.to_bytes(4, "big")),
        timeout=10,
    ):
        yield port


def node_environment(scratch: Path, port: int, mapper_port: int) -> dict[str, str]:
    """The settings of a node that touches nothing outside `scratch`."""
    (scratch / "rabbitmq.conf").write_text(f"listeners.tcp.1 = {LOOPBACK}:{port}\n", encoding="utf-8")
    (scratch / "plugins").write_text("[].\n", encoding="utf-8")
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return inherited | {
        "HOME": str(scratch),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "RABBITMQ_NODENAME": f"luukku{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(scratch / "data"),
        "RABBITMQ_LOG_BASE": str(scratch / "logs"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONFIG_FILE": str(scratch / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(scratch / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(scratch / "plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }

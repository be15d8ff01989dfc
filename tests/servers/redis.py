"""A real Redis that keeps nothing on disk."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.process import LOOPBACK, answers, free_port, running, scratch_folder


@dataclass(frozen=True)
class RedisServer:
    """Where the server listens; `url` is what Celery takes as broker."""

    port: int

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"


def is_installed() -> bool:
    """Whether the server's program is on this machine."""
    return shutil.which("redis-server") is not None


@contextlib.contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A Redis on a free loopback port."""
    with scratch_folder("redis") as scratch:
        server = RedisServer(free_port())
        options = ["--port", str(server.port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
        with running(
            ["redis-server", *options, "--dir", scratch],
            log=scratch / "log",
            is_ready=lambda: answers(server.port, b"PING\r\n", begins=b"+PONG"),
            timeout=10,
        ):
            yield server

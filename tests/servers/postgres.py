"""A real PostgreSQL with a cluster of its own, thrown away afterwards."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.servers.process import LOOPBACK, as_user, free_port, running, scratch_folder

USER = "luukku"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal"}
"""durability is of no use to a cluster that lives for one test run"""
SETTINGS = FAST | {
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "listen_addresses": LOOPBACK,
    "autovacuum": "off",
}


@dataclass(frozen=True)
class PostgresServer:
    """Where the server listens, and what to do with its databases."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@{LOOPBACK}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, as CREATE DATABASE wants it."""
        with self.connect("postgres") as connection:
            connection.execute(statement.encode())

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK, port=self.port, user=USER, dbname=database, autocommit=True, connect_timeout=5
        )


def programs() -> Path | None:
    """The folder of the newest server programs installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL on a free loopback port; as user `postgres` when we are root, for it refuses root."""
    folder = programs()
    if folder is None:
        raise FileNotFoundError("PostgreSQL's server programs are not installed")
    user = "postgres" if os.geteuid() == 0 else ""
    with scratch_folder("postgres", owner=user) as scratch:
        make_cluster(folder, scratch, user)
        server = PostgresServer(free_port())
        settings = SETTINGS | {"port": str(server.port), "unix_socket_directories": str(scratch)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with running(
            [folder / "postgres", "-D", scratch / "data", *options],
            log=scratch / "log",
            is_ready=lambda: takes_statements(server),
            timeout=30,
            user=user,
            stop_with=signal.SIGINT,  # "fast": ends open connections, as a test may have left some
        ):
            yield server


def make_cluster(folder: Path, scratch: Path, user: str) -> None:
    """Create the files of an empty cluster in UTF-8."""
    how = ["--username", USER, "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    command = [*as_user(user), str(folder / "initdb"), "-D", str(scratch / "data"), *how]
    made = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


def takes_statements(server: PostgresServer) -> bool:
    """Whether the server has finished starting."""
    try:
        with server.connect("postgres") as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False

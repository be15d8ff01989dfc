"""The whole system as a person starts it, on a data folder and ports of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

START_WITHIN = 60.0
LUUKKU = (sys.executable, "-m", "app.cli")


@dataclass
class RunningDemo:
    """A demo that was started with `luukku up --demo`."""

    process: subprocess.Popen[str]
    var: Path
    port: int
    said: str
    """what it told the person who started it"""

    def descendants(self) -> dict[str, int]:
        """The pid of each program of the supervisor, by its name."""
        found = {}
        for pid in all_pids():
            if parent_of(pid) == self.process.pid:
                words = command_of(pid)
                name = next((name for name in ("worker", "listen", "gunicorn", "aiosmtpd") if name in words), "")
                found[name] = pid
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with contextlib.closing(sqlite3.connect(self.var / "luukku.db", timeout=30)) as database:
            return database.execute(query).fetchall()

    def stop(self, number: signal.Signals = signal.SIGINT, within: float = 20) -> int:
        """Stop it by a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=within)


def all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def parent_of(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def command_of(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead but not yet waited for does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def those_of(var: Path) -> list[int]:
    """Every process that was started for this data folder."""
    mark = f"LUUKKU_DATA_DIR={var}".encode()
    found = []
    for pid in all_pids():
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") and is_alive(pid):
                found.append(pid)
    return found


def wait_until(probe: Callable[[], object], within: float, what: str) -> None:
    until = time.monotonic() + within
    while not probe():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(var: Path, port: int, changed: Mapping[str, str] | None = None) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LUUKKU_")}
    ours = {"LUUKKU_DATA_DIR": str(var), "LUUKKU_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    return {**clean, **ours, "LUUKKU_UNDO_SECONDS": "1", **(changed or {})}


def luukku(*arguments: str, var: Path, port: int = 0, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    env = environment(var, port or free_port(), changed)
    return subprocess.run([*LUUKKU, *arguments], env=env, capture_output=True, text=True, timeout=180)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """One demo for all tests that leave it running."""
    with running_demo(tmp_path_factory.mktemp("demo") / "var") as started:
        yield started


@contextlib.contextmanager
def running_demo(var: Path, arguments: Sequence[str] = ("--demo", "--no-history")) -> Iterator[RunningDemo]:
    """A system that answers; whatever is left of it is killed at the end."""
    port = free_port()
    process = subprocess.Popen(
        [*LUUKKU, "up", *arguments], env=environment(var, port), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C stops everything" in line:
                break
        else:
            pytest.fail(f"the demo did not start: {said}")
        yield RunningDemo(process, var, port, "".join(said))
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=20)
        process.stdout.close()
        for pid in those_of(var):
            os.kill(pid, signal.SIGKILL)

"""Start a program for the tests, wait until it answers, show its log when it does not, and stop it in every case."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"


class ServerDidNotStartError(AssertionError):
    """A server ended or kept silent while it was waited for; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port on loopback that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def scratch_folder(name: str, *, owner: str = "") -> Iterator[Path]:
    """A short-named folder under /tmp (socket paths are limited to 107 bytes), given to `owner` when we are root."""
    folder = Path(tempfile.mkdtemp(prefix=f"luukku-{name}-"))
    try:
        if owner and os.geteuid() == 0:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_user(name: str) -> list[str]:
    """The beginning of a command line that runs the rest as `name` (when we are root) and ends it with this process."""
    if not shutil.which("setpriv"):
        return []
    command = ["setpriv", "--pdeathsig", "TERM"]
    if name and os.geteuid() == 0:
        user = pwd.getpwnam(name)
        command += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return command


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    is_ready: Callable[[], bool],
    timeout: float,
    user: str = "",
    environment: Mapping[str, str] | None = None,
    stop_with: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends; entered once `is_ready`, at most `timeout` seconds after the start.

    Raises ServerDidNotStartError with the end of the log. The program gets a session of its own, so that Ctrl-C
    reaches the tests first and everything it started can be stopped with it.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*as_user(user), *map(str, command)],
            env=None if environment is None else dict(environment),
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_ready(process, log, is_ready, timeout)
        yield process
    finally:
        stop(process, stop_with)


def wait_until_ready(process: subprocess.Popen[bytes], log: Path, is_ready: Callable[[], bool], timeout: float) -> None:
    """Return once `is_ready`; raises ServerDidNotStartError when the program ends first or the time is over."""
    deadline = time.monotonic() + timeout
    while not is_ready():
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            what = f"ended with {process.returncode}" if ended else f"did not answer within {timeout:.0f} s"
            raise ServerDidNotStartError(f"{process.args!r} {what}; its log ends:\n{last_lines(log)}")
        time.sleep(0.02)


def last_lines(log: Path, count: int = 40) -> str:
    """The end of a log file."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def stop(process: subprocess.Popen[bytes], stop_with: signal.Signals, timeout: float = 15) -> None:
    """End the program by the signal given, and whatever is left of its process group by SIGKILL."""
    if process.poll() is None:
        process.send_signal(stop_with)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def answers(port: int, question: bytes, *, begins: bytes, timeout: float = 1) -> bool:
    """Whether the server on this loopback port answers `question` with something that begins as given."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout) as connection:
            connection.sendall(question)
            return connection.recv(len(begins)) == begins
    except OSError:
        return False

"""The servers of the tests start with a clear word when they cannot, and never outlive the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.servers.process import ServerDidNotStartError, answers, running, scratch_folder
from tests.servers.redis import running_redis


def start(script: str, folder: Path, *, timeout: float = 5) -> Any:
    log = folder / "log"
    return running(["bash", "-c", script], log=log, is_ready=lambda: is_in(log, "ready"), timeout=timeout)


def is_in(log: Path, word: str) -> bool:
    return log.exists() and word in log.read_text()


def test_a_server_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerDidNotStartError, match=r"ended with 3(.|\n)*port is taken"),
        start("echo 'the port is taken'; exit 3", tmp_path),
    ):
        pytest.fail("it was taken for ready")


def test_a_server_that_keeps_silent_is_stopped(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerDidNotStartError, match="did not answer within"),
        start("echo $$; exec sleep 60", tmp_path, timeout=0.3),
    ):
        pytest.fail("it was taken for ready")
    assert_gone(int((tmp_path / "log").read_text()))


def test_what_a_server_started_is_stopped_with_it(tmp_path: Path) -> None:
    with start("sleep 60 & echo $!; echo ready; wait", tmp_path):
        child = int((tmp_path / "log").read_text().split()[0])
        os.kill(child, 0)
    assert_gone(child)


def assert_gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_scratch_folder_is_removed_after_a_failure() -> None:
    kept: list[Path] = []

    def fail_inside() -> None:
        with scratch_folder("test") as folder:
            kept.append(folder)
            (folder / "file").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert not kept[0].exists()


@pytest.mark.usefixtures("redis_server")  # leaves this out where there is no Redis
def test_a_server_ends_when_the_tests_are_killed(root: Path, tmp_path: Path) -> None:
    script = (
        "import time\n"
        "from tests.servers.redis import running_redis\n"
        "with running_redis() as server:\n"
        "    print(server.port, flush=True)\n"
        "    time.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}  # what it leaves behind goes with this test
    tests = subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout
    port = int(tests.stdout.readline())
    tests.send_signal(signal.SIGKILL)
    tests.wait()
    tests.stdout.close()
    deadline = time.monotonic() + 5
    while answers(port, b"PING\r\n", begins=b"+PONG"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.usefixtures("redis_server")
def test_two_servers_of_one_kind_run_side_by_side() -> None:
    with running_redis() as one, running_redis() as other:
        assert one.port != other.port

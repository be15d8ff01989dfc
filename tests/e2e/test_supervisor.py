"""The supervisor with small programs: it starts again what dies, pauses longer each time, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import children, reach, supervisor
from app.cli.children import Child
from app.cli.only_one import only_one, running
from app.cli.supervisor import Supervisor
from app.core.config import Settings, complete
from app.core.errors import LuukkuError
from tests.e2e.conftest import is_alive, wait_until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


@pytest.fixture
def child(tmp_path: Path) -> Callable[[str], Child]:
    def made(program: str) -> Child:
        name = f"child{len(list(tmp_path.iterdir()))}"
        return Child(name, [sys.executable, "-c", program], dict(os.environ), tmp_path / f"{name}.log")

    return made


def run_for(seconds: float, programs: list[Child], *, is_ready: bool = True) -> bool:
    """Run them under a supervisor that is told to stop after a while; whether it was ready."""
    told = Supervisor(programs)
    timer = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        return told.run(lambda: is_ready, when_ready=lambda: None, patience=seconds / 2)
    finally:
        timer.cancel()


def test_what_a_program_prints_is_in_its_log(child: Callable[[str], Child]) -> None:
    program = child("import time; print('hello', flush=True); time.sleep(60)")
    assert run_for(1.5, [program])
    assert program.log.read_text() == "hello\n"
    assert program.is_gone()


def test_a_program_that_dies_is_started_again_and_told_in_one_line(
    child: Callable[[str], Child], capsys: pytest.CaptureFixture[str]
) -> None:
    program = child("print('life', flush=True); raise SystemExit(3)")
    assert run_for(2.5, [program])
    assert program.log.read_text().count("life") >= 2
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"The {program.name} stopped (exit code 3); it is started again in 1 s. Log: {program.log}"
    assert "again in 2 s" in told[1]


def test_the_pauses_grow_to_half_a_minute_and_a_long_life_resets_them(child: Callable[[str], Child]) -> None:
    program = child("")
    program.started_at = time.monotonic()
    assert [program.plan_restart() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    program.started_at = time.monotonic() - 2 * children.STEADY
    assert program.plan_restart() == 1


def test_one_that_does_not_want_to_stop_is_killed(
    child: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervisor, "STOP_WITHIN", 0.5)
    program = child(STUBBORN)
    assert run_for(1.5, [program])
    assert program.is_gone()
    assert "did not stop in time" in capsys.readouterr().out


def test_what_a_program_started_itself_ends_with_it(child: Callable[[str], Child]) -> None:
    program = child(PARENT)
    assert run_for(1.5, [program])
    grandchild = int(program.log.read_text())
    wait_until(lambda: not is_alive(grandchild), 5, "the grandchild lives on")


def test_what_a_dead_program_left_is_ended_before_it_is_started_again(child: Callable[[str], Child]) -> None:
    program = child(PARENT.replace("time.sleep(60)", "sys.exit(1)"))
    assert run_for(1.8, [program])
    for line in program.log.read_text().splitlines():
        wait_until(lambda line=line: not is_alive(int(line)), 5, "a grandchild lives on")  # type: ignore[misc]


def test_one_that_is_never_ready_is_given_up_and_stopped(child: Callable[[str], Child]) -> None:
    program = child("import time; time.sleep(60)")
    assert not run_for(2, [program], is_ready=False)
    assert program.is_gone()


def test_a_log_that_has_grown_large_is_put_aside(
    child: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LARGEST_LOG", 10)
    program = child("print('new')")
    program.log.write_text("old and long enough")
    program.start()
    assert program.process is not None
    program.process.wait()
    assert program.log.with_suffix(".log.1").read_text() == "old and long enough"
    assert program.log.read_text() == "new\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return complete(Settings(data_dir=tmp_path / "var", port=reach.free_port(), secret_key="only for this test"))


def test_the_data_folder_has_one_holder_who_says_where_it_answers(settings: Settings) -> None:
    assert running(settings.data_dir) is None
    with only_one(settings):
        found = running(settings.data_dir)
        assert found is not None
        assert (found.pid, found.base_url, found.is_demo) == (os.getpid(), settings.base_url, False)
        with pytest.raises(LuukkuError, match=f"answers at {settings.base_url}"), only_one(settings):
            pytest.fail("two hold the folder")
    assert running(settings.data_dir) is None
    with only_one(settings):
        assert running(settings.data_dir) is not None


def test_a_holder_that_was_killed_holds_nothing(settings: Settings) -> None:
    program = (
        "import os, signal; from pathlib import Path; from app.core.config import Settings, complete\n"
        "from app.cli.only_one import only_one\n"
        f"with only_one(complete(Settings(data_dir=Path({str(settings.data_dir)!r}), secret_key='x' * 20))):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == -signal.SIGKILL
    with only_one(settings):
        pass


def test_a_port_without_rights_or_name_is_told_in_plain_words(settings: Settings) -> None:
    reach.demand_free(settings)
    with pytest.raises(LuukkuError, match="cannot listen on nowhere"):
        reach.demand_free(replace(settings, host="nowhere.invalid."))
    assert not reach.answers(settings)

"""The real programs on a test's database, killed and started again as the test says; none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.core.config import Settings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (
    "data_dir",
    "database_url",
    "broker_url",
    "secret_key",
    "call_token",
    "port",
    "smtp_host",
    "smtp_port",
    "smtp_timeout",
    "poll_seconds",
    "sweep_seconds",
    "undo_seconds",
)


@dataclass
class House:
    """Programs by name; `kills` counts how often one was ended with -9."""

    settings: Settings
    log: Path
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)
    kills: int = 0

    def start(self, name: str, *command: str, failpoint: str = "", **changed: str) -> None:
        """Start a program of `luukku` under a name; with a failpoint it kills itself there."""
        module = ["tests.storm.launcher", failpoint] if failpoint else ["app.cli"]
        arguments = [sys.executable, "-m", *module, *command]
        with (self.log / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env=self._environment(changed),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.commands[name] = list(command)

    def kill(self, name: str) -> None:
        """End it with -9, and whatever it had started."""
        program = self.programs[name]
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        self.kills += 1

    def end(self, name: str, within: float = 20) -> int:
        """Ask it to end, as a service manager does; its exit code."""
        self.programs[name].terminate()
        return self.programs[name].wait(timeout=within)

    def kill_and_start(self, name: str) -> None:
        self.kill(name)
        self.start(name, *self.commands[name])

    def wait_for_death(self, name: str, within: float = 60) -> None:
        """Until the program has killed itself at its failpoint."""
        assert self.programs[name].wait(timeout=within) == -signal.SIGKILL, self.told(name)

    def told(self, name: str) -> str:
        return (self.log / f"{name}.log").read_text(errors="replace")[-4000:]

    def lines(self) -> list[str]:
        """Every line that the programs wrote."""
        return [line for file in self.log.glob("*.log") for line in file.read_text(errors="replace").splitlines()]

    def stop(self) -> None:
        for name, program in self.programs.items():
            if program.poll() is None:
                self.kill(name)

    def _environment(self, changed: Mapping[str, str]) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LUUKKU_")}
        ours = {f"LUUKKU_{name.upper()}": str(getattr(self.settings, name)) for name in SETTINGS}
        return {**clean, **ours, "LUUKKU_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1", **changed}


@contextmanager
def running_house(settings: Settings, log: Path) -> Iterator[House]:
    """A house without programs; all that were started are gone at the end."""
    log.mkdir(parents=True, exist_ok=True)
    house = House(settings, log)
    try:
        yield house
    finally:
        house.stop()


def wait_until(probe: Callable[[], object], within: float, what: Callable[[], str] | str) -> None:
    """Wait for a condition; raises AssertionError that says what did not happen."""
    until = time.monotonic() + within
    while not probe():
        assert time.monotonic() < until, what if isinstance(what, str) else what()
        time.sleep(0.1)

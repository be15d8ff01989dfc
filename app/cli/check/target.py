"""What is checked: the demo that runs on the data folder, else one started for the check and gone after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from app.cli import reach
from app.cli.only_one import Running, running
from app.core.config import Settings, complete, environment_with
from app.core.errors import LuukkuError
from app.core.secrets import with_secrets
from app.core.system import System, create_system

START_WITHIN = 60.0
UNDO_SECONDS = 1


@dataclass(frozen=True)
class Target:
    """A running demo: its system to read by, its address, and whether it was there before."""

    system: System
    base_url: str
    was_running: bool
    undo_seconds: int


@contextmanager
def target(settings: Settings, *, without: Sequence[str]) -> Iterator[Target]:
    """The demo to check. Raises LuukkuError when the one that runs is no demo, or a new one does not start."""
    found = running(settings.data_dir)
    if found is None:
        with _folder() as folder, _started(_settings_below(settings, folder), without) as own:
            yield own
        return
    if not found.is_demo:
        raise LuukkuError("The system that runs on this data folder is no demo; it is not touched.")
    click.echo(f"Checking the demo that runs at {found.base_url}.")
    with _opened(settings, found, was_running=True) as there:
        yield there


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="luukku-check-") as name:
        yield Path(name)


@contextmanager
def _opened(settings: Settings, found: Running, *, was_running: bool) -> Iterator[Target]:
    port = int(found.base_url.rpartition(":")[2])
    system = create_system(with_secrets(replace(settings, demo=True, port=port)))
    try:
        yield Target(system, found.base_url, was_running, found.undo_seconds)
    finally:
        system.db.dispose()


@contextmanager
def _started(settings: Settings, without: Sequence[str]) -> Iterator[Target]:
    """A demo of our own, stopped at the end with everything it has started."""
    begun = time.monotonic()
    process = _start(settings, without)
    try:
        found = _wait_for(process, settings)
        click.echo(f"Started a demo for this check at {found.base_url} in {time.monotonic() - begun:.1f} s.")
        with _opened(settings, found, was_running=False) as own:
            yield own
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _start(settings: Settings, without: Sequence[str]) -> subprocess.Popen[bytes]:
    names = ("data_dir", "port", "database_url", "broker_url", "base_url", "undo_seconds")
    environment = environment_with(**{name: getattr(settings, name) for name in names})
    parts = [argument for part in without for argument in ("--without", part)]
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "up", "--demo", "--no-history", *parts],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=os.setpgrp,
    )


def _wait_for(process: subprocess.Popen[bytes], settings: Settings) -> Running:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if reach.answers(settings) and (found := running(settings.data_dir)):
            return found
        time.sleep(0.1)
    raise LuukkuError("The demo for this check did not start; what it said is above.")


def _settings_below(settings: Settings, folder: Path) -> Settings:
    """The same settings with everything in a folder of its own and a short time to undo."""
    changed = {"data_dir": folder / "var", "port": reach.free_port(), "undo_seconds": UNDO_SECONDS}
    return complete(replace(settings, database_url="", broker_url="", base_url="", **changed))  # type: ignore[arg-type]

"""One system a data folder: a lock that ends with the process which holds it, and says where that one answers."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.core.config import Settings
from app.core.errors import LuukkuError

NAME = "luukku.lock"


@dataclass(frozen=True)
class Running:
    """The system that holds a data folder. `undo_seconds` is how long its answers can be taken back."""

    pid: int
    base_url: str
    is_demo: bool
    undo_seconds: int


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder for the block. Raises LuukkuError when another system runs on it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / NAME).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LuukkuError(_refusal(settings.data_dir)) from error
        lock.truncate(0)
        own = Running(os.getpid(), settings.base_url, settings.demo, settings.undo_seconds)
        lock.write(json.dumps(asdict(own)))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def running(data_dir: Path) -> Running | None:
    """The system that runs on this data folder, or None."""
    try:
        with (data_dir / NAME).open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return _read(lock.read())
    except FileNotFoundError:
        pass
    return None


def _refusal(data_dir: Path) -> str:
    other = running(data_dir)
    where = f" It answers at {other.base_url} (process {other.pid})." if other else ""
    return (
        f"Luukku runs on the data folder {data_dir} already.{where}"
        " Stop it first, or give this one another folder with LUUKKU_DATA_DIR."
    )


def _read(text: str) -> Running | None:
    try:
        return Running(**json.loads(text))
    except (ValueError, TypeError):
        return None

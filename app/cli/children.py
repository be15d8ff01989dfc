"""One long-running program of ours: started in a process group of its own, stopped with everything it has started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LARGEST_LOG = 10 * 1024 * 1024
STEADY = 60.0
"""seconds a program must have run for its earlier failures to be forgotten"""
LONGEST_PAUSE = 30.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Child:
    """A program to keep running. `environment` is whole, `log` takes all that it prints."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    held: bool = False
    """whether it is kept from being started, as a demo that is broken on purpose wants it"""
    start_after: float = field(default=0.0)
    """monotonic seconds before which it is not started again"""

    def start(self) -> None:
        """Start it; what it prints is added to its log."""
        _rotate(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.arguments),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.started_at = time.monotonic()

    def has_died(self) -> bool:
        """Whether it ran and is gone; what it had started itself is ended with it."""
        if self.process is None or self.process.poll() is None:
            return False
        self._signal(signal.SIGKILL)
        return True

    def plan_restart(self) -> float:
        """The pause in seconds before the next start: longer with each failure in a row."""
        lived = time.monotonic() - self.started_at
        self.failures = 1 if lived >= STEADY else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self.process, self.start_after = None, time.monotonic() + pause
        return pause

    def is_due(self) -> bool:
        """Whether it stands still and its pause is over."""
        return self.process is None and not self.held and time.monotonic() >= self.start_after

    def ask_to_stop(self) -> None:
        """Ask it to end what it is doing."""
        self._signal(signal.SIGTERM)

    def is_gone(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """End it and everything it has started, at once."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def _die_with_parent() -> None:
    """In the child, before it becomes the program: Linux ends it when the supervisor is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))

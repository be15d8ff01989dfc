"""Coalesces nudges: however many come, a process drains a queue once at a time and once more if told meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Drain:
    """Runs `work` for any number of nudges, never twice at the same time in this process."""

    def __init__(self, work: Callable[[], int]) -> None:
        self._work = work
        self._busy = threading.Lock()
        self._is_wanted = False

    def is_idle(self, within: float) -> bool:
        """Whether nothing is being done, now or within so many seconds."""
        if not self._busy.acquire(timeout=within):
            return False
        self._busy.release()
        return True

    def run(self) -> int:
        """Drain the queue, or tell the one who is at it to look again; how much was done."""
        self._is_wanted = True
        done = 0
        while self._is_wanted and self._busy.acquire(blocking=False):
            try:
                self._is_wanted = False
                done += self._work()
            finally:
                self._busy.release()
        return done

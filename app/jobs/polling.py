"""Reads each source in a thread of its own: a letter that is slow to draw holds up no mail."""

from __future__ import annotations

import threading
from functools import partial

from app.core.system import System
from app.flows import poll
from app.jobs.drain import Drain


class Polling:
    """Starts the reading of sources; nudges for one that is being read coalesce."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._drains: dict[int, Drain] = {}
        self._lock = threading.Lock()

    def start(self, source_id: int | None = None) -> int:
        """Have one source or every one read, without waiting for it; how many. A stop loses nothing."""
        found = [source_id] if source_id is not None else poll.to_read(self._system)
        for source_id in found:
            threading.Thread(target=self._drain(source_id).run, name=f"poll-{source_id}", daemon=True).start()
        return len(found)

    def _drain(self, source_id: int) -> Drain:
        with self._lock:
            return self._drains.setdefault(source_id, Drain(partial(poll.poll, self._system, source_id)))

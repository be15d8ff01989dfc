"""Watches the sources, a thread each, and nudges the workers when something may have come; it files nothing."""

from __future__ import annotations

import threading

from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.flows import poll
from app.flows.sources import open_source, to_watch
from app.sources.service import SourceFacts

log = get_logger(__name__)
LOOK = 30.0
"""seconds a wait may last, so that a stop and a changed setting are heard soon"""
LONGEST_PAUSE = 60.0


class Listener:
    """A thread a source; `stop` ends them all."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._stop = threading.Event()
        self._threads: dict[int, threading.Thread] = {}

    def run(self) -> None:
        """Watch until stopped; sources added later are seen within half a minute."""
        while not self._stop.is_set():
            try:
                self._watch_all()
            except Exception as error:  # noqa: BLE001 - the database is away: what is watched already, is so still
                log.warning("sources_unknown", error=type(error).__name__)
            self._stop.wait(LOOK)
        for thread in self._threads.values():
            thread.join(timeout=0.1)  # a waiting one holds nothing that would have to be put away

    def stop(self) -> None:
        """End the watching soon."""
        self._stop.set()

    def _watch_all(self) -> None:
        for source_id in poll.to_read(self._system):
            thread = self._threads.get(source_id)
            if thread is None or not thread.is_alive():
                self._threads[source_id] = threading.Thread(target=self._watch, args=(source_id,), daemon=True)
                self._threads[source_id].start()

    def _watch(self, source_id: int) -> None:
        """Watch one source until it is switched off; a failing one is tried again with growing pauses."""
        pause = 1.0
        while not self._stop.is_set():
            try:
                facts = to_watch(self._system, source_id)
                if facts is None:
                    return
                self._watch_while_unchanged(facts)
                pause = 1.0
            except Exception as error:  # noqa: BLE001 - the source or the database failed: nothing else suffers for it
                log.warning("listening_failed", source_id=source_id, error=type(error).__name__)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _watch_while_unchanged(self, facts: SourceFacts) -> None:
        """Nudge at each sign of something new, and once at the beginning: nobody watched until now."""
        source = open_source(facts)
        try:
            self._nudge(facts)
            while not self._stop.is_set() and to_watch(self._system, facts.id) == facts:
                if source.wait(LOOK):
                    self._nudge(facts)
                    self._stop.wait(0.2)
        finally:
            source.close()

    def _nudge(self, facts: SourceFacts) -> None:
        self._system.nudge(Queue.SOURCES, at=facts.id)

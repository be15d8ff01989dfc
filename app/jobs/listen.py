"""Watches the sources, a thread each, and nudges the workers when something may have come; it files nothing."""

from __future__ import annotations

import threading

from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.flows.sources import open_source
from app.sources import service as sources
from app.sources.service import SourceFacts
from channels.contract import ChannelError

log = get_logger(__name__)
LOOK = 30.0
"""seconds a wait may last, so that a stop is heard soon"""
LONGEST_PAUSE = 60.0


class Listener:
    """A thread a source; `stop` ends them all."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._stop = threading.Event()

    def run(self) -> None:
        """Watch until stopped; sources added later are seen within a minute."""
        threads: dict[int, threading.Thread] = {}
        while not self._stop.is_set():
            for facts in self._enabled():
                thread = threads.get(facts.id)
                if thread is None or not thread.is_alive():
                    threads[facts.id] = threading.Thread(target=self._watch, args=(facts,), daemon=True)
                    threads[facts.id].start()
            self._stop.wait(LOOK)
        for thread in threads.values():
            thread.join(timeout=0.1)  # a waiting one holds nothing that would have to be put away

    def stop(self) -> None:
        """End the watching soon."""
        self._stop.set()

    def _enabled(self) -> list[SourceFacts]:
        with self._system.db.read() as session:
            return sources.enabled(session, self._system.settings.secret_key)

    def _watch(self, facts: SourceFacts) -> None:
        """Watch one source; a failing one is tried again with growing pauses."""
        pause = 1.0
        while not self._stop.is_set():
            try:
                self._watch_once(facts)
                pause = 1.0
            except ChannelError as error:
                log.warning("listening_failed", source=facts.name, permanent=error.permanent)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _watch_once(self, facts: SourceFacts) -> None:
        source = open_source(facts)
        try:
            self._system.nudge(Queue.SOURCES)
            while not self._stop.is_set():
                if source.wait(LOOK):
                    self._system.nudge(Queue.SOURCES)
                    self._stop.wait(0.2)
        finally:
            source.close()

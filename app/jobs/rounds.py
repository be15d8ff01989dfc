"""What a worker looks at by itself, again and again: work goes on without a broker, and lost nudges cost seconds.

Every worker goes its rounds: all of it is rows that are claimed, so that several find nothing to do twice. The pauses
are measured by a clock that nobody sets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.flows import deliver, knock
from app.flows.end_pauses import end_pauses
from app.flows.live import forget_old
from app.jobs.drains import Drains

log = get_logger(__name__)
ARTICLES_EVERY = 30.0
VERIFY_EVERY = 600.0
"""it is done once a night; a night that was slept through is made up for"""
PURGE_EVERY = 60.0
LEAVES_WITHIN = 25.0
"""seconds; service managers wait about thirty"""


@dataclass(frozen=True)
class Round:
    """Something to look at every so many seconds."""

    name: str
    every: float
    look: Callable[[], int]


class Rounds:
    """A thread a round; each goes on whatever happens to the others."""

    def __init__(self, system: System, drains: Drains) -> None:
        settings = system.settings
        self._drains = drains
        self.rounds = (
            Round("abandoned", settings.sweep_seconds, lambda: deliver.release_abandoned(system)),
            Round("outbox", settings.sweep_seconds, lambda: drains.run(Queue.OUTBOX)),
            Round("suggest", settings.sweep_seconds, lambda: drains.run(Queue.SUGGEST)),
            Round("bulk", settings.sweep_seconds, lambda: drains.run(Queue.BULK)),
            Round("rollout", settings.sweep_seconds, lambda: drains.run(Queue.ROLLOUT)),
            Round("pauses", settings.sweep_seconds, lambda: end_pauses(system)),
            Round("sources", settings.poll_seconds, lambda: drains.run(Queue.SOURCES)),
            Round("articles", ARTICLES_EVERY, lambda: drains.run(Queue.ARTICLES)),
            Round("verify", VERIFY_EVERY, lambda: drains.run(Queue.VERIFY)),
            Round("purge", PURGE_EVERY, lambda: purge(system)),
            Round("forget", PURGE_EVERY, lambda: forget_old(system)),
            Round("doors", PURGE_EVERY, lambda: knock.forget_old(system)),
        )
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin every round at once: a worker that was killed may have left something."""
        for each in self.rounds:
            threading.Thread(target=self._go, args=(each,), daemon=True, name=f"round-{each.name}").start()

    def stop(self) -> None:
        """Begin nothing more; safe in a signal handler."""
        self._stop.set()
        self._drains.stop()

    def end(self) -> None:
        """Stop, and let the mail that is leaving leave."""
        self.stop()
        if not self._drains.has_ended(LEAVES_WITHIN):
            log.warning("stopped_while_sending")

    def _go(self, each: Round) -> None:
        while not self._stop.is_set():
            try:
                each.look()
            except Exception as error:  # noqa: BLE001 - the database is away, say: the next round finds it back
                log.warning("round_failed", round=each.name, error=type(error).__name__)
            self._stop.wait(each.every)


def purge(system: System) -> int:
    """Remove the nudges that the file-system broker has handed out; how many."""
    done = list((system.settings.data_dir / "broker" / "processed").glob("*.msg"))
    for file in done:
        file.unlink(missing_ok=True)
    return len(done)

"""The work of each queue in this process: whoever asks for it, a nudge or the rounds, it is done once at a time."""

from __future__ import annotations

from collections.abc import Callable

from app.core.nudge import Queue
from app.core.system import System
from app.flows import articles, deliver, suggest, verify
from app.jobs.drain import Drain
from app.jobs.polling import Polling


class Drains:
    """Runs the work of a queue; finds it in rows and is safe to run twice."""

    def __init__(self, system: System) -> None:
        shelf = suggest.Shelf()
        work: dict[Queue, Callable[[], int]] = {
            Queue.OUTBOX: lambda: deliver.deliver(system),
            Queue.SUGGEST: lambda: suggest.suggest_waiting(system, shelf),
            Queue.ARTICLES: lambda: articles.refresh_search(system),
            Queue.VERIFY: lambda: verify.verify_nightly(system),
        }
        self._runs: dict[Queue, Callable[..., int]] = {queue: Drain(drain).run for queue, drain in work.items()}
        self._runs[Queue.SOURCES] = Polling(system).start

    def run(self, queue: Queue, *ids: int) -> int:
        """Do what the queue has, or what one row of it has that a nudge named; how much was done."""
        return self._runs[queue](*ids)

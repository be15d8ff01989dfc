"""The work of each queue in this process: whoever asks for it, a nudge or the rounds, it is done once at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.core.nudge import Queue
from app.core.system import System
from app.flows import access_links, articles, bulk, deliver, roll_out, suggest, verify
from app.jobs.drain import Drain
from app.jobs.polling import Polling


class Drains:
    """Runs the work of a queue; finds it in rows and is safe to run twice."""

    def __init__(self, system: System) -> None:
        shelf = suggest.Shelf()
        self._is_over = threading.Event()
        work: dict[Queue, Callable[[], int]] = {
            Queue.OUTBOX: lambda: self._post(system),
            Queue.SUGGEST: lambda: suggest.suggest_waiting(system, shelf),
            Queue.ARTICLES: lambda: articles.refresh_search(system),
            Queue.BULK: lambda: bulk.run(system),
            Queue.ROLLOUT: lambda: roll_out.run(system),
            Queue.VERIFY: lambda: verify.verify_nightly(system),
        }
        drains = {queue: Drain(drain) for queue, drain in work.items()}
        self._outbox = drains[Queue.OUTBOX]
        self._runs: dict[Queue, Callable[..., int]] = {queue: drain.run for queue, drain in drains.items()}
        self._runs[Queue.SOURCES] = Polling(system).start

    def _post(self, system: System) -> int:
        """The citizens' mails first, then what members of staff get."""
        is_over = self._is_over.is_set
        return deliver.deliver(system, is_over=is_over) + access_links.send_mails(system, is_over=is_over)

    def run(self, queue: Queue, *ids: int) -> int:
        """Do what the queue has, or what one row of it has that a nudge named; how much was done."""
        return self._runs[queue](*ids)

    def stop(self) -> None:
        """No further mail leaves by this process."""
        self._is_over.set()

    def has_ended(self, within: float) -> bool:
        """Whether the mail that was leaving has left, within so many seconds: what is cut off is in doubt for ever.

        Everything else may be cut off anywhere.
        """
        return self._outbox.is_idle(within)

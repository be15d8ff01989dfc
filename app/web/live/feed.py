"""One thread a web process that watches the table of changes, and wakes the streams of the browsers.

What a stream is given are numbers and kinds, never content: the page fetches what changed by the usual way, so that
rights are asked for in one place.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.core import changes, clock
from app.core.changes import OVERLAP, Change
from app.core.log import get_logger
from app.core.system import System

log = get_logger(__name__)
EVERY = 0.5
"""seconds between two looks; the price of a look is one query by the primary key"""
REMEMBERED = 5000


@dataclass
class _Memory:
    """What was seen lately: each change with the number of the look that saw it, oldest first."""

    seen: deque[tuple[int, Change]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    ids: set[int] = field(default_factory=set)
    low: int = 0
    """every change up to here has been seen"""
    look: int = 0
    news: int = 0
    """the last look that saw anything"""

    def add(self, found: list[Change], *, now: datetime) -> bool:
        """Take in what a look found; whether any of it is new."""
        new = [change for change in found if change.id not in self.ids]
        self.look += 1
        self.news = self.look if new else self.news
        self.seen.extend((self.look, change) for change in new)
        self.ids |= {change.id for change in new}
        settled = [change.id for change in found if change.at < now - OVERLAP]
        if settled:
            self.low = max(settled)
            self.ids = {number for number in self.ids if number > self.low}
        return bool(new)

    def since(self, number: int) -> list[Change] | None:
        """What came with the change `number` or after it; None when that is not remembered."""
        look = next((look for look, change in self.seen if change.id == number), None)
        if look is None:
            newest = max((change.id for _, change in self.seen), default=self.low)
            return [] if number >= newest else None
        return [change for seen_in, change in self.seen if seen_in >= look and change.id != number]


class Feed:
    """Hands the changes of all processes to the streams of this one."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._news = threading.Condition()
        self._memory = _Memory()
        self._thread: threading.Thread | None = None
        self.is_closed = False

    def close(self) -> None:
        """End every stream, so that the process can stop; safe in a signal handler."""
        self.is_closed = True

    def start(self) -> None:
        """Begin to watch, once; in a thread that ends with the process."""
        with self._news:
            if self._thread is None and not self.is_closed:
                self._first_look()
                self._thread = threading.Thread(target=self._watch, daemon=True, name="live-feed")
                self._thread.start()

    def wake(self) -> None:
        """Let every stream look whether it is over."""
        with self._news:
            self._news.notify_all()

    def follow(
        self, since: int, *, patience: Callable[[], float], is_over: Callable[[], bool] = lambda: False
    ) -> Iterator[list[Change] | None]:
        """The changes after `since`, as they come: a list, empty when `patience()` seconds brought none.

        None = it is not known what came since: read everything again. Ends when the feed is closed or `is_over()`.
        """
        with self._news:
            missed, at = self._memory.since(since), self._memory.look
        if missed is None or missed:
            yield missed
        while not (self.is_closed or is_over()):
            new, at = self._wait(at, patience(), is_over)
            yield new

    def _wait(self, at: int, patience: float, is_over: Callable[[], bool]) -> tuple[list[Change], int]:
        """What came after the look `at`, and the look that it is now."""
        with self._news:
            self._news.wait_for(lambda: self.is_closed or is_over() or self._memory.news > at, timeout=patience)
            return [change for look, change in self._memory.seen if look > at], self._memory.look

    def _first_look(self) -> None:
        with self._system.db.read() as session:
            self._memory.low = max(0, changes.newest(session) - REMEMBERED // 10)
            self._memory.add(changes.after(session, self._memory.low), now=clock.now())

    def _watch(self) -> None:
        pause = threading.Event()
        while not self.is_closed:
            pause.wait(EVERY)
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the database is away: the next look finds it back
                log.debug("feed_failed", error=type(error).__name__)
        with self._news:
            self._news.notify_all()

    def _look(self) -> None:
        with self._system.db.read() as session:
            found = changes.after(session, self._memory.low)
        with self._news:
            if self._memory.add(found, now=clock.now()):
                self._news.notify_all()

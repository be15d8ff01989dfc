"""The port by which a flow says "there is work": a nudge may get lost, since the work itself is a row.

`cli` and `wsgi` plug in a publisher that tells the workers; tests and one-off commands use `NoNudge` or `SeenNudges`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Queue(StrEnum):
    """What can be nudged; one task each in `jobs/tasks.py`."""

    OUTBOX = "outbox"
    SUGGEST = "suggest"
    SOURCES = "sources"
    ARTICLES = "articles"
    VERIFY = "verify"
    BULK = "bulk"
    ROLLOUT = "rollout"


class Nudge(Protocol):
    """Says that a queue has work, `at` one source where only that has. Never raises: the sweep finds what is left."""

    def __call__(self, queue: Queue, *, at: int | None = None) -> None: ...


class NoNudge:
    """Tells nobody."""

    def __call__(self, queue: Queue, *, at: int | None = None) -> None:
        """Do nothing."""


class SeenNudges:
    """Remembers what was nudged, for tests and for running the work in the same process."""

    def __init__(self) -> None:
        self.seen: list[Queue] = []

    def __call__(self, queue: Queue, *, at: int | None = None) -> None:
        self.seen.append(queue)

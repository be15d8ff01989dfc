"""The one table of periodic work. Times in seconds."""

from __future__ import annotations

from typing import Any

from app.core.nudge import Queue

SWEEP_EVERY = 5.0
POLL_EVERY = 60.0
ARTICLES_EVERY = 30.0
PURGE_EVERY = 60.0
VERIFY_EVERY = 600.0
"""it is done once a night; a night that was slept through is made up for"""


def schedule() -> dict[str, dict[str, Any]]:
    """What beat sends and how often; a run that comes late is dropped rather than piled up."""
    return {
        "sweep": _every(SWEEP_EVERY, "luukku.sweep", Queue.OUTBOX),
        "poll": _every(POLL_EVERY, f"luukku.{Queue.SOURCES}", Queue.SOURCES),
        "purge": _every(PURGE_EVERY, "luukku.purge", Queue.ARTICLES),
        "verify": _every(VERIFY_EVERY, f"luukku.{Queue.VERIFY}", Queue.VERIFY),
        "articles": _every(ARTICLES_EVERY, f"luukku.{Queue.ARTICLES}", Queue.ARTICLES),
    }


def _every(seconds: float, task: str, queue: Queue) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"queue": queue.value, "expires": seconds}}

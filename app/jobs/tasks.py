"""The tasks: each says "drain this queue", is safe to run twice, and finds its work in rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from celery import Celery

from app.core.nudge import Queue
from app.jobs.celery_app import name_of
from app.jobs.drains import Drains


def register(worker: Celery, drains: Drains) -> None:
    """Give the worker its tasks, one a queue."""
    for queue in Queue:
        _add_task(worker, name_of(queue), partial(drains.run, queue))


def _add_task(worker: Celery, name: str, work: Callable[..., int]) -> None:
    """Let the worker do `work` under this name; Celery wants a plain function. A nudge may name one row by its id."""

    def run(*ids: int) -> int:
        return work(*ids)

    worker.task(name=name)(run)

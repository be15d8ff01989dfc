"""The tasks: each says "drain this queue" to one flow, is safe to run twice, and finds its work in rows."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from app.core.nudge import Queue
from app.core.system import System
from app.flows import articles, deliver, suggest, tick, verify
from app.jobs.celery_app import name_of
from app.jobs.drain import Drain
from app.jobs.polling import Polling


def register(worker: Celery, system: System) -> None:
    """Give the worker its tasks, one a queue, and the sweep."""
    shelf, polling = suggest.Shelf(), Polling(system)
    work: dict[Queue, Callable[[], int]] = {
        Queue.OUTBOX: lambda: deliver.deliver(system),
        Queue.SUGGEST: lambda: suggest.suggest_waiting(system, shelf),
        Queue.ARTICLES: lambda: articles.refresh_search(system),
        Queue.VERIFY: lambda: verify.verify_nightly(system),
    }
    for queue, drain in work.items():
        add_task(worker, name_of(queue), Drain(drain).run)
    add_task(worker, name_of(Queue.SOURCES), polling.start)
    add_task(worker, "luukku.sweep", lambda: tick.sweep(system))


def add_task(worker: Celery, name: str, work: Callable[..., int]) -> None:
    """Let the worker do `work` under this name; Celery wants a plain function. A nudge may name one row by its id."""

    def run(*ids: int) -> int:
        return work(*ids)

    worker.task(name=name)(run)

"""The worker: the Celery application with its tasks, and the rounds that need no broker."""

from __future__ import annotations

from celery import Celery
from celery.signals import worker_shutting_down

from app.core.config import Settings
from app.core.system import System
from app.jobs import tasks
from app.jobs.celery_app import celery_app
from app.jobs.drains import Drains
from app.jobs.rounds import Rounds


def create_worker(settings: Settings, system: System) -> tuple[Celery, Rounds]:
    """The application of these settings that can run the tasks on this system, and its rounds, not yet begun.

    Whoever asks the worker to end stops the rounds as well.
    """
    worker, drains = celery_app(settings), Drains(system)
    tasks.register(worker, drains)
    rounds = Rounds(system, drains)
    worker_shutting_down.connect(lambda **_: rounds.stop(), weak=False)
    return worker, rounds

"""The worker: the Celery application with its tasks, which work on a system."""

from __future__ import annotations

from celery import Celery

from app.core.config import Settings
from app.core.system import System
from app.jobs import tasks
from app.jobs.celery_app import celery_app


def create_worker(settings: Settings, system: System) -> Celery:
    """The application of these settings that can run the tasks on this system."""
    worker = celery_app(settings)
    tasks.register(worker, system)
    tasks.add_task(worker, "luukku.purge", lambda: purge(settings))
    return worker


def purge(settings: Settings) -> int:
    """Remove the nudges that the file-system broker has handed out; how many."""
    done = list((settings.data_dir / "broker" / "processed").glob("*.msg"))
    for file in done:
        file.unlink(missing_ok=True)
    return len(done)

"""Nudges the workers; it knows no task, so that a process which only nudges starts fast."""

from __future__ import annotations

from app.core.config import Settings
from app.core.log import get_logger
from app.core.nudge import Queue
from app.jobs.celery_app import celery_app, name_of

log = get_logger(__name__)


class Publisher:
    """Nudges the workers through the broker; a broker that is away costs time, never work."""

    def __init__(self, settings: Settings) -> None:
        self._celery = celery_app(settings)

    def __call__(self, queue: Queue, *, at: int | None = None) -> None:
        arguments = [] if at is None else [at]
        try:
            self._celery.send_task(name_of(queue), arguments, queue=queue.value, ignore_result=True, retry=False)
        except Exception as error:  # noqa: BLE001 - the sweep finds what this nudge would have told
            log.warning("nudge_lost", queue=queue.value, error=type(error).__name__)

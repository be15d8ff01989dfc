"""Makes the Celery application from the settings; its messages are only nudges, the work itself is rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery

from app.core.config import Settings
from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.jobs import tasks
from app.jobs.schedule import schedule

log = get_logger(__name__)


def create_worker(settings: Settings, system: System | None = None) -> Celery:
    """The Celery application of these settings; with a system it can run the tasks, without one it only publishes."""
    worker = Celery("luukku", broker=settings.broker_url, set_as_current=False)
    worker.conf.update(_configuration(settings))
    if system is not None:
        tasks.register(worker, system)
        tasks.add_task(worker, "luukku.purge", lambda: purge(settings))
    return worker


def purge(settings: Settings) -> int:
    """Remove the nudges that the file-system broker has handed out; how many."""
    done = list((settings.data_dir / "broker" / "processed").glob("*.msg"))
    for file in done:
        file.unlink(missing_ok=True)
    return len(done)


class Publisher:
    """Nudges the workers through the broker; a broker that is away costs time, never work."""

    def __init__(self, settings: Settings) -> None:
        self._celery = create_worker(settings)

    def __call__(self, queue: Queue) -> None:
        try:
            self._celery.send_task(tasks.name_of(queue), queue=queue.value, ignore_result=True, retry=False)
        except Exception as error:  # noqa: BLE001 - the sweep finds what this nudge would have told
            log.warning("nudge_lost", queue=queue.value, error=type(error).__name__)


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": True,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "broker_connection_retry_on_startup": True,
        "task_create_missing_queues": True,
        "beat_schedule": schedule(),
        "beat_schedule_filename": str(settings.data_dir / "beat"),
        "timezone": "UTC",
        "broker_transport_options": _transport(settings),
    }


def _transport(settings: Settings) -> dict[str, Any]:
    """The file-system broker keeps all its folders under the data folder and looks ten times a second."""
    if not settings.broker_url.startswith("filesystem"):
        return {}
    folder = Path(settings.data_dir) / "broker"
    for name in ("messages", "control", "processed"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
        "store_processed": True,  # else messages pass through the system's temporary folder
        "polling_interval": 0.1,
    }

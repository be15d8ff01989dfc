"""Makes the Celery application from the settings; its messages are only nudges, the work itself is rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery

from app.core.config import Settings
from app.core.nudge import Queue
from app.jobs import folder_broker


def celery_app(settings: Settings) -> Celery:
    """The application of these settings, without tasks: enough to publish."""
    folder_broker.install()
    made = Celery("luukku", broker=settings.broker_url, set_as_current=False)
    made.conf.update(_configuration(settings))
    return made


def name_of(queue: Queue) -> str:
    """The task that drains a queue."""
    return f"luukku.{queue.value}"


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

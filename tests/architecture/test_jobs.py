from __future__ import annotations

from pathlib import Path

from app.core.config import Settings, complete
from app.core.db import Database
from app.core.nudge import Queue
from app.core.system import System
from app.jobs.celery_app import name_of
from app.jobs.schedule import schedule
from app.jobs.worker import create_worker


def test_every_queue_has_a_task_and_all_periodic_work_is_known(tmp_path: Path) -> None:
    settings = complete(Settings(data_dir=tmp_path, secret_key="only for this test"))
    database = Database(settings.database_url)
    worker = create_worker(settings, System(settings, database))
    database.dispose()
    known = set(worker.tasks)
    assert {name_of(queue) for queue in Queue} <= known
    assert {entry["task"] for entry in schedule().values()} <= known


def test_periodic_work_goes_to_queues_that_workers_listen_to() -> None:
    assert {entry["options"]["queue"] for entry in schedule().values()} <= set(Queue)


def test_what_a_broker_loses_is_looked_for_within_ten_seconds() -> None:
    assert schedule()["sweep"]["schedule"] <= 10

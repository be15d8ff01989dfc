from __future__ import annotations

import queue
import threading
from pathlib import Path

import pytest

from app.core.config import Settings, complete
from app.core.db import Database
from app.core.nudge import Queue
from app.core.system import System
from app.flows import poll
from app.jobs.celery_app import name_of
from app.jobs.polling import Polling
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


def test_a_source_that_is_slow_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = complete(Settings(data_dir=tmp_path, secret_key="only for this test"))
    slow, goes_on, came = 1, threading.Event(), queue.Queue[int]()

    def read(_system: System, source_id: int) -> int:
        if source_id == slow:
            goes_on.wait(30)
        came.put(source_id)
        return 0

    monkeypatch.setattr(poll, "to_read", lambda _system: [1, 2])
    monkeypatch.setattr(poll, "poll", read)
    database = Database(settings.database_url)
    polling = Polling(System(settings, database))
    assert polling.start() == 2
    assert came.get(timeout=10) == 2
    polling.start()  # the slow one is told to look again, the other one looks
    assert came.get(timeout=10) == 2
    goes_on.set()
    assert [came.get(timeout=10), came.get(timeout=10)] == [1, 1]
    database.dispose()


def test_periodic_work_goes_to_queues_that_workers_listen_to() -> None:
    assert {entry["options"]["queue"] for entry in schedule().values()} <= set(Queue)


def test_what_a_broker_loses_is_looked_for_within_ten_seconds() -> None:
    assert schedule()["sweep"]["schedule"] <= 10

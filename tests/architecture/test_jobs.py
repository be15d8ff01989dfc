from __future__ import annotations

import queue
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.config import Settings, complete
from app.core.db import Database
from app.core.nudge import Queue
from app.core.system import System
from app.flows import poll
from app.jobs.celery_app import name_of
from app.jobs.drains import Drains
from app.jobs.polling import Polling
from app.jobs.rounds import Round, Rounds
from app.jobs.worker import create_worker


def test_every_queue_has_a_task_and_a_round_of_every_worker(tmp_path: Path) -> None:
    settings = complete(Settings(data_dir=tmp_path, secret_key="only for this test"))
    database = Database(settings.database_url)
    worker, rounds = create_worker(settings, System(settings, database))
    database.dispose()
    assert {name_of(queue) for queue in Queue} <= set(worker.tasks)
    assert {queue.value for queue in Queue} <= {each.name for each in rounds.rounds}


def test_what_a_broker_loses_is_looked_for_within_ten_seconds(tmp_path: Path) -> None:
    settings = complete(Settings(data_dir=tmp_path, secret_key="only for this test"))
    database = Database(settings.database_url)
    _, rounds = create_worker(settings, System(settings, database))
    database.dispose()
    hand_offs = {each.name: each.every for each in rounds.rounds if each.name in {"abandoned", "outbox", "suggest"}}
    assert max(hand_offs.values()) <= 10
    assert len(hand_offs) == 3


def test_a_round_that_fails_goes_on(tmp_path: Path) -> None:
    settings = replace(complete(Settings(data_dir=tmp_path, secret_key="only for this test")), sweep_seconds=0)
    looks = queue.Queue[int]()

    def look() -> int:
        looks.put(1)
        raise OSError("the database is away")

    database = Database(settings.database_url)
    rounds = Rounds(System(settings, database), Drains(System(settings, database)))
    rounds.rounds = (Round("outbox", 0.01, look),)
    rounds.start()
    assert [looks.get(timeout=10) for _ in range(3)] == [1, 1, 1]
    rounds.stop()
    database.dispose()


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

from __future__ import annotations

import json
import threading
from pathlib import Path

from kombu import Connection, Queue

from app.core.config import Settings, complete
from app.jobs.celery_app import celery_app


def connection(folder: Path) -> Connection:
    settings = complete(Settings(data_dir=folder, secret_key="only for this test"))
    app = celery_app(settings)
    return app.connection_for_write()


def test_the_embedded_broker_is_our_own(tmp_path: Path) -> None:
    with connection(tmp_path) as opened:
        assert type(opened.transport).__module__ == "app.jobs.folder_broker"


def test_a_message_never_lies_half_written_where_a_worker_looks(tmp_path: Path) -> None:
    broken: list[str] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            for file in (tmp_path / "broker" / "messages").glob("*.msg"):
                try:
                    json.loads(file.read_text())
                except ValueError:
                    broken.append(file.name)

    watcher = threading.Thread(target=look)
    with connection(tmp_path) as opened:
        producer = opened.Producer()
        queue = Queue("outbox", routing_key="outbox")
        watcher.start()
        for number in range(300):
            producer.publish({"number": number}, routing_key="outbox", declare=[queue], serializer="json")
        is_over.set()
        watcher.join()
        waiting = opened.channel()._size("outbox")
    assert broken == []
    assert waiting == 300

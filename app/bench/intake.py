"""What a mail costs on its whole way from raw bytes to a ticket with clock, search words and receipt."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.bench.table import lines
from app.core import clock
from app.core.config import Settings, complete
from app.core.log import configure_logging
from app.core.system import System, create_system
from app.flows.found import found
from app.flows.receive import receive
from channels.contract import ChannelName, RawItem
from knowledge_base.catalogue import read_questions
from migrations.run import upgrade

RUNS = ((1, 1), (1, 20), (2, 20))
"""workers, and mails that each commits together"""
HEADINGS = ("database", "workers", "mails a commit", "mails", "CPU ms a mail", "commits a mail", "mails/s")


@dataclass(frozen=True)
class Done:
    """What one worker did: seconds of CPU, commits, and when it began and ended by the machine's monotonic clock."""

    cpu: float
    commits: int
    begun: float
    ended: float


def measure(mails: int, database: str) -> Iterator[str]:
    """The table: each run on SQLite and, where `database` names an empty one, on PostgreSQL; then the disk's syncs.

    CPU is that of our own processes; PostgreSQL's is not in it. All mails are different and from different people.
    """
    rows = []
    with tempfile.TemporaryDirectory(prefix="luukku-bench-") as folder:
        for url in ("", database) if database else ("",):
            settings = _prepared(Path(folder) / ("sqlite" if not url else "postgresql"), url)
            rows += [_run(settings, mails, workers, batch) for workers, batch in RUNS]
        yield from lines(HEADINGS, rows)
        yield f"the disk made {_syncs(Path(folder))} appends of 8 KiB durable in a second, in this minute"


def _prepared(folder: Path, database: str) -> Settings:
    settings = complete(Settings(data_dir=folder, database_url=database, secret_key="only for this measurement"))  # noqa: S106
    folder.mkdir(parents=True)
    upgrade(settings.database_url)
    system = _system(settings)
    found(system, json.loads(Path("demo/authority.json").read_text()), password="only for this measurement")  # noqa: S106
    system.db.dispose()
    return settings


def _system(settings: Settings) -> System:
    configure_logging(replace(settings, log_level="error"), "bench")
    return create_system(settings)


def _run(settings: Settings, mails: int, workers: int, batch: int) -> tuple[str, ...]:
    """Both workers are processes that begin together, as in real work; each files its own share."""
    share = mails // workers
    spawned = multiprocessing.get_context("spawn")
    together, results = spawned.Barrier(workers), spawned.Queue()
    names = [f"{workers}-{batch}-{number}" for number in range(workers)]
    arguments = [(settings, name, share, batch, together, results) for name in names]
    processes = [spawned.Process(target=_work, args=given) for given in arguments]
    for process in processes:
        process.start()
    done = [results.get(timeout=600) for _ in processes]
    for process in processes:
        process.join()
    wall = max(one.ended for one in done) - min(one.begun for one in done)
    count = share * workers
    cpu, commits = sum(one.cpu for one in done) / count * 1e3, sum(one.commits for one in done) / count
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    return (kind, str(workers), str(batch), str(count), f"{cpu:.2f}", f"{commits:.2f}", f"{count / wall:.0f}")


def _work(settings: Settings, name: str, mails: int, batch: int, together: Any, results: Any) -> None:
    system = _system(settings)
    receive(system, _mails(3, f"warm-{name}"))
    items = _mails(mails, name)
    commits: list[object] = []
    counted = commits.append
    event.listen(system.db.engine, "commit", counted)
    together.wait()
    begun, cpu = time.monotonic(), time.process_time()
    for first in range(0, mails, batch):
        receive(system, items[first : first + batch])
    results.put(Done(time.process_time() - cpu, len(commits), begun, time.monotonic()))


def _mails(count: int, name: str) -> list[RawItem]:
    chance = random.Random(name)  # noqa: S311 - samples, not secrets
    texts = [q.text for file in sorted(Path("demo/questions").glob("*.json")) for q in read_questions(file)]
    return [_mail(f"{name}-{number}", chance.choice(texts)) for number in range(count)]


def _mail(name: str, text: str) -> RawItem:
    message = EmailMessage()
    message["From"], message["To"] = f"{name}@example.org", "info@migration.example"
    message["Subject"], message["Message-ID"] = text[:40].replace("\n", " "), f"<{name}@example.org>"
    message.set_content(text)
    return RawItem(ChannelName.EMAIL, "bench", name, message.as_bytes(), clock.now())


def _syncs(folder: Path) -> int:
    end, count = time.perf_counter() + 1, 0
    with (folder / "sync").open("wb") as file:
        while time.perf_counter() < end:
            file.write(b"x" * 8192)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    return count

"""What a mail costs on its whole way from raw bytes to a ticket with clock, search words and receipt."""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

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

BATCHES = (1, 20)


def measure(mails: int, database: str) -> Iterator[str]:
    """The table, one row for each size of batch; half of the mails answer nothing known, all are different."""
    with tempfile.TemporaryDirectory(prefix="luukku-bench-") as folder:
        system = _system(Path(folder), database)
        receive(system, _mails(3, "warm-up"))
        rows = [_run(system, mails, batch) for batch in BATCHES]
        yield from lines(("mails a commit", "mails", "CPU ms a mail", "commits a mail", "mails/s"), rows)
        yield f"the disk made {_syncs(Path(folder))} appends of 8 KiB durable in a second, in this minute"


def _system(folder: Path, database: str) -> System:
    settings = complete(Settings(data_dir=folder, database_url=database, secret_key="only for this measurement"))  # noqa: S106
    configure_logging(replace(settings, log_level="error"), "bench")
    upgrade(settings.database_url)
    system = create_system(settings)
    found(system, json.loads(Path("demo/authority.json").read_text()), password="only for this measurement")  # noqa: S106
    return system


def _run(system: System, mails: int, batch: int) -> tuple[str, ...]:
    items = _mails(mails, f"batch-{batch}")
    commits: list[object] = []
    counted = commits.append
    event.listen(system.db.engine, "commit", counted)
    wall, cpu = time.perf_counter(), time.process_time()
    for first in range(0, mails, batch):
        receive(system, items[first : first + batch])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    event.remove(system.db.engine, "commit", counted)
    return (str(batch), str(mails), f"{cpu / mails * 1e3:.2f}", f"{len(commits) / mails:.2f}", f"{mails / wall:.0f}")


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

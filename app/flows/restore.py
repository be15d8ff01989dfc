"""Brings a backup back to life, on this machine or another.

What happened after the backup is not in it. So nothing that may have left since then leaves by itself again: mails that
waited in the backup become "perhaps sent" for a person to decide, receipts that waited are dropped, and mails that the
sources bring once more get no second receipt.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, inspect, text, update
from sqlalchemy.engine import URL, make_url

from app.accounts.models import Authority
from app.core import clock
from app.core.config import Settings
from app.core.errors import LuukkuError
from app.core.system import System, create_system
from app.flows.backup import KEYS, MANIFEST, POSTGRES_FILE, SQLITE_FILE, postgres_program
from app.outbox.models import Delivery, OutboxRow
from app.sources.models import Source
from migrations.newest import newest_revision
from migrations.run import upgrade

Progress = Callable[[str], None]
REASON = "It waited in a backup that was restored."


def restore_backup(settings: Settings, folder: Path, *, force: bool, progress: Progress) -> datetime:
    """Restore it; the instant up to which everything is there.

    Raises LuukkuError when the backup is not whole, of a newer release or another kind of database, and, without
    `force`, when there is something already where it is to go.
    """
    manifest = _checked(folder, progress)
    name = SQLITE_FILE if settings.is_sqlite else POSTGRES_FILE
    if name not in manifest["files"]:
        raise LuukkuError("The backup is of another kind of database than LUUKKU_DATABASE_URL names.")
    if manifest["tables"] > newest_revision():
        raise LuukkuError("The backup was made by a newer release: install that one first.")
    _make_room(settings, force=force)
    progress("Restoring the kept files ...")
    _restore_files(settings, folder)
    progress("Restoring the database ...")
    _restore_database(settings, folder)
    return datetime.fromisoformat(manifest["made_at"])


def _checked(folder: Path, progress: Progress) -> Mapping[str, Any]:
    """The manifest, once every file is what it says."""
    try:
        manifest: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LuukkuError(f"{folder} is no whole backup: it has no {MANIFEST} that can be read.") from error
    progress(f"Checking {len(manifest['files'])} files ...")
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {MANIFEST}
    if missing := sorted(manifest["files"].keys() - there):
        raise LuukkuError(
            f"The backup lacks {missing[0]}" + (f" and {len(missing) - 1} more files." if missing[1:] else ".")
        )
    for name, wanted in manifest["files"].items():
        with (folder / name).open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != wanted:
                raise LuukkuError(f"The backup is damaged: {name} is not what it was.")
    return manifest


def _make_room(settings: Settings, *, force: bool) -> None:
    """Refuse to write over anything, or take it away."""
    url = make_url(settings.database_url)
    if settings.is_sqlite:
        database = Path(str(url.database))
        found = [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
        if found and not force:
            raise LuukkuError(f"There is a database at {database} already. With --force it is replaced.")
        for path in found:
            path.unlink()
        return
    with _engine(url) as engine, engine.begin() as connection:
        tables = inspect(connection).get_table_names()
        if tables and not force:
            raise LuukkuError(f"The database {url.database} is not empty. With --force it is replaced.")
        if tables:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    """An engine whose connections are closed at the end, whatever happens."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _restore_database(settings: Settings, folder: Path) -> None:
    """SQLite's file gets its name when all is done, so that nobody starts on one that holds nothing back."""
    url = make_url(settings.database_url)
    if settings.is_sqlite:
        target = Path(str(url.database))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.restoring")
        shutil.copyfile(folder / SQLITE_FILE, draft)
        _make_ready(replace(settings, database_url=f"sqlite:///{draft}"))
        draft.rename(target)
        return
    options = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={url.database}")
    postgres_program("pg_restore", url, *options, str(folder / POSTGRES_FILE))
    _make_ready(settings)


def _make_ready(settings: Settings) -> None:
    """Today's tables, and nothing that leaves by itself."""
    upgrade(settings.database_url)
    system = create_system(settings)
    _hold_back(system)
    system.db.dispose()


def _restore_files(settings: Settings, folder: Path) -> None:
    if (folder / "files").is_dir():
        shutil.copytree(folder / "files", settings.data_dir / "files", dirs_exist_ok=True)
    for name in KEYS:
        if (folder / "keys" / name).is_file():
            shutil.copy(folder / "keys" / name, settings.data_dir / name)
            (settings.data_dir / name).chmod(0o600)


def _hold_back(system: System) -> None:
    """Nothing that may have left leaves again by itself, and nobody holds anything."""
    waiting = OutboxRow.state.in_((Delivery.QUEUED, Delivery.CLAIMED))
    with system.db.begin() as session:
        session.execute(
            update(OutboxRow).where(waiting, OutboxRow.is_automatic).values(state=Delivery.FAILED, failure=REASON)
        )
        session.execute(
            update(OutboxRow).where(waiting).values(state=Delivery.PERHAPS_SENT, failure=REASON, needs_person=True)
        )
        session.execute(update(Source).values(held_by=None, held_until=None))
        session.execute(update(Authority).values(restored_at=clock.now()))

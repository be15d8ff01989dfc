"""Takes a backup while everything runs: first a consistent picture of the database, then the kept files.

Files are on the disk before the row that speaks of them and are never written again, so every row of the picture finds
its file. The manifest is written last and the folder renamed then: what has no manifest is no backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from app.core import clock
from app.core.config import Settings, environment_plus
from app.core.errors import LuukkuError
from migrations.newest import newest_revision

MANIFEST = "manifest.json"
KEYS = ("secret.key", "call.token")
SQLITE_FILE, POSTGRES_FILE = "database.sqlite", "database.dump"
Progress = Callable[[str], None]


def take_backup(settings: Settings, target: Path, *, with_keys: bool, progress: Progress) -> Path:
    """The folder of the new backup below `target`. Raises LuukkuError when the database cannot be copied."""
    made_at = clock.now()
    folder = target / made_at.strftime("%Y%m%dT%H%M%SZ")
    draft = folder.with_name(f"{folder.name}.part")
    before = newest_backup(target)
    draft.mkdir(mode=0o700, parents=True)
    progress("Copying the database ...")
    _copy_database(settings, draft)
    copied = sum(1 for _ in _copy_files(settings.data_dir / "files", draft / "files", before, progress))
    progress(f"{copied} kept files.")
    if with_keys:
        _copy_keys(settings.data_dir, draft / "keys")
    _write_manifest(
        draft, {"made_at": made_at.isoformat(), "tables": newest_revision(), "files": dict(_fingerprints(draft))}
    )
    draft.rename(folder)
    return folder


def newest_backup(target: Path) -> Path | None:
    """The newest whole backup below a folder."""
    found = sorted(path.parent for path in target.glob(f"*Z/{MANIFEST}")) if target.is_dir() else []
    return found[-1] if found else None


def postgres_program(name: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on a database. Raises LuukkuError with its own words; no password is shown."""
    place = {"--host": url.host, "--port": str(url.port or 5432), "--username": url.username}
    options = [part for option, value in place.items() if value for part in (option, value)]
    environment = environment_plus(PGPASSWORD=str(url.password or ""), PGDATABASE=url.database or "")
    try:
        done = subprocess.run([name, *options, *arguments], env=environment, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise LuukkuError(f"The program {name} is missing. On Debian: apt-get install postgresql-client") from error
    if done.returncode:
        raise LuukkuError(f"{name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else '?'}")


def _copy_database(settings: Settings, folder: Path) -> None:
    url = make_url(settings.database_url)
    if not settings.is_sqlite:
        postgres_program("pg_dump", url, "--format=custom", "--no-owner", f"--file={folder / POSTGRES_FILE}")
        return
    with closing(sqlite3.connect(str(url.database))) as live, closing(sqlite3.connect(folder / SQLITE_FILE)) as copy:
        live.backup(copy)  # one picture, whatever is written meanwhile
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise LuukkuError(f"The copy of the database is damaged: {verdict}")


def _copy_files(live: Path, copy: Path, before: Path | None, progress: Progress) -> Iterator[Path]:
    """Each kept file, as a link to the earlier backup's where that has it: their names say what is in them."""
    for number, file in enumerate(sorted(live.rglob("*")) if live.is_dir() else ()):
        relative = file.relative_to(live)
        if file.is_dir() or file.name.startswith("."):
            continue
        target = copy / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        if before is None or not _link(before / "files" / relative, target):
            shutil.copyfile(file, target)
        if number % 1000 == 999:
            progress(f"{number + 1} kept files ...")
        yield target


def _link(earlier: Path, target: Path) -> bool:
    """Whether the earlier backup's file could be used again; it is not when it is not what its name says any more."""
    if not earlier.is_file() or _fingerprint(earlier) != earlier.name:
        return False
    try:
        os.link(earlier, target)
    except OSError:  # a share that knows no links
        return False
    return True


def _copy_keys(live: Path, copy: Path) -> None:
    copy.mkdir(mode=0o700)
    for name in KEYS:
        if (live / name).is_file():
            shutil.copy(live / name, copy / name)
            (copy / name).chmod(0o600)


def _fingerprints(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield file.relative_to(folder).as_posix(), _fingerprint(file)


def _fingerprint(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
    with (folder / MANIFEST).open("w", encoding="utf-8") as opened:
        json.dump(manifest, opened, indent=1)
        opened.flush()
        os.fsync(opened.fileno())

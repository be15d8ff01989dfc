"""A Whoosh index on disk that is replaced as a whole: each rebuild is a folder, and a file names the one in use.

One writer at a time, of all threads and processes; any number read. Whatever is missing or half there counts as no
index: the database can always fill a new one.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh.index import EmptyIndexError, LockError, create_in, open_dir
from whoosh.util.filelock import FileLock, try_for

from knowledge_base.search_fields import schema

POINTER = "current"
WRITER_LOCK = "writing"
WRITER_TIMEOUT = 30.0
KEPT = 2
OPENING_ATTEMPTS = 10
OPENING_PAUSE = 0.02


class Generations:
    """The folders of one index."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def current(self) -> Path | None:
        """Return the folder in use, or None."""
        try:
            return self._directory / (self._directory / POINTER).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None

    def open(self) -> Any | None:
        """Return the Whoosh index in use, or None.

        A writer may replace the files between our look at the folder and our opening them, so a folder that is there
        is tried again.
        """
        for _ in range(OPENING_ATTEMPTS):
            folder = self.current()
            if not (folder and folder.is_dir()):
                return None
            try:
                return open_dir(str(folder))
            except (OSError, EmptyIndexError):
                time.sleep(OPENING_PAUSE)
        return None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write; raises whoosh.index.LockError after 30 s behind another writer."""
        self._directory.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self._directory / WRITER_LOCK))
        if not try_for(lock.acquire, timeout=WRITER_TIMEOUT, delay=OPENING_PAUSE):
            raise LockError
        try:
            yield
        finally:
            lock.release()

    def begin(self) -> tuple[Path, Any]:
        """Return a new folder with an empty index that nobody reads yet."""
        number = 1 + max((_number(old) for old in self._folders()), default=0)
        folder = self._directory / f"{number:06d}-{uuid.uuid4().hex[:8]}"
        folder.mkdir(parents=True)
        return folder, create_in(str(folder), schema())

    def switch(self, folder: Path) -> None:
        """Put a folder in use, in one step, and delete those before the last."""
        draft = self._directory / f"{POINTER}.{uuid.uuid4().hex[:8]}"
        draft.write_text(folder.name, encoding="ascii")
        draft.replace(self._directory / POINTER)
        for old in self._folders()[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return sorted(self._directory.glob("[0-9]*-*"))


def _number(folder: Path) -> int:
    return int(folder.name.split("-", 1)[0])

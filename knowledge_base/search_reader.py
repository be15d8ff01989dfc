"""A Whoosh searcher that follows the index as another process writes it.

One thread searches at a time: Whoosh reads through file positions that threads sharing a searcher would move for each
other, and a search takes milliseconds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.generations import Generations


@dataclass(slots=True)
class _Opened:
    folder: Path
    searcher: Any

    def is_latest(self) -> bool:
        latest: bool = self.searcher.up_to_date()
        return latest


class SearchReader:
    """Lends out the searcher of the newest state, to one thread at a time."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    @contextmanager
    def searcher(self) -> Iterator[Any | None]:
        """Give the newest searcher, or None when there is no index."""
        with self._lock:
            opened = self._newest()
            yield opened.searcher if opened else None

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._leave()

    def _newest(self) -> _Opened | None:
        if self._opened and self._opened.folder == self._generations.current() and _is_latest(self._opened):
            return self._opened
        self._leave()
        index = self._generations.open()
        self._opened = _open(index) if index else None
        return self._opened

    def _leave(self) -> None:
        if self._opened:
            self._opened.searcher.close()
        self._opened = None


def _open(index: Any) -> _Opened | None:
    try:
        return _Opened(Path(index.storage.folder), index.searcher())
    except OSError:
        return None


def _is_latest(opened: _Opened) -> bool:
    try:
        return opened.is_latest()
    except OSError:
        return False

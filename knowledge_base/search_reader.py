"""A Whoosh searcher that many threads share and that follows the index as another process writes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.generations import Generations, open_index


@dataclass(slots=True)
class _Opened:
    folder: Path
    index: Any
    searcher: Any
    users: int = 0
    is_past: bool = False

    def is_latest(self) -> bool:
        latest: bool = self.searcher.up_to_date()
        return latest


class SearchReader:
    """Hands out the searcher of the newest state; one that is past is closed when its last user has done."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    @contextmanager
    def searcher(self) -> Iterator[Any | None]:
        """Give the newest searcher, or None when there is no index."""
        with self._lock:
            opened = self._newest()
            if opened:
                opened.users += 1
        try:
            yield opened.searcher if opened else None
        finally:
            if opened:
                self._give_back(opened)

    def close(self) -> None:
        """Close the files as soon as nobody reads them."""
        with self._lock:
            self._leave()

    def _newest(self) -> _Opened | None:
        folder = self._generations.current()
        if self._opened and self._opened.folder == folder and _is_latest(self._opened):
            return self._opened
        self._leave()
        index = open_index(folder) if folder else None
        if folder and index:
            self._opened = _open(folder, index)
        return self._opened

    def _leave(self) -> None:
        if self._opened:
            self._opened.is_past = True
            _close_if_done(self._opened)
        self._opened = None

    def _give_back(self, opened: _Opened) -> None:
        with self._lock:
            opened.users -= 1
            _close_if_done(opened)


def _open(folder: Path, index: Any) -> _Opened | None:
    try:
        return _Opened(folder, index, index.searcher())
    except OSError:
        return None


def _is_latest(opened: _Opened) -> bool:
    try:
        return opened.is_latest()
    except OSError:
        return False


def _close_if_done(opened: _Opened) -> None:
    if opened.is_past and not opened.users:
        opened.searcher.close()

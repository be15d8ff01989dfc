"""A folder in which scanners and people drop letters: each file that rests becomes one item, then moves to `done`.

Files lie directly in the folder. Those being written (.part, .tmp, names that begin with a dot or end with ~) are left
alone; any other regular file is taken, a PDF or not, so that nothing is left behind unseen. Links, folders and devices
are refused. A file above the size limit is one item with as many bytes as the limit and one more, which `parse` refuses
by its length; the file itself is kept in `held` instead of `done`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from channels.contract import Batch, ChannelError, ChannelName, Cursor, RawItem
from channels.letters.file_moves import move_into, put_back, sync
from channels.letters.settings import FolderSettings

DONE = "done"
HELD = "held"
_UNFINISHED_ENDINGS = (".part", ".tmp", "~")
_INCOMPLETE_REST_SECONDS = 60
_PDF_TAIL = 2048
_MAX_NAME = 255
_LOOK_EVERY_SECONDS = 0.5
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was seen: two equal sightings mean that nothing wrote to it in between."""

    name: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def seen(cls, name: str, found: os.stat_result) -> _File:
        return cls(name, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)

    def rest(self, now_ns: int) -> float:
        """Seconds since anything about it changed; a writer may set its mtime (even ahead), never its ctime."""
        changed_ns = max(self.ctime_ns, self.mtime_ns if self.mtime_ns <= now_ns else 0)
        return (now_ns - changed_ns) / 1e9


class FolderSource:
    """The `Source` of letters in one folder. The folder must exist and be writable."""

    def __init__(self, name: str, settings: FolderSettings) -> None:
        self._name = name
        self._settings = settings
        self._folder = settings.path
        self._announced: set[_File] = set()

    def fetch(self, cursor: Cursor, *, limit: int) -> Batch:
        """At most `limit` rested files, oldest first, and not many more bytes than one file may have."""
        items: list[RawItem] = []
        room = self._settings.max_bytes
        for item in self._rested_items():
            items.append(item)
            room -= len(item.raw)
            if len(items) >= limit or room <= 0:
                break
        return Batch(tuple(items), cursor)

    def acknowledge(self, items: Sequence[RawItem]) -> None:
        """Move the files of these items to `done` or `held`; one that vanished or was written anew is left alone.

        Raises ChannelError after all were tried, so that one that cannot be moved does not hold up the others.
        """
        files = {(shown_name(file.name), str(file.mtime_ns)): file for file in self._files()}
        failures: list[OSError] = []
        for item in items:
            file = files.get((item.filename, item.item_id.rpartition(":")[2]))
            if file is not None:
                failures += self._put_away(file, len(item.raw))
        for folder in (self._folder / DONE, self._folder / HELD, self._folder):
            sync(folder)
        if failures:
            raise ChannelError(f"A letter cannot be moved to its folder: {failures[0].strerror}.") from failures[0]

    def wait(self, timeout: float) -> bool:
        """True as soon as a file rests that this source has not announced before."""
        until = time.monotonic() + timeout
        while True:
            waiting = set(self._files())
            self._announced &= waiting
            if fresh := set(self._rested(waiting - self._announced)):
                self._announced |= fresh
                return True
            if (left := until - time.monotonic()) <= 0:
                return False
            time.sleep(min(left, _LOOK_EVERY_SECONDS))

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _rested_items(self) -> Iterator[RawItem]:
        for file in self._rested(self._files()):
            raw = self._read(file)
            if raw is not None:
                yield self._item(file, raw)

    def _rested(self, files: Collection[_File]) -> Iterator[_File]:
        """Those that nobody writes to any more, oldest first; each is looked at only when it is asked for."""
        if not files:
            return
        now_ns = self._clock_of_the_share()
        for file in sorted(files, key=lambda file: (file.mtime_ns, file.name)):
            if self._has_rested(file, now_ns):
                yield file

    def _item(self, file: _File, raw: bytes) -> RawItem:
        name = shown_name(file.name)
        return RawItem(
            channel=ChannelName.LETTER,
            source=self._name,
            item_id=f"{name}:{hashlib.sha256(raw).hexdigest()[:16]}:{file.mtime_ns}",
            raw=raw,
            received_at=datetime.fromtimestamp(file.ctime_ns / 1e9, UTC),  # a copy may keep the mtime of another year
            recipient=self._folder.name,
            filename=name,
        )

    def _files(self) -> list[_File]:
        """What lies in the folder and may be taken, by lstat. Raises ChannelError when the folder cannot be listed."""
        try:
            with os.scandir(self._folder) as entries:
                found = [(entry.name, _stat(entry)) for entry in entries if not _is_left_alone(entry.name)]
        except OSError as error:
            raise ChannelError(f"The letter folder cannot be listed: {error.strerror}.") from error
        still_there = [(name, status) for name, status in found if status is not None]
        files = [_File.seen(name, status) for name, status in still_there if stat.S_ISREG(status.st_mode)]
        _tell_of_refused(self._name, len(still_there) - len(files))
        return files

    def _has_rested(self, file: _File, now_ns: int) -> bool:
        """Whether nothing has changed for long enough; an empty or unended PDF gets a minute to be finished."""
        rest = file.rest(now_ns)
        if rest < self._settings.quiet_seconds:
            return False
        return rest >= _INCOMPLETE_REST_SECONDS or self._looks_whole(file)

    def _looks_whole(self, file: _File) -> bool:
        try:
            with open(self._folder / file.name, "rb", opener=_open_regular) as stream:
                head = stream.read(5)
                stream.seek(max(0, file.size - _PDF_TAIL))
                return bool(head) and (head != b"%PDF-" or b"%%EOF" in stream.read(_PDF_TAIL))
        except OSError:
            return False

    def _read(self, file: _File) -> bytes | None:
        """The bytes up to the limit and one more, or None when the file is not there, not ours or being changed."""
        try:
            with open(self._folder / file.name, "rb", opener=_open_regular) as stream:
                raw = stream.read(self._settings.max_bytes + 1)
                after = _File.seen(file.name, os.fstat(stream.fileno()))
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("a letter file cannot be opened", extra={"source": self._name, "errno": error.errno})
            return None
        return raw if after == file else None

    def _put_away(self, file: _File, length: int) -> list[OSError]:
        """Move one file, and back again if another took its name meanwhile; what went wrong, if anything did."""
        is_whole = length <= self._settings.max_bytes
        if is_whole and length != file.size:
            return []
        try:
            moved = move_into(self._folder / file.name, self._folder / (DONE if is_whole else HELD))
            if moved is not None and moved.stat().st_mtime_ns != file.mtime_ns:
                put_back(moved, self._folder)
        except OSError as error:
            return [error]
        return []

    def _clock_of_the_share(self) -> int:
        """Now in nanoseconds as the folder's own server tells it; proves as well that files can be moved away."""
        try:
            (self._folder / DONE).mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder / DONE, prefix=".clock-") as probe:
                return os.fstat(probe.fileno()).st_mtime_ns
        except OSError as error:
            raise ChannelError(f"The letter folder cannot be written: {error.strerror}.") from error


def shown_name(name: str) -> str:
    """A file name that can be stored and shown: control characters and stray bytes escaped, at most 255 characters."""
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)
    return shown if len(shown) <= _MAX_NAME else f"{shown[: _MAX_NAME - 20]}…{shown[-19:]}"


@cache
def _tell_of_refused(source: str, count: int) -> None:
    """Say once for each count that links, folders or devices lie where only files are taken."""
    if count:
        log.warning("a letter folder holds entries that are never taken", extra={"source": source, "count": count})


def _is_left_alone(name: str) -> bool:
    return name in {DONE, HELD} or name.startswith(".") or name.lower().endswith(_UNFINISHED_ENDINGS)


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None


def _open_regular(path: str, flags: int) -> int:
    """Open without following a link and without waiting for the other end of a pipe. Raises OSError otherwise."""
    descriptor = os.open(path, _READ_FLAGS | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return descriptor

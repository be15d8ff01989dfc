"""A Maildir as a source: an MTA writes into new/, what is committed here moves to cur/.

The layout of qmail's maildir(5). The name before the colon is unique for ever; nothing is ever deleted.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from channels.contract import Batch, ChannelError, ChannelName, Cursor, RawItem
from channels.inventory import Listed
from channels.known_settings import refuse_unknown

MAX_BATCH_BYTES = 16 * 1024 * 1024
"""of one fetch; a larger mail is read alone"""
LONGEST_NAME = 120
"""characters of a name that are kept as they are; written out, a name can have four times as many as files may"""
DEFAULT_POLL = 0.5
"""seconds between looks while waiting"""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    size: int
    received: float


@contextmanager
def _faults() -> Iterator[None]:
    """A file that has vanished was taken by somebody; any other fault is the channel's."""
    try:
        yield
    except FileNotFoundError:
        return
    except OSError as error:
        raise ChannelError(f"The mail folder cannot be used: {error.strerror}.") from error


class MaildirSource:
    """Implements `channels.contract.Source`. Settings: `path`, optionally `poll_seconds` and `address`."""

    def __init__(self, name: str, settings: Mapping[str, str]) -> None:
        if not settings.get("path"):
            raise ChannelError("Maildir needs the setting: path.", permanent=True)
        refuse_unknown(settings, ("path", "poll_seconds", "address"))
        self._name = name
        self._folder = Path(settings["path"])
        self._address = settings.get("address", "")
        self._poll = _seconds(settings.get("poll_seconds") or DEFAULT_POLL)
        self._known: set[str] = set()

    def fetch(self, cursor: Cursor, *, limit: int) -> Batch:
        """The oldest mails of new/; a Maildir needs no cursor, what is taken has moved."""
        entries = sorted(self._entries(), key=lambda entry: (entry.received, entry.path.name))
        self._known = {entry.path.name for entry in entries}
        items: list[RawItem] = []
        total = 0
        for entry in entries[:limit]:
            total += entry.size
            if items and total > MAX_BATCH_BYTES:
                break
            self._read(entry, items)
        return Batch(tuple(items), cursor)

    def acknowledge(self, items: Sequence[RawItem]) -> None:
        for item in items:
            with _faults():
                self._take(item)

    def listing(self) -> Iterator[Listed]:
        """What lies in new/ and cur/; in new/ it only waits."""
        for entry in self._entries():
            yield Listed(_unique(entry.path.name), at=_instant(entry), place=Cursor(0, 1))
        for entry in self._entries("cur"):
            yield Listed(_unique(entry.path.name), at=_instant(entry))

    def read(self, listed: Listed) -> RawItem | None:
        """The mail, wherever it lies."""
        items: list[RawItem] = []
        for entry in [*self._entries(), *self._entries("cur")]:
            if _unique(entry.path.name) == listed.item_id and not items:
                self._read(entry, items)
        return items[0] if items else None

    def wait(self, timeout: float) -> bool:
        """True when new/ holds a mail that neither `fetch` nor an earlier `wait` has seen."""
        deadline = time.monotonic() + timeout
        while True:
            names = {entry.path.name for entry in self._entries()}
            if names - self._known:
                self._known = names
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(self._poll, left))

    def close(self) -> None:
        self._known = set()

    def _entries(self, name: str = "new") -> list[_Entry]:
        new = self._folder / name
        if name != "new" and not new.is_dir():
            return []
        if not new.is_dir():
            raise ChannelError("The mail folder has no new/ in it.")
        found: list[_Entry] = []
        with _faults(), os.scandir(new) as listing:
            for entry in listing:
                if entry.name.startswith("."):
                    continue
                with _faults():
                    if entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        found.append(_Entry(Path(entry.path), status.st_size, status.st_mtime))
        return found

    def _read(self, entry: _Entry, items: list[RawItem]) -> None:
        with _faults():
            item = RawItem(
                channel=ChannelName.EMAIL,
                source=self._name,
                item_id=_unique(entry.path.name),
                raw=entry.path.read_bytes(),
                received_at=_instant(entry),
                recipient=self._address,
                filename=_kept_name(entry.path.name),
            )
            items.append(item)

    def _take(self, item: RawItem) -> None:
        """To cur/ with empty flags. Looks the file up when the item was read back from the ledger without its name."""
        name = item.filename
        if not name or _unique(name) != item.item_id:
            names = (entry.path.name for entry in self._entries())
            name = next((one for one in names if _unique(one) == item.item_id), "")
        if name and Path(name).name == name:
            (self._folder / "cur").mkdir(exist_ok=True)
            (self._folder / "new" / name).rename(self._folder / "cur" / f"{_unique(name)}:2,")


def _instant(entry: _Entry) -> datetime:
    return datetime.fromtimestamp(entry.received, UTC)


def _seconds(told: str | float) -> float:
    try:
        return float(told)
    except ValueError as error:
        raise ChannelError("Maildir's poll_seconds is a number.", permanent=True) from error


def _unique(name: str) -> str:
    """The part of a file name that stays; bytes that are no UTF-8 are written out, as a database takes text only."""
    text = os.fsencode(name.partition(":")[0]).decode("utf-8", "backslashreplace")
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text.encode()[:LONGEST_NAME].decode(errors='ignore')}-{hashlib.sha256(text.encode()).hexdigest()}"


def _kept_name(name: str) -> str:
    """The name to move the file by, or "" for one that is no text: it is then looked up."""
    return name if os.fsencode(name).decode("utf-8", "ignore") == name else ""

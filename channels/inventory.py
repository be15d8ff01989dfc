"""What lies at a source, taken or not: for comparing it with the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from channels.contract import Cursor, RawItem

NOWHERE = Cursor()
"""no place that a cursor could pass"""


@dataclass(frozen=True, slots=True)
class Listed:
    """Something that lies at a source, taken or not, without its bytes.

    `item_id` is the name under which `fetch` brings it. One that was moved after it was taken has lost that name: it is
    known by `mail_id` (Message-ID) or, where it has none, by `fingerprint` (SHA-256 of its bytes). `place` is its
    cursor: beyond the stored one it only waits to be fetched.
    """

    item_id: str
    mail_id: str = ""
    fingerprint: str = ""
    at: datetime | None = None
    place: Cursor = NOWHERE


class Inventory(Protocol):
    """A source that can tell all that lies in it, for comparing it with the ledger."""

    def listing(self) -> Iterator[Listed]:
        """Everything that lies there, taken or not, in batches of the source's own. Raises ChannelError."""
        ...

    def read(self, listed: Listed) -> RawItem | None:
        """The item itself, None when it is gone. Raises ChannelError."""
        ...

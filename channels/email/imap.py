"""A mailbox on an IMAP server as a source (RFC 3501, RFC 9051).

Mails are found by UID above the cursor, never by flags that other programs may set. A changed UIDVALIDITY starts
again at the first mail: the ledger knows what it has seen. Nothing is marked as taken before it is committed. Mails
below the cursor without our keyword, or still in a folder that they are moved out of, were committed by a worker that
stopped before it could mark or move them: the first batches after opening bring them again, so that it is done after
all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from channels.contract import Batch, ChannelError, ChannelName, Cursor, RawItem
from channels.email.imap_connection import ImapSettings, connect, drop, imap_faults, imap_settings
from channels.email.imap_idle import wait_for_mail
from channels.email.imap_listing import folder_listing, place_of
from channels.inventory import Listed

TAKEN = "$LuukkuTaken"
"""keyword set on mails that are committed here"""
MAX_BATCH_BYTES = 16 * 1024 * 1024
"""of one fetch; a larger mail is fetched alone"""
MOST_UNMARKED = 200
"""mails below the cursor that one opening brings again: a server that forgets our keyword must not bring all of them"""
T = TypeVar("T")


class ImapSource:
    """Implements `channels.contract.Source`. Connects when first used and again after a fault."""

    def __init__(self, name: str, settings: Mapping[str, str], secret: str) -> None:
        self._name = name
        self._settings: ImapSettings = imap_settings(settings)
        self._secret = secret
        self._client: Any = None
        self._validity = 0
        self._next_uid = 0
        self._looked_to = 0
        self._ahead: list[int] = []
        """UIDs found and not fetched yet: a search a batch would cost the square of what waits"""
        self._unmarked: list[int] | None = None
        self._keeps_keywords = False

    def fetch(self, cursor: Cursor, *, limit: int) -> Batch:
        return self._run(lambda client: self._fetch(client, cursor, limit))

    def acknowledge(self, items: Sequence[RawItem]) -> None:
        if items:
            self._run(lambda client: self._acknowledge(client, items))

    def listing(self) -> Iterator[Listed]:
        """The mailbox and the folder its mails are moved to, each on a connection that nothing else is done on."""
        try:
            with imap_faults():
                self.close()
                self._client = connect(self._settings, self._secret)
                yield from folder_listing(self._client, self._settings.folder, is_inbox=True)
                if self._settings.move_to and self._client.folder_exists(self._settings.move_to):
                    yield from folder_listing(self._client, self._settings.move_to, is_inbox=False)
        finally:
            self.close()

    def read(self, listed: Listed) -> RawItem | None:
        """The mail, under the name by which it was listed."""
        folder, uid = place_of(listed.item_id, self._settings.folder)
        try:
            with imap_faults():
                self.close()
                self._client = connect(self._settings, self._secret)
                self._client.select_folder(folder, readonly=True)
                answer = self._client.fetch([uid], ["BODY.PEEK[]", "INTERNALDATE"]).get(uid)
        finally:
            self.close()
        return replace(self._item(uid, answer), item_id=listed.item_id) if answer else None

    def wait(self, timeout: float) -> bool:
        return self._run(lambda client: self._wait(client, timeout))

    def close(self) -> None:
        if self._client is not None:
            drop(self._client)
            self._client = None

    def _run(self, action: Callable[[Any], T]) -> T:
        """Runs on a connection with the folder selected; any fault closes it, so that the next call starts afresh."""
        try:
            with imap_faults():
                if self._client is None:
                    self._client = connect(self._settings, self._secret)
                self._select()
                return action(self._client)
        except ChannelError:
            self.close()
            raise

    def _select(self) -> None:
        answer = self._client.select_folder(self._settings.folder)
        validity = int(answer.get(b"UIDVALIDITY", 0))
        if validity != self._validity:
            self._validity, self._looked_to, self._ahead, self._unmarked = validity, 0, [], None
        self._next_uid = int(answer.get(b"UIDNEXT", 0))
        self._keeps_keywords = b"\\*" in answer.get(b"PERMANENTFLAGS", ())

    def _wait(self, client: Any, timeout: float) -> bool:
        """Compares UIDNEXT with what was looked at: other commands swallow notices, lost connections miss them."""
        is_new = 0 < self._looked_to < self._next_uid or wait_for_mail(client, timeout)
        if is_new:
            self._select()
        self._looked_to = self._next_uid
        return is_new

    def _fetch(self, client: Any, cursor: Cursor, limit: int) -> Batch:
        position = cursor.position if cursor.validity == self._validity else 0
        if unmarked := self._take_unmarked(client, position, limit):
            return Batch(unmarked, Cursor(self._validity, position))
        found = self._found_after(client, position)
        uids = self._within_budget(client, found[:limit])
        self._ahead = found[len(uids) :]
        self._looked_to = self._ahead[0] if self._ahead else max([self._next_uid, *(uid + 1 for uid in uids)])
        items = self._read(client, uids) if uids else ()
        return Batch(items, Cursor(self._validity, uids[-1] if uids else position))

    def _take_unmarked(self, client: Any, position: int, limit: int) -> tuple[RawItem, ...]:
        """The next mails up to the cursor that are not marked or moved, each once in the life of this object."""
        if self._unmarked is None:
            mark = ["UNDELETED"] if self._settings.move_to else ["UNKEYWORD", TAKEN]
            can_tell = position and (self._settings.move_to or self._keeps_keywords)
            found = client.search([*mark, "UID", f"1:{position}"]) if can_tell else []
            self._unmarked = sorted(uid for uid in found if uid <= position)[:MOST_UNMARKED]
        uids = self._within_budget(client, self._unmarked[:limit])
        self._unmarked = self._unmarked[len(uids) :]
        return self._read(client, uids) if uids else ()

    def _found_after(self, client: Any, position: int) -> list[int]:
        known = [uid for uid in self._ahead if uid > position]
        return known or sorted(uid for uid in client.search(["UID", f"{position + 1}:*"]) if uid > position)

    def _within_budget(self, client: Any, uids: list[int]) -> list[int]:
        if not uids:
            return []
        sizes = client.fetch(uids, ["RFC822.SIZE"])
        total = 0
        for count, uid in enumerate(uids):
            total += int(sizes.get(uid, {}).get(b"RFC822.SIZE", 0))
            if count and total > MAX_BATCH_BYTES:
                return uids[:count]
        return uids

    def _read(self, client: Any, uids: list[int]) -> tuple[RawItem, ...]:
        """The mails; one that was deleted meanwhile is left out, one that the server gives no bytes of comes empty."""
        answers = client.fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"])
        return tuple(self._item(uid, answers[uid]) for uid in uids if uid in answers)

    def _item(self, uid: int, answer: Mapping[bytes, Any]) -> RawItem:
        received_at = answer.get(b"INTERNALDATE")
        return RawItem(
            channel=ChannelName.EMAIL,
            source=self._name,
            item_id=f"{self._validity}:{uid}",
            raw=answer.get(b"BODY[]") or b"",
            received_at=received_at.astimezone(UTC) if isinstance(received_at, datetime) else None,
            recipient=self._settings.address,
        )

    def _acknowledge(self, client: Any, items: Sequence[RawItem]) -> None:
        """Keyword, then the optional move; items of another UIDVALIDITY cannot be named any more."""
        uids = [
            int(uid)
            for validity, _, uid in (item.item_id.partition(":") for item in items)
            if validity == str(self._validity)
        ]
        if not uids:
            return
        client.add_flags(uids, [TAKEN], silent=True)
        if self._settings.move_to:
            self._move(client, uids)

    def _move(self, client: Any, uids: list[int]) -> None:
        if not client.folder_exists(self._settings.move_to):
            client.create_folder(self._settings.move_to)
        if client.has_capability("MOVE"):
            client.move(uids, self._settings.move_to)
            return
        client.copy(uids, self._settings.move_to)
        client.delete_messages(uids, silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)

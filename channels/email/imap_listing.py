"""All that lies in a mailbox and in the folder its mails are moved to, for comparing it with the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from channels.contract import Cursor
from channels.email.headers import read_headers
from channels.email.threads import own_message_id
from channels.inventory import Listed

BATCH = 500
_HEADER = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"


def folder_listing(client: Any, folder: str, *, is_inbox: bool) -> Iterator[Listed]:
    """What lies in a folder; only in the inbox do mails still have the names they are fetched by."""
    answer = client.select_folder(folder, readonly=True)
    validity = int(answer.get(b"UIDVALIDITY", 0))
    prefix = "" if is_inbox else f"{folder}/"
    uids = client.search(["ALL"])
    for first in range(0, len(uids), BATCH):
        chosen = uids[first : first + BATCH]
        answers = client.fetch(chosen, [_HEADER, "INTERNALDATE"])
        for uid in chosen:
            if uid in answers:
                place = Cursor(validity, uid) if is_inbox else Cursor()
                mail_id = _mail_id(answers[uid])
                print_ = "" if mail_id or is_inbox else _fingerprint(client, uid)
                yield Listed(f"{prefix}{validity}:{uid}", mail_id, print_, _at(answers[uid]), place)


def place_of(item_id: str, inbox: str) -> tuple[str, int]:
    """Folder and UID of what `folder_listing` named."""
    folder, _, rest = item_id.rpartition("/")
    return folder or inbox, int(rest.partition(":")[2])


def _mail_id(answer: dict[bytes, Any]) -> str:
    head = next((value for key, value in answer.items() if key.startswith(b"BODY[HEADER")), b"") or b""
    headers, _ = read_headers(head, 0, len(head))
    return own_message_id(headers)


def _fingerprint(client: Any, uid: int) -> str:
    """That of a mail without Message-ID: over its bytes, as its reader makes it."""
    raw: bytes = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]") or b""
    return hashlib.sha256(raw).hexdigest()


def _at(answer: dict[bytes, Any]) -> datetime | None:
    at = answer.get(b"INTERNALDATE")
    return at.astimezone(UTC) if isinstance(at, datetime) else None

"""A value equal for two deliveries of one mail, however relays have re-encoded it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from channels.contract import Attachment
from channels.email.headers import Headers
from channels.email.words import decode_words

_FIELDS = ("message-id", "from", "date", "subject")


def fingerprint(raw: bytes, headers: Headers, bodies: Iterable[str], attachments: Iterable[Attachment]) -> str:
    """SHA-256 in hex over identity and decoded content; over the raw bytes when there is no Message-ID."""
    if not headers.first("message-id"):
        return hashlib.sha256(raw).hexdigest()
    digest = hashlib.sha256()
    for name in _FIELDS:
        _add(digest, decode_words(headers.first(name)).encode())
    for body in bodies:
        _add(digest, "\n".join(line.rstrip() for line in body.strip().split("\n")).encode())
    for attachment in attachments:
        _add(digest, attachment.filename.encode())
        _add(digest, hashlib.sha256(attachment.data.replace(b"\r\n", b"\n")).digest())
    return digest.hexdigest()


def _add(digest: hashlib._Hash, data: bytes) -> None:
    """Length first, so that no two lists of pieces read the same."""
    digest.update(len(data).to_bytes(8, "big"))
    digest.update(data)

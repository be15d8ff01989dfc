"""The signed address that delivery reports come back to, by which they find the message they are about.

`b.<row>.<mac>` in the plus-part of the unit's mailbox: the outbox row and a truncated HMAC-SHA256 over it. Only the
mail servers on the way see it. At most 30 characters, and none that mail servers change.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from app.core.secrets import derive

PREFIX = "b"


def bounce_address(secret_key: str, row_id: int, mailbox: str) -> str:
    """The envelope sender of an outbox row that leaves from `mailbox`."""
    local, _, domain = mailbox.rpartition("@")
    body = f"{PREFIX}.{row_id}"
    return f"{local}+{body}.{_mac(secret_key, body)}@{domain}"


def read(secret_key: str, token: str) -> int | None:
    """The outbox row that a plus-part names; None when it is no bounce address that we made."""
    body, _, mac = token.lower().rpartition(".")
    prefix, _, row_id = body.partition(".")
    if prefix != PREFIX or not hmac.compare_digest(mac.encode(), _mac(secret_key, body).encode()):
        return None
    return int(row_id)


def _mac(secret_key: str, body: str) -> str:
    digest = hmac.new(derive(secret_key, "bounce"), body.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()

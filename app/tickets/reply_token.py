"""The signed plus-address by which a citizen's answer finds its ticket.

`<reference>.<contact>.<day>.<mac>`: the ticket, the contact point it was sent to, the day it expires (days since 1970)
and a truncated HMAC-SHA256 over them. Only letters that survive lower-casing by mail programs, at most 45 characters.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.errors import TokenError
from app.core.secrets import derive

VALID_FOR = timedelta(days=365)
_DIGITS = string.digits + string.ascii_lowercase
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReplyToken:
    """What a token says: the ticket and the contact point it was made for."""

    reference: str
    contact_id: int


def sign(secret_key: str, token: ReplyToken, *, at: datetime) -> str:
    """The token's text, good for a year from `at`."""
    day = (at + VALID_FOR - _EPOCH).days
    body = f"{token.reference}.{_base36(token.contact_id)}.{_base36(day)}"
    return f"{body}.{_mac(secret_key, body)}"


def read(secret_key: str, text: str, *, at: datetime) -> ReplyToken:
    """What a token's text says. Raises TokenError when we did not sign it or it has expired at `at`."""
    body, _, mac = text.lower().rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(secret_key, body).encode()):
        raise TokenError("The reply address was not made by us.")
    reference, contact, day = body.split(".")
    if _EPOCH + timedelta(days=int(day, 36)) < at:
        raise TokenError("The reply address has expired.")
    return ReplyToken(reference, int(contact, 36))


def _mac(secret_key: str, body: str) -> str:
    digest = hmac.new(derive(secret_key, "reply"), body.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if number == 0:
            return digits

"""Passwords: argon2id with the library's recommended cost (RFC 9106, low-memory profile)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import InvalidInputError

_HASHER = PasswordHasher()
SHORTEST = 12
LONGEST = 1000


def hash_password(password: str) -> str:
    """The hash to store. Raises InvalidInputError for a password shorter than 12 characters."""
    if len(password) < SHORTEST:
        raise InvalidInputError({"password": f"A password needs at least {SHORTEST} characters."})
    return _HASHER.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown user (None), so that nobody learns who exists.

    Nothing fits "", the hash of who has no password yet.
    """
    try:
        fits = _HASHER.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and bool(password_hash)


@cache
def _nobody() -> str:
    """The hash that an unknown user's password is compared with; made when first needed, as that takes its time."""
    return _HASHER.hash("a password that nobody has")

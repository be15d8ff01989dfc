"""The key everything is signed with: from the settings, or made once and kept beside the data of one machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import replace
from pathlib import Path

from app.core.config import Settings


def with_secrets(settings: Settings) -> Settings:
    """The settings with a signing key and a call token; missing ones are made once and kept in the data folder."""
    key = settings.secret_key or _kept(settings.data_dir / "secret.key")
    token = settings.call_token or _kept(settings.data_dir / "call.token")
    return replace(settings, secret_key=key, call_token=token)


def derive(secret_key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, so that what is signed for one use is worthless for another."""
    return hmac.new(secret_key.encode(), purpose.encode(), hashlib.sha256).digest()


def fernet_key(secret_key: str, purpose: str = "sources") -> bytes:
    """The key under which secrets of a kind, such as mailboxes' passwords, are encrypted in the database (Fernet)."""
    return base64.urlsafe_b64encode(derive(secret_key, purpose))


def _kept(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # citizens' mail lies there: nobody else's to read
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()

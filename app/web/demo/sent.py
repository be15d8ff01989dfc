"""Reads what the authority sent: the Maildir in which the demo's mail server keeps everything it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import getaddresses
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Received:
    """A mail that reached a citizen. Message-IDs stand without brackets; `thread` is its References, oldest first."""

    name: str
    at: datetime
    to: tuple[str, ...]
    sender: str
    subject: str
    text: str
    message_id: str
    answers: str
    """In-Reply-To"""
    reply_to: str
    thread: tuple[str, ...]
    is_automatic: bool


def received_by(folder: Path, address: str) -> list[Received]:
    """The mails to this address, the newest first; none while the mail server has kept nothing."""
    mails = (_read(path) for path in _files(folder)) if address else ()
    return sorted((mail for mail in mails if address.lower() in mail.to), key=lambda mail: mail.at, reverse=True)


def received(folder: Path, name: str) -> Received | None:
    """The kept mail of this file name, or None."""
    return next((_read(path) for path in _files(folder) if path.name == name), None)


def _files(folder: Path) -> Iterator[Path]:
    for part in ("new", "cur"):
        if (folder / part).is_dir():
            yield from (folder / part).iterdir()


@lru_cache(maxsize=5000)
def _read(path: Path) -> Received:
    """A file in a Maildir never changes, so it is read once."""
    mail = message_from_bytes(path.read_bytes(), policy=default)
    body = mail.get_body(("plain", "html"))
    envelope = getaddresses([str(mail.get("X-RcptTo", "")), str(mail.get("To", ""))])
    return Received(
        name=path.name,
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        to=tuple(address.lower() for _, address in envelope if address),
        sender=str(mail.get("From", "")),
        subject=str(mail.get("Subject", "")),
        text=str(body.get_content()).strip() if body is not None else "",
        message_id=str(mail.get("Message-ID", "")).strip("<> \n"),
        answers=str(mail.get("In-Reply-To", "")).strip("<> \n"),
        reply_to=next((address for _, address in getaddresses([str(mail.get("Reply-To") or mail.get("From"))])), ""),
        thread=tuple(known.strip("<>") for known in str(mail.get("References", "")).split()),
        is_automatic=str(mail.get("Auto-Submitted", "no")).lower() != "no",
    )

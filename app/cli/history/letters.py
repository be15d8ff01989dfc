"""The letters of the past: the demo's samples, read once, each scan another file."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime
from functools import cache

from app.cli.history.writing import CONTENT
from app.core.system import System
from app.flows.reading import read_all
from channels.contract import ChannelName, InboundMessage, RawItem

SAMPLES = {"sv": "letter-new-address-sv.pdf", "fi": "letter-citizenship-fi.pdf", "en": "letter-appeal-en.pdf"}


def letter_item(language: str, *, at: datetime) -> RawItem:
    """A scan of a letter in this language that arrived at an instant."""
    raw = _sample(language) + b"\n%" + secrets.token_hex(8).encode() + b"\n"
    name = f"scan-{at:%Y%m%d-%H%M}-{secrets.token_hex(2)}.pdf"
    return RawItem(ChannelName.LETTER, "demo-past", f"{name}:0:0", raw, at, "letters", name)


def letter_message(system: System, item: RawItem, language: str) -> InboundMessage | None:
    """What the letter says; reading it takes a program of its own, so it is read once."""
    read = _read(system, language)
    if read is None or item.received_at is None:
        return None
    return replace(read, arrived_at=item.received_at, fingerprint=hashlib.sha256(item.raw).hexdigest())


@cache
def _read(system: System, language: str) -> InboundMessage | None:
    item = RawItem(ChannelName.LETTER, "demo-past", SAMPLES[language], _sample(language))
    return read_all(system, [item])[0].message


@cache
def _sample(language: str) -> bytes:
    return (CONTENT / "samples" / SAMPLES[language]).read_bytes().rstrip()

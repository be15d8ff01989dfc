"""What a newcomer can start from: example questions in three languages, awkward mails, scanned letters."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.texts.catalogue import N_
from app.web.demo.cast import CONTENT

SAMPLES = CONTENT / "samples"
AWKWARD = {
    "mail-07-out-of-office-sv.eml": N_("An out-of-office reply (must not start a clock)"),
    "mail-08-bounce-en.eml": N_("A delivery report (must not be answered)"),
    "mail-09-no-id-date-sender-sv.eml": N_("A mail without number, date or sender"),
    "mail-02-html-and-text-fi.eml": N_("A mail with formatted text, in Finnish"),
    "mail-13-inline-image-html-only-sv.eml": N_("A mail with an image in it"),
    "mail-14-undeclared-cp1252-sv.eml": N_("A mail that does not say how its letters are written"),
}
"""files that are dropped as they are, with what they show"""
LETTERS = {
    "letter-new-address-sv.pdf": N_("New address, two pages, in Swedish"),
    "letter-citizenship-fi.pdf": N_("Three questions in one letter, in Finnish"),
    "letter-appeal-en.pdf": N_("An appeal with a deadline, in English"),
    "letter-lost-card-scan-sv.pdf": N_("A scan without text, in Swedish"),
}


@dataclass(frozen=True)
class Example:
    """A question to start from."""

    key: str
    language: str
    subject: str
    body: str


@cache
def examples() -> tuple[Example, ...]:
    """The example questions of all languages."""
    return tuple(Example(**told) for told in json.loads((CONTENT / "console.json").read_text("utf-8"))["examples"])


def awkward_mail(name: str) -> bytes | None:
    """One of the awkward mails, made unlike every earlier one so that it can be sent again; None for another name."""
    if name not in AWKWARD:
        return None
    raw, token = (SAMPLES / name).read_bytes(), secrets.token_hex(6).encode()
    changed, count = re.subn(rb"(?im)^(message-id:\s*)<", rb"\1<" + token + b"-", raw, count=1)
    return changed if count else b"X-Demo: " + token + b"\n" + raw


def letter(name: str, *, is_fresh: bool) -> bytes | None:
    """One of the letters; a fresh scan differs from every other by a comment behind the end of the file."""
    if name not in LETTERS:
        return None
    return as_fresh_scan(Path(SAMPLES / name).read_bytes()) if is_fresh else Path(SAMPLES / name).read_bytes()


def as_fresh_scan(pdf: bytes) -> bytes:
    """The same pages as another file: two scans of one paper are never equal byte for byte."""
    return pdf.rstrip() + b"\n%" + secrets.token_hex(8).encode() + b"\n"

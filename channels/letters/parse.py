"""A received letter in the normal form: its text layer to search and thread by, and a picture of each page to read.

The PDF itself is never handed on: what is shown is rebuilt from pixels and characters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from channels.contract import (
    Attachment,
    AttachmentRole,
    ChannelName,
    InboundMessage,
    RawItem,
    ThreadHints,
    UnreadableError,
)
from channels.letters.pages import Page, ReadPages, read_pages
from channels.letters.settings import max_bytes
from channels.references import find_references

MAX_SUBJECT = 80
_HEADER_WITHIN = 1024
_THREE_LETTERS = re.compile(r"[^\W\d_].*[^\W\d_].*[^\W\d_]")
_LABELLED = re.compile(
    r"^\s*(?:ärende|angående|ang\.|rubrik|asia|aihe|koskee|subject|re|concerning)\s*:\s*(\S.*)$", re.I
)
_SALUTATION = re.compile(
    r"(?:hej|hejsan|god dag|goddag|bästa|hei|moi|hyvä|hyvää päivää|arvoisa|dear|hello|good (?:day|morning)|to whom)\b"
    r"[^.?]{0,60}",
    re.I,
)
_PLACE_OR_DATE = re.compile(r"\d{1,2}[./]\s?\d{1,2}[./]|\b(?:19|20)\d\d\b|\b\d{3} ?\d{2}\b|@|\+?\d[\d -]{6,}")
_LINES_WITH_A_LABEL = 40
"""of those with letters in them"""


def parse_letter(item: RawItem, *, settings: Mapping[str, str]) -> InboundMessage:
    """The letter in the normal form, without a sender: who wrote it is for an agent to say.

    `problems` may hold "no_text_layer", "pages_left_out", "page_not_drawn", "files_inside_left_out" and
    "form_not_shown". Raises UnreadableError with reason "too_large", "not_a_pdf", "encrypted", "broken_pdf",
    "no_pages" or "too_slow".
    """
    _check(item.raw, max_bytes(settings))
    read = read_pages(item.raw)
    text = "\n\n".join(page.text for page in read.pages if page.text)
    return InboundMessage(
        channel=ChannelName.LETTER,
        sender=None,
        text=text,
        arrived_at=item.received_at or datetime.now(UTC),
        subject=subject_of(text),
        attachments=tuple(_picture(page) for page in read.pages if page.image),
        hints=ThreadHints(references_in_text=find_references(text)),
        problems=_problems(read, text),
        fingerprint=hashlib.sha256(item.raw).hexdigest(),
    )


def subject_of(text: str) -> str:
    """What the letter calls its matter, at most 80 characters.

    That is a line with a label, else the heading above the salutation, else what follows the salutation, else the
    first line with three letters in it: letters begin with who wrote them, which is no matter.
    """
    lines = [line.strip() for line in text.splitlines() if _THREE_LETTERS.search(line)]
    labelled = (match[1] for line in lines[:_LINES_WITH_A_LABEL] if (match := _LABELLED.match(line)))
    return _shortened(next(labelled, None) or _around_the_salutation(lines) or next(iter(lines), ""))


def _around_the_salutation(lines: list[str]) -> str:
    """The heading above the salutation, else the line below it; "" without a salutation."""
    at = next((n for n, line in enumerate(lines[:_LINES_WITH_A_LABEL]) if _SALUTATION.fullmatch(line)), None)
    if at is None:
        return ""
    above = lines[at - 1] if at else ""
    if above and not _PLACE_OR_DATE.search(above):
        return above
    return next(iter(lines[at + 1 :]), "")


def _check(raw: bytes, limit: int) -> None:
    if len(raw) > limit:
        message = f"The file is larger than {limit // 1024**2} MB; it lies whole in the folder held."
        raise UnreadableError(message, reason="too_large")
    if not raw:
        raise UnreadableError("The file is empty.", reason="not_a_pdf")
    if b"%PDF-" not in raw[:_HEADER_WITHIN]:
        raise UnreadableError("The file is not a PDF.", reason="not_a_pdf")


def _picture(page: Page) -> Attachment:
    return Attachment(f"page-{page.number}.png", "image/png", page.image, AttachmentRole.PAGE)


def _problems(read: ReadPages, text: str) -> tuple[str, ...]:
    found = {
        "no_text_layer": not text,
        "pages_left_out": read.count > len(read.pages),
        "page_not_drawn": not all(page.image for page in read.pages),
    }
    return (*(problem for problem, is_there in found.items() if is_there), *read.problems)


def _shortened(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= MAX_SUBJECT else line[: MAX_SUBJECT - 1].rstrip() + "…"

"""The pages of a received PDF as images and text, read in a process that is ended when it takes too long."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels.contract import UnreadableError

MAX_PAGES = 200
LIMITS: Mapping[str, int] = {
    "pages": MAX_PAGES,
    "stop_after": 50,
    "end_after": 60,
    "memory_bytes": 2 * 1024**3,
    "image_bytes": 128 * 1024**2,
    "dpi": 110,
    "pixels": 4_000_000,
    "side": 8_000,
    "characters": 100_000,
}
_PROGRAM = Path(__file__).with_name("page_process.py")
_MESSAGES = {
    "encrypted": "The PDF is locked with a password.",
    "broken_pdf": "The PDF is damaged or incomplete.",
    "no_pages": "The PDF has no pages.",
    "too_slow": "The PDF's first page could not be drawn in the time allowed.",
}
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number from 1, its text layer or "", and its picture as PNG (empty when it could not be drawn)."""

    number: int
    text: str
    image: bytes


@dataclass(frozen=True, slots=True)
class ReadPages:
    """The pages that could be read, how many the PDF says it has, and short keys of what no page shows."""

    pages: tuple[Page, ...]
    count: int
    problems: tuple[str, ...] = ()


def read_pages(raw: bytes, *, limits: Mapping[str, int] = LIMITS) -> ReadPages:
    """The pages of a PDF, at most 200 and as many as can be drawn in about a minute.

    Raises UnreadableError with reason "encrypted", "broken_pdf", "no_pages" or "too_slow" when there is none to show.
    """
    output, is_late = _run(raw, limits)
    frames = list(_frames(output))
    if not frames:
        raise _unreadable("too_slow" if is_late else "broken_pdf")
    head, *bodies = frames
    if "error" in head[0]:
        raise _unreadable(str(head[0]["error"]))
    if head[0]["pages"] == 0:
        raise _unreadable("no_pages")
    pages = tuple(Page(frame["page"], _clean(frame["text"]), image) for frame, image in bodies)
    if not any(page.image for page in pages):
        raise _unreadable("too_slow" if is_late else "broken_pdf")
    return ReadPages(pages, head[0]["pages"], tuple(head[0]["problems"]))


def _run(raw: bytes, limits: Mapping[str, int]) -> tuple[bytes, bool]:
    """What the process wrote, and whether it had to be ended; it sees no environment and none of our modules."""
    command = [sys.executable, "-I", str(_PROGRAM), json.dumps(dict(limits))]
    try:
        done = subprocess.run(
            command,
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits["end_after"],
            env={} if os.name == "posix" else None,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        return expired.output or b"", True
    return done.stdout, False


def _frames(output: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The whole frames; one that was cut off when the process ended is left out."""
    position = 0
    while (end := output.find(b"\n", position)) >= 0:
        frame = json.loads(output[position:end])
        position = end + 1 + frame["image_bytes"]
        if position > len(output):
            return
        yield frame, output[end + 1 : position]


def _clean(text: str) -> str:
    """Text without what no database stores: PDFium puts U+FFFE where a word was divided at the end of a line."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _unreadable(reason: str) -> UnreadableError:
    return UnreadableError(_MESSAGES[reason], reason=reason)

"""Names of attached files, made safe to show, to save and to send on."""

from __future__ import annotations

import re

from channels.email.charsets import clean_line

MAX_NAME = 120
"""characters; five-thousand-character names exist to break what stores them"""
_FORBIDDEN = re.compile(r'[<>:"|?*%\x00-\x1f]')
_DIRECTION = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_BY_TYPE = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/ms-tnef": ".dat",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/tiff": ".tif",
    "image/svg+xml": ".svg",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
    "message/rfc822": ".eml",
}


def safe_filename(name: str, *, content_type: str, number: int) -> str:
    """A plain file name without path, controls, marks of direction or device names; never empty, never long.

    `number` names a file that has no name of its own.
    """
    base = clean_line(_DIRECTION.sub("", name)).replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    base = _FORBIDDEN.sub("_", base).strip(" .")
    if not base:
        return f"attachment-{number}{_extension(content_type)}"
    if _DEVICE.match(base):
        base = f"_{base}"
    extension = found[0] if (found := _EXTENSION.search(base)) else ""
    return base.removesuffix(extension)[: MAX_NAME - len(extension)].rstrip(" .") + extension


def _extension(content_type: str) -> str:
    return _BY_TYPE.get(content_type) or (".txt" if content_type.startswith(("text/", "message/")) else ".bin")

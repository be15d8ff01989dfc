"""Content-Transfer-Encoding undone, tolerantly: what can be read is read (RFC 2045 section 6)."""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]")
_PADDING = re.compile(rb"[=\s]+")


def from_transfer(data: bytes, encoding: str) -> bytes:
    """The bytes behind `encoding`; an unknown encoding leaves them as they are."""
    name = encoding.strip().lower()
    if name == "base64":
        return from_base64(data)
    if name == "quoted-printable":
        return binascii.a2b_qp(data)
    return data


def from_base64(data: bytes) -> bytes:
    """Decoded base64, also when padding is missing or stands in the middle."""
    if _goes_on_after_padding(data):
        return b"".join(_segment(segment) for segment in data.split(b"="))
    return _segment(data)


def _goes_on_after_padding(data: bytes) -> bool:
    """Whether more follows some padding. Each run is looked at once: a mail may consist of nothing else."""
    first = data.find(b"=")
    runs = _PADDING.finditer(data, first) if first >= 0 else ()
    return any(b"=" in run[0] and _BASE64.match(data, run.end()) for run in runs)


def _segment(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = _NOT_BASE64.sub(b"", data)
        if len(kept) % 4 == 1:
            kept = kept[:-1]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))

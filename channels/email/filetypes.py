"""What a file is, read from its bytes: the sender's word is kept only where bytes cannot tell and nothing can run.

Archives are never unpacked; the kind of an office document is read from the names in its directory.
"""

from __future__ import annotations

import re

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"#!", "text/x-script"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"\x78\x9f\x3e\x22", "application/ms-tnef"),
)
_SHORT_MAGIC = ((b"BM", "image/bmp"), (b"ID3", "audio/mpeg"), (b"MZ", "application/x-msdownload"))
"""so short that a text may begin with them"""
_OFFICE_XML = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OFFICE_OLD = {
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.ms-outlook",
}
_MARKUP = (
    (b"<svg", "image/svg+xml"),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<script", "text/html"),
    (b"<head", "text/html"),
    (b"<body", "text/html"),
    (b"<iframe", "text/html"),
)
_HARMLESS_TEXT = {
    "text/plain",
    "text/csv",
    "text/calendar",
    "text/vcard",
    "text/markdown",
    "text/rtf",
    "application/json",
    "application/pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
    "text/rfc822-headers",
}
_OPAQUE = ("application/pkcs7", "application/x-pkcs7", "application/pgp", "audio/", "video/")
_TEXT_BYTES = bytes({7, 8, 9, 10, 12, 13, 27} | set(range(32, 256)))
_WINDOW = 64 * 1024
_OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z]+(?:-[a-z]+)*(?=PK|\Z)")
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,90}", re.IGNORECASE)


def sniff(data: bytes, declared: str) -> str:
    """The content type of the bytes; `declared` decides only among types that the bytes leave open."""
    found = _sniff(data, declared)
    return found if is_content_type(found) else "application/octet-stream"


def is_content_type(text: str) -> bool:
    """Whether the text may stand in a header as a type (RFC 6838 section 4.2)."""
    return bool(_CONTENT_TYPE.fullmatch(text))


def _sniff(data: bytes, declared: str) -> str:
    for offset, magic, found in _MAGIC:
        if data.startswith(magic, offset):
            return found
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    if data.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12], "application/octet-stream")
    if data.startswith(b"PK\x03\x04"):
        return _zip(data)
    return _text(data, declared) if _is_text(data) else _binary(data, declared)


def _binary(data: bytes, declared: str) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return declared if declared in _OFFICE_OLD else "application/x-ole-storage"
    for magic, found in _SHORT_MAGIC:
        if data.startswith(magic):
            return found
    return declared if declared.startswith(_OPAQUE) else "application/octet-stream"


def _zip(data: bytes) -> str:
    if data[30:38] == b"mimetype" and (declared := _OPEN_DOCUMENT.match(data, 38)):
        return declared[0].decode("ascii")
    directory = data[-_WINDOW:]
    if b"[Content_Types].xml" in directory:
        for folder, found in _OFFICE_XML:
            if folder in directory:
                return found
    return "application/zip"


def _is_text(data: bytes) -> bool:
    window = data[:_WINDOW]
    if window.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not window.translate(None, delete=_TEXT_BYTES)


def _text(data: bytes, declared: str) -> str:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, found in _MARKUP:
        if head.startswith(mark) or (head.startswith((b"<?xml", b"<!--")) and mark in head):
            return found
    if declared in _HARMLESS_TEXT:
        return declared
    return "text/html" if declared in ("text/html", "application/xhtml+xml") else "text/plain"

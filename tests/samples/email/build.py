"""Small mails for tests, built as bytes so that they can be as wrong as real ones."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from channels.contract import ChannelName, InboundMessage, RawItem
from channels.email.parse import parse

RECEIVED_AT = datetime(2026, 3, 5, 9, 12, tzinfo=UTC)
SETTINGS = {
    "our_addresses": "desk@luukku.example.se, asiakaspalvelu@luukku.example.fi",
    "our_domain": "mail.luukku.example.se",
    "authserv_id": "mx.luukku.example.se",
}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"


def mail(body: bytes | str = b"Hej!\r\n", *extra: str, **fields: str) -> bytes:
    """A mail with From, To, Subject, Date and Message-ID unless they are given (`""` leaves one out).

    Field names are written with underscores; `extra` are whole header lines.
    """
    given = {
        "From": "Anna Berg <anna@example.se>",
        "To": "desk@luukku.example.se",
        "Subject": "Mitt pass",
        "Date": "Thu, 5 Mar 2026 10:11:12 +0100",
        "Message_ID": "<sample-1@example.se>",
    } | fields
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
    data = body.encode() if isinstance(body, str) else body
    return "\r\n".join([*lines, *extra]).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + data


def part(body: bytes | str, content_type: str = "text/plain; charset=utf-8", *extra: str) -> bytes:
    """One part for `multipart`; binary bodies become base64."""
    lines = [f"Content-Type: {content_type}", *extra]
    if isinstance(body, bytes) and not content_type.startswith(("message/", "multipart/")):
        lines.append("Content-Transfer-Encoding: base64")
        body = base64.encodebytes(body)
    data = body.encode() if isinstance(body, str) else body
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "grans", more: str = "") -> tuple[str, bytes]:
    """The Content-Type value and the body."""
    delimiter = f"--{boundary}".encode()
    body = b"".join(delimiter + b"\r\n" + one + b"\r\n" for one in parts) + delimiter + b"--\r\n"
    return f'multipart/{kind}; boundary="{boundary}"{more}', body


def nested(*parts: bytes, kind: str = "mixed", boundary: str = "inre") -> bytes:
    """A multipart as a part of another one."""
    content_type, body = multipart(*parts, kind=kind, boundary=boundary)
    return f"Content-Type: {content_type}\r\n\r\n".encode() + body


def multipart_mail(*parts: bytes, kind: str = "mixed", more: str = "", **fields: str) -> bytes:
    """A whole mail of parts."""
    content_type, body = multipart(*parts, kind=kind, more=more)
    return mail(body, f"Content-Type: {content_type}", "MIME-Version: 1.0", **fields)


def read(raw: bytes, recipient: str = "", **settings: str) -> InboundMessage:
    """The mail read with the settings of the tests."""
    item = RawItem(ChannelName.EMAIL, "test", "1", raw, received_at=RECEIVED_AT, recipient=recipient)
    return parse(item, settings=SETTINGS | settings)

"""An `OutboundMessage` as the bytes of a mail that every mail program threads and shows.

Header lines are folded here: the standard library's newer generator puts long Message-IDs into encoded words, which
breaks threading. Bodies are quoted-printable, so no line is longer than 76 characters whatever the text holds.
"""

from __future__ import annotations

import base64
import binascii
import email.utils
import re
import secrets
from datetime import UTC, datetime
from email.header import Header
from urllib.parse import quote

from channels.contract import Attachment, AttachmentRole, ChannelError, OutboundMessage, Party
from channels.email.addresses import is_address
from channels.email.charsets import clean_line, clean_text
from channels.email.filetypes import is_content_type

CRLF = "\r\n"
MAX_REFERENCES = 20
"""Message-IDs in References: the first and the newest, as RFC 5537 section 3.4.4 shortens"""
_MESSAGE_ID = re.compile(r"[^\s<>\x00-\x20\x7f]{1,500}\Z")
_PIECE = re.compile(r"(?:%..|[^%]){1,18}")
"""of a percent-encoded name, no escape cut in two"""
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")


def build_mime(message: OutboundMessage) -> bytes:
    """The mail with CRLF line ends. Raises ChannelError (permanent) for an address or Message-ID that is none."""
    headers = _headers(message)
    content_headers, body = _content(message)
    lines = [f"{name}: {value}" for name, value in [*headers, *content_headers]]
    return (CRLF.join(lines) + CRLF + CRLF).encode() + body


def _headers(message: OutboundMessage) -> list[tuple[str, str]]:
    fields = [
        ("From", mailbox(message.sender)),
        ("To", mailbox(message.to)),
        ("Subject", _text("Subject", message.subject)),
        ("Date", email.utils.format_datetime(datetime.now(UTC))),
        ("Message-ID", _id(message.message_id)),
        ("Content-Language", message.language if _LANGUAGE.match(message.language) else ""),
        ("MIME-Version", "1.0"),
    ]
    if message.reply_to:
        fields.append(("Reply-To", mailbox(Party(message.reply_to, message.sender.name))))
    if answered := _known_ids(message.answered_ids):
        fields.append(("In-Reply-To", answered[0]))
        fields.append(("References", f"{CRLF} ".join(_chain(answered))))
    if message.is_automatic:
        fields += [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")]
    return [(name, value) for name, value in fields if value]


def mailbox(party: Party) -> str:
    """The party as an address field, folded. Raises ChannelError for what is not exactly one address."""
    if not is_address(party.address):
        raise ChannelError("The address of the mail is not one.", permanent=True)
    name = clean_line(party.name)
    if not name:
        return party.address
    if name.isascii():
        phrase = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        phrase = Header(name, "utf-8", header_name="Reply-To").encode(linesep=CRLF)
    is_long = len(phrase.rpartition(CRLF)[2]) + len(party.address) > 60
    return f"{phrase}{CRLF if is_long else ''} <{party.address}>"


def _text(name: str, value: str) -> str:
    return Header(clean_line(value), "utf-8" if not value.isascii() else None, header_name=name).encode(linesep=CRLF)


def _id(message_id: str) -> str:
    if not _MESSAGE_ID.match(message_id):
        raise ChannelError("The Message-ID is not one.", permanent=True)
    return f"<{message_id}>"


def _known_ids(message_ids: tuple[str, ...]) -> list[str]:
    return [f"<{one}>" for one in message_ids if _MESSAGE_ID.match(one)]


def _chain(answered: list[str]) -> list[str]:
    """Oldest first, the answered message last."""
    oldest_first = list(dict.fromkeys([*reversed(answered[1:]), answered[0]]))
    if len(oldest_first) <= MAX_REFERENCES:
        return oldest_first
    return [oldest_first[0], *oldest_first[1 - MAX_REFERENCES :]]


Fields = list[tuple[str, str]]


def _content(message: OutboundMessage) -> tuple[Fields, bytes]:
    """Text and HTML as alternatives, images of the HTML related to it, files around all."""
    inline = [one for one in message.attachments if one.role is AttachmentRole.INLINE and one.content_id]
    files = [one for one in message.attachments if one not in inline]
    content = _text_part("plain", message.text)
    if message.html:
        rich = _text_part("html", message.html)
        if inline:
            rich = _multipart("related", [rich, *(_file_part(one) for one in inline)])
        content = _multipart("alternative", [content, rich])
    if files:
        content = _multipart("mixed", [content, *(_file_part(one) for one in files)])
    return content


def _text_part(subtype: str, text: str) -> tuple[Fields, bytes]:
    data = clean_text(text).rstrip("\n").replace("\n", CRLF).encode() + CRLF.encode()
    fields = [("Content-Type", f"text/{subtype}; charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable")]
    return fields, binascii.b2a_qp(data, istext=True)


def _multipart(subtype: str, parts: list[tuple[Fields, bytes]]) -> tuple[Fields, bytes]:
    boundary = f"=_{secrets.token_hex(16)}"
    pieces: list[bytes] = []
    for fields, body in parts:
        head = "".join(f"{name}: {value}{CRLF}" for name, value in fields)
        pieces.append(f"--{boundary}{CRLF}{head}{CRLF}".encode() + body.rstrip(b"\r\n") + CRLF.encode())
    closing = f"--{boundary}--{CRLF}".encode()
    return [("Content-Type", f'multipart/{subtype};{CRLF} boundary="{boundary}"')], b"".join(pieces) + closing


def _file_part(attachment: Attachment) -> tuple[Fields, bytes]:
    content_type = attachment.content_type if is_content_type(attachment.content_type) else ""
    if content_type.startswith(("message/", "multipart/")):
        content_type = ""  # these must not be base64 (RFC 2046 section 5.2.1)
    kind = "inline" if attachment.role is AttachmentRole.INLINE else "attachment"
    fields = [
        ("Content-Type", content_type or "application/octet-stream"),
        ("Content-Disposition", f"{kind}{_filename(attachment.filename)}"),
        ("Content-Transfer-Encoding", "base64"),
    ]
    if attachment.content_id and _MESSAGE_ID.match(attachment.content_id):
        fields.append(("Content-ID", f"<{attachment.content_id}>"))
    return fields, base64.encodebytes(attachment.data).replace(b"\n", CRLF.encode())


def _filename(name: str) -> str:
    """RFC 2231 in pieces of its own lines, with a plain fallback for old programs (RFC 6266 appendix D)."""
    name = clean_line(name)[:120] or "file"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)[:60]
    encoded = quote(name, safe="")
    pieces = _PIECE.findall(encoded)
    if name == plain:
        return f';{CRLF} filename="{plain}"'
    if len(pieces) == 1:
        starred = [f"filename*=utf-8''{encoded}"]
    else:
        pieces[0] = f"utf-8''{pieces[0]}"
        starred = [f"filename*{number}*={piece}" for number, piece in enumerate(pieces)]
    return f";{CRLF} ".join(["", f'filename="{plain}"', *starred])

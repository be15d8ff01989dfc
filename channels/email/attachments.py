"""The files of a mail, named safely and typed by their bytes."""

from __future__ import annotations

from collections.abc import Iterable

from channels.contract import Attachment, AttachmentRole
from channels.email.body import Body
from channels.email.charsets import clean_line
from channels.email.filenames import safe_filename
from channels.email.filetypes import sniff
from channels.email.headers import read_headers
from channels.email.parts import Part
from channels.email.words import decode_words

_STRUCTURAL = ("message/", "multipart/")
"""types the structure of the mail proves, whatever the bytes look like"""
_HEAD = 32 * 1024
"""bytes of an attached mail in which its subject is looked for"""


def read_attachments(files: Iterable[Part], body: Body) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    """The attachments in their order, images inside the HTML marked as such, and the problems met."""
    attachments: list[Attachment] = []
    problems: list[str] = []
    for number, part in enumerate([*files, *body.too_long], start=1):
        attachment = _attachment(part, number, body)
        attachments.append(attachment)
        problems.extend(_problems(part, attachment))
    for content_id, data in body.embedded:
        attachments.append(_embedded(content_id, data))
    return tuple(attachments), tuple(problems)


def _attachment(part: Part, number: int, body: Body) -> Attachment:
    data = part.data()
    content_type = part.content_type if part.content_type.startswith(_STRUCTURAL) else sniff(data, part.content_type)
    content_id = clean_line(part.headers.first("content-id")).strip("<> ")
    is_inside = bool(content_id) and content_id in body.cids
    return Attachment(
        filename=safe_filename(_name(part, data), content_type=content_type, number=number),
        content_type=content_type,
        data=data,
        role=AttachmentRole.INLINE if is_inside else AttachmentRole.FILE,
        content_id=content_id,
    )


def _name(part: Part, data: bytes) -> str:
    if part.filename or part.content_type != "message/rfc822":
        return part.filename
    headers, _ = read_headers(data, 0, min(len(data), _HEAD))
    subject = decode_words(headers.first("subject"))
    return f"{subject[:80]}.eml" if subject else ""


def _problems(part: Part, attachment: Attachment) -> list[str]:
    problems = []
    if attachment.content_type == "application/ms-tnef" or part.filename.lower() == "winmail.dat":
        problems.append("winmail_dat")
    if part.content_type in ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"):
        problems.append("encrypted")
    if part.content_type.startswith(("image/", "application/pdf")) and attachment.content_type != part.content_type:
        problems.extend(_disguised(attachment))
    return problems


def _disguised(attachment: Attachment) -> list[str]:
    is_other = not attachment.content_type.startswith(("image/", "application/octet-stream", "application/pdf"))
    return ["attachment_is_not_what_it_says"] if is_other else []


def _embedded(content_id: str, data: bytes) -> Attachment:
    content_type = sniff(data, "image/unknown")
    name = safe_filename("", content_type=content_type, number=0).replace("attachment-0", content_id)
    return Attachment(name, content_type, data, AttachmentRole.INLINE, content_id)

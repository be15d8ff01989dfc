"""Delivery reports (RFC 3464, RFC 6522) and what they tell of the message that failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from channels.email.addresses import normal_address
from channels.email.headers import read_headers
from channels.email.parts import Part
from channels.email.threads import message_ids
from channels.email.transfer import from_transfer
from channels.email.words import read_parameters

_REPORTS = {
    "message/delivery-status": "delivery-status",
    "message/global-delivery-status": "delivery-status",
    "message/disposition-notification": "disposition-notification",
    "message/global-disposition-notification": "disposition-notification",
    "message/feedback-report": "feedback-report",
}
_RETURNED = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/global",
    "message/global-headers",
    "message/rfc822-headers",
)
_ID_LINE = re.compile(r"^[ \t>]*Message-ID:[ \t]*(?:\r?\n[ \t>]+)?(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(rb"^Action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})\b", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(
    rb"^(?:Final|Original)-Recipient:[ \t]*[\w-]+[ \t]*;[ \t]*<?([^\s<>]{3,400})", re.IGNORECASE | re.MULTILINE
)
_MAX_LISTED = 20
_HEAD = 32 * 1024
"""bytes of a returned message in which its Message-ID is looked for"""


def report_type(root: Part) -> str:
    """Of which kind the report is, "" for a mail that is none; "delivery-progress" is one of no failure.

    The parts outrank the declared type. A server that only warns of a delay goes on trying (RFC 3464 section 2.3.3).
    """
    kind = _report_type(root)
    if kind != "delivery-status":
        return kind
    actions = {found.lower() for part in _status_parts(root) for found in _ACTION.findall(part.data()[:_HEAD])}
    return "delivery-progress" if actions and b"failed" not in actions else kind


@dataclass(frozen=True, slots=True)
class Failure:
    """Whom the failed message did not reach, and why: addresses in the normal form, a status code (RFC 3463) or ""."""

    recipients: tuple[str, ...] = ()
    status: str = ""


def failure(root: Part) -> Failure:
    """What the report says of the recipients that failed (RFC 3464 section 2.3); nothing when it is no such one."""
    data = b"\n".join(part.data()[:_HEAD] for part in _status_parts(root))
    found = (normal_address(name.decode("utf-8", "replace")) for name in _RECIPIENT.findall(data))
    recipients = tuple(dict.fromkeys(address for address in found if address))[:_MAX_LISTED]
    status = _STATUS.search(data)
    return Failure(recipients, status[1].decode() if status else "")


def _status_parts(root: Part) -> Iterator[Part]:
    return (part for part in _leaves(root) if _REPORTS.get(part.content_type) == "delivery-status")


def _report_type(root: Part) -> str:
    declared_type, parameters = read_parameters(root.headers.first("content-type"))
    if declared_type == "multipart/report":
        declared = parameters.get("report-type", "").lower()
        return next((_REPORTS[part.content_type] for part in _leaves(root) if part.content_type in _REPORTS), declared)
    if root.content_type.startswith("multipart/"):
        kinds = [_REPORTS[part.content_type] for part in root.children if part.content_type in _REPORTS]
        return kinds[0] if kinds else ""
    return _REPORTS.get(root.content_type, "")


def failed_message_ids(root: Part, text: str, answered: tuple[str, ...]) -> tuple[str, ...]:
    """Message-IDs of what a bounce returns: from the returned message, else from its text, else from In-Reply-To."""
    returned = [found for part in _leaves(root) if part.content_type in _RETURNED for found in _ids_of(part)]
    listed = [found for line in _ID_LINE.findall(text) for found in message_ids(line)]
    return tuple(dict.fromkeys(returned or listed or answered))[:_MAX_LISTED]


def _leaves(part: Part) -> Iterator[Part]:
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _ids_of(part: Part) -> tuple[str, ...]:
    data = from_transfer(part.body, part.headers.first("content-transfer-encoding")).lstrip()[:_HEAD]
    headers, _ = read_headers(data, 0, len(data))
    return message_ids(headers.first("message-id"))

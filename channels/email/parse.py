"""Bytes of a mail -> the one normal form `InboundMessage`. Reads from top to bottom like the mail itself."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from channels.contract import (
    Authentication,
    Automatic,
    ChannelName,
    InboundMessage,
    RawItem,
    ThreadHints,
    UnreadableError,
)
from channels.email.attachments import read_attachments
from channels.email.authentication import read_authentication
from channels.email.automatic import Signs, classify
from channels.email.body import Body, read_body
from channels.email.bounces import failed_message_ids, failure, report_type
from channels.email.fingerprint import fingerprint
from channels.email.headers import Headers
from channels.email.parts import Part, read_parts
from channels.email.people import People, read_people
from channels.email.settings import ParseSettings, parse_settings
from channels.email.structure import read_structure
from channels.email.threads import read_hints, with_failed
from channels.email.trim import Trimmed, trim
from channels.email.words import decode_words

MAX_SUBJECT = 500
"""characters of a subject kept"""


def parse(item: RawItem, *, settings: Mapping[str, str]) -> InboundMessage:
    """The mail in the normal form. Raises UnreadableError, and nothing else, when it cannot be read.

    Settings read: `our_addresses`, `our_domain`, `authserv_id`.
    """
    try:
        return _read(item, parse_settings(settings))
    except UnreadableError:
        raise
    except Exception as error:  # whatever a stranger's bytes break is put in quarantine
        message = f"The mail broke its reader: {type(error).__name__}."
        raise UnreadableError(message, reason="unreadable") from error


def _read(item: RawItem, settings: ParseSettings) -> InboundMessage:
    if not item.raw.strip():
        raise UnreadableError("The mail is empty.", reason="empty")
    root = read_parts(item.raw)
    if not root.headers.fields:
        raise UnreadableError("There is not one header field: this is no mail.", reason="not_a_mail")
    structure = read_structure(root)
    body = read_body(structure.slots)
    attachments, file_problems = read_attachments(structure.files, body)
    people = read_people(root.headers, delivered_to=item.recipient)
    subject = decode_words(root.headers.first("subject"))[:MAX_SUBJECT]
    trimmed = trim(body.text, subject=subject)
    automatic, why = classify(_signs(root, people, subject, body, settings))
    claimed_at = _claimed_at(root.headers)
    return InboundMessage(
        channel=ChannelName.EMAIL,
        sender=people.sender,
        text=trimmed.text,
        arrived_at=item.received_at or datetime.now(UTC),
        subject=subject,
        quoted=trimmed.quoted,
        html=body.html,
        recipients=people.recipients,
        copies=people.copies,
        reply_to=people.reply_to,
        attachments=attachments,
        hints=_hints(root, people, subject, trimmed, body, automatic, settings),
        automatic=automatic,
        automatic_why=why,
        authentication=_authentication(root.headers, people, settings),
        sender_is_certain=people.is_certain,
        claimed_at=claimed_at,
        problems=_problems(root, people, claimed_at, (*body.problems, *file_problems)),
        fingerprint=fingerprint(item.raw, root.headers, (body.text, body.html), attachments),
    )


def _signs(root: Part, people: People, subject: str, body: Body, settings: ParseSettings) -> Signs:
    return Signs(
        headers=root.headers,
        sender=people.sender,
        reply_to=people.reply_to,
        subject=subject,
        text=body.text,
        report_type=report_type(root),
        settings=settings,
    )


def _hints(
    root: Part,
    people: People,
    subject: str,
    trimmed: Trimmed,
    body: Body,
    automatic: Automatic,
    settings: ParseSettings,
) -> ThreadHints:
    hints = read_hints(root.headers, addressed=people.addressed, subject=subject, text=trimmed.text, settings=settings)
    if automatic is not Automatic.BOUNCE:
        return hints
    failed = failure(root)
    hints = replace(hints, failed_recipients=failed.recipients, failed_status=failed.status)
    return with_failed(hints, failed_message_ids(root, body.text, hints.answered_ids), settings)


def _authentication(headers: Headers, people: People, settings: ParseSettings) -> Authentication:
    verdict = read_authentication(headers, people.sender, authserv_id=settings.authserv_id)
    if verdict is Authentication.PASS and not people.is_certain:
        return Authentication.NONE
    return verdict


def _claimed_at(headers: Headers) -> datetime | None:
    """The sender's clock in UTC (RFC 5322 section 3.3), None when it cannot be read."""
    try:
        claimed = email.utils.parsedate_to_datetime(headers.first("date")[:200])
        return claimed.astimezone(UTC) if claimed.tzinfo else claimed.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _problems(root: Part, people: People, claimed_at: datetime | None, found: tuple[str, ...]) -> tuple[str, ...]:
    problems = [*found]
    if root.is_broken:
        problems.append("broken_mime")
    if people.sender is None:
        problems.append("no_sender")
    if not people.is_certain:
        problems.append("sender_ambiguous")
    if people.is_cut:
        problems.append("recipients_cut")
    if root.headers.has("date") and claimed_at is None:
        problems.append("date_unreadable")
    return tuple(dict.fromkeys(problems))

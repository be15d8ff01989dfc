"""Writes mails as a citizen's mail program would: headers, attachments, and answers threaded to what they answer."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from app.web.demo.cast import Citizen
from app.web.demo.sent import Received

WRITTEN_BY = {"sv": "{who} skrev:", "fi": "{who} kirjoitti:", "en": "{who} wrote:"}
ANSWER_MARK = {"sv": "SV: ", "fi": "VS: ", "en": "Re: "}
MARKS = ("re:", "sv:", "vs:")


@dataclass(frozen=True)
class Upload:
    """A file that the citizen attaches."""

    filename: str
    data: bytes


@dataclass(frozen=True)
class Writing:
    """What the citizen writes; `answers` is the mail of the authority that it answers."""

    to: str
    subject: str
    body: str
    files: Sequence[Upload] = ()
    answers: Received | None = None


def mail_bytes(citizen: Citizen, writing: Writing, *, at: datetime) -> bytes:
    """The whole mail with the two lines that a mail server puts on top when it delivers."""
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = f"<{citizen.email}>"
    mail["Delivered-To"] = writing.to
    mail["From"] = formataddr((citizen.name, citizen.email))
    mail["To"] = writing.to
    mail["Subject"] = _one_line(writing.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@{citizen.email.rpartition('@')[2]}>"
    body = writing.body
    if writing.answers is not None:
        mail["In-Reply-To"] = f"<{writing.answers.message_id}>"
        mail["References"] = " ".join(f"<{known}>" for known in (*writing.answers.thread, writing.answers.message_id))
        body = f"{body}\n\n{quoted(writing.answers, citizen.language)}"
    mail.set_content(body)
    for file in writing.files:
        kind, _, subkind = (mimetypes.guess_type(file.filename)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(file.data, maintype=kind, subtype=subkind, filename=file.filename)
    return mail.as_bytes()


def answer_subject(subject: str, language: str) -> str:
    """The subject as a mail program of this language answers it."""
    is_marked = subject.casefold().startswith(MARKS)
    return subject if is_marked else ANSWER_MARK.get(language, "Re: ") + subject


def quoted(received: Received, language: str) -> str:
    """The answered mail below the answer, as most programs put it there."""
    intro = WRITTEN_BY.get(language, WRITTEN_BY["en"]).format(who=received.sender)
    return "\n".join([intro, *(f"> {line}" for line in received.text.splitlines())])


def _one_line(text: str) -> str:
    return " ".join(text.split())

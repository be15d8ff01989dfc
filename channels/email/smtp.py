"""Mail out over SMTP (RFC 5321), one connection a mail, honest about what became of it.

Until the last dot of DATA is sent a fault means "not sent". From then to the server's answer a fault means "perhaps
sent" and is `OutcomeUnknown`: resending by itself could give the citizen the same answer twice.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from typing import NoReturn

from channels.contract import ChannelError, OutboundMessage, OutcomeUnknown, Receipt, UnreachableError
from channels.email.addresses import is_address
from channels.email.compose import build_mime

TLS_MODES = ("tls", "starttls", "none")
SHUTTING_DOWN = 421
"""the server's answer to anything at all when it closes (RFC 5321 section 3.8)"""
_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Implements `channels.contract.Sender`. `tls`: tls, starttls or none; `timeout` in seconds."""

    host: str
    port: int
    tls: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    ca_file: str = ""

    def send(self, message: OutboundMessage) -> Receipt:
        """The server's own word of having taken the mail."""
        raw = build_mime(message)
        envelope_from = message.envelope_from
        if envelope_from and not is_address(envelope_from):
            raise ChannelError("The envelope address is not one.", permanent=True)
        smtp = self._connect()
        try:
            return _deliver(smtp, envelope_from, message.to.address, raw)
        finally:
            _leave(smtp)

    def _connect(self) -> smtplib.SMTP:
        """Connected and logged in. Nothing that fails here is the message's fault."""
        if self.tls not in TLS_MODES:
            raise UnreachableError(f"SMTP knows tls = {TLS_MODES}.")
        try:
            smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(f"No connection to the outgoing mail server: {type(error).__name__}.") from error
        try:
            self._greet(smtp)
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a password that is not ASCII
            smtp.close()
            raise UnreachableError(f"The outgoing mail server refused us: {type(error).__name__}.") from error
        return smtp

    def _open(self) -> smtplib.SMTP:
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=self._context())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        if self.tls == "starttls":
            smtp.starttls(context=self._context())
        smtp.ehlo_or_helo_if_needed()
        if self.user:
            smtp.login(self.user, self.password)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)


def _deliver(smtp: smtplib.SMTP, envelope_from: str, to: str, raw: bytes) -> Receipt:
    try:
        _check(*_mail(smtp, envelope_from, to, raw))
        _check(*smtp.rcpt(to))
        code, answer = smtp.docmd("DATA")
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"The connection to the outgoing mail server broke: {type(error).__name__}.") from error
    if code != 354:
        _refuse(code, answer)
    return _send_data(smtp, raw)


def _mail(smtp: smtplib.SMTP, envelope_from: str, to: str, raw: bytes) -> tuple[int, bytes]:
    options = [f"SIZE={len(raw)}"] if smtp.has_extn("size") else []
    if not f"{envelope_from}{to}".isascii():
        if not smtp.has_extn("smtputf8"):
            raise ChannelError("The outgoing mail server knows only plain addresses.", permanent=True)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    return smtp.mail(envelope_from, options)


def _send_data(smtp: smtplib.SMTP, raw: bytes) -> Receipt:
    try:
        smtp.send(_LEADING_DOT.sub(b"..", raw) + b".\r\n")
        code, answer = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(f"The connection broke after the message: {type(error).__name__}.") from error
    if code < 0:
        raise OutcomeUnknown("The server's answer to the message could not be read.")
    _check(code, answer)
    return Receipt(f"{code} {_word(answer)}")


def _check(code: int, answer: bytes) -> None:
    if not 200 <= code < 300:
        _refuse(code, answer)


def _refuse(code: int, answer: bytes) -> NoReturn:
    said = f"The outgoing mail server answered {code} {_word(answer)}"
    if code == SHUTTING_DOWN:
        raise UnreachableError(said)
    status = _STATUS.match(answer)
    raise ChannelError(said, permanent=500 <= code < 600, status=status[0].decode() if status else f"{code // 100}.0.0")


def _word(answer: bytes) -> str:
    """The server's words without addresses, which it likes to repeat."""
    return re.sub(r"\S+@\S+", "<address>", answer.decode("utf-8", "replace"))[:300]


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (OSError, smtplib.SMTPException):
        smtp.close()

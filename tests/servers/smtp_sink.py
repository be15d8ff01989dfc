"""A real SMTP server that keeps what it is sent, is strict about it, and fails when a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import re
import threading
import time
from asyncio import Transport
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import LOOPBACK, free_port

OK = "250 OK"
ONCE = ("from", "sender", "to", "cc", "date", "message-id", "in-reply-to", "references", "subject", "reply-to")
"""headers that may stand at most once (RFC 5322 section 3.6)"""
BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
open_ports: set[int] = set()
"""the ports of all sinks open in this process: mail to them may leave"""


@dataclass(frozen=True)
class SentMail:
    """One message as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)


@dataclass
class SmtpSink:
    """What has arrived so far, and how the server shall answer next."""

    port: int
    messages: list[SentMail] = field(default_factory=list)
    pause: float = 0.0
    """seconds that it takes to answer to a message"""
    refused: list[str] = field(default_factory=list)
    """what was wrong with the mails that broke a rule of the standards"""
    _answers: dict[str, deque[str]] = field(default_factory=dict)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def host(self) -> str:
        return LOOPBACK

    def answer_next(self, command: str, *answers: str) -> None:
        """Let the next MAIL, RCPT or DATA be answered so ("451 4.3.0 later"); "hang up" drops the connection.

        "take and hang up" as the answer to DATA keeps the message and drops the connection before saying yes.
        """
        self._answers.setdefault(command, deque()).extend(answers)

    def wait_for(self, count: int, timeout: float = 10) -> list[SentMail]:
        """The messages once there are `count`; raises AssertionError when they do not come in time."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while len(self.messages) < count:
                if not self._arrived.wait(max(0.0, deadline - time.monotonic())):
                    raise AssertionError(f"{len(self.messages)} of {count} mails came; refused: {self.refused}")
            return list(self.messages)

    def planned(self, command: str) -> str:
        answers = self._answers.get(command)
        return answers.popleft() if answers else ""

    def keep(self, mail: SentMail) -> None:
        with self._arrived:
            self.messages.append(mail)
            self._arrived.notify_all()


class _Handler:
    """What aiosmtpd calls at each command."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd asks for
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = _carried_out(server, self.sink.planned("MAIL"))
        if answer == OK:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd asks for
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = _carried_out(server, self.sink.planned("RCPT"))
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        plan = self.sink.planned("DATA")
        if plan and plan != "take and hang up":
            return _carried_out(server, plan)
        raw = cast("bytes", envelope.original_content)
        options = [option.upper() for option in envelope.mail_options]
        faults = faults_of(raw, smtputf8="SMTPUTF8" in options, eight_bit="BODY=8BITMIME" in options)
        if faults:
            self.sink.refused.extend(faults)
            return f"550 5.6.0 {'; '.join(faults)}"
        self.sink.keep(SentMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        await asyncio.sleep(self.sink.pause)
        return _carried_out(server, plan)


def _carried_out(server: SMTP, plan: str) -> str:
    """The answer to send; drops the connection first when that is the plan."""
    if plan.endswith("hang up"):
        cast("Transport", server.transport).abort()
        return "421 4.3.2 hung up"
    return plan or OK


def faults_of(raw: bytes, *, smtputf8: bool, eight_bit: bool) -> list[str]:
    """What a strict receiver holds against a message (RFC 5321 section 2.3.8; RFC 5322 sections 2.1.1, 2.3, 3.6;
    RFC 6152).
    """
    head = raw.partition(b"\r\n\r\n")[0]
    faults = []
    if BARE_LINE_END.search(raw):
        faults.append("bare CR or LF")
    if max(map(len, raw.split(b"\r\n"))) > 998:
        faults.append("line over 998 bytes")
    if not smtputf8 and not head.isascii():
        faults.append("eight-bit header without SMTPUTF8")
    if not eight_bit and not raw.isascii():
        faults.append("eight-bit text without 8BITMIME")
    if b"\0" in raw:
        faults.append("NUL")
    return faults + header_faults(head)


def header_faults(head: bytes) -> list[str]:
    """Headers that are missing or stand twice."""
    names = [name.lower().decode("ascii", "replace") for name in re.findall(rb"(?m)^([!-9;-~]+):", head)]
    missing = [f"no {name}" for name in ("from", "date", "message-id", "mime-version") if name not in names]
    return missing + [f"{name} twice" for name in ONCE if names.count(name) > 1]


@contextlib.contextmanager
def running_smtp_sink(*, max_bytes: int = 50 * 1024 * 1024) -> Iterator[SmtpSink]:
    """A sink on a free loopback port."""
    sink = SmtpSink(free_port())
    controller = Controller(
        _Handler(sink),
        hostname=LOOPBACK,
        port=sink.port,
        server_hostname="sink.example.org",
        data_size_limit=max_bytes,
        enable_SMTPUTF8=True,
        ready_timeout=10,
    )
    controller.start()
    open_ports.add(sink.port)
    try:
        yield sink
    finally:
        open_ports.discard(sink.port)
        controller.stop()

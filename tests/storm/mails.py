"""Mails of many kinds, made by a seed: the same seed gives the same mails."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from tests.servers.smtp_sink import SentMail

GREETINGS = {
    "sv": "Hej! När kommer mitt kort?",
    "fi": "Hei! Milloin korttini tulee?",
    "en": "Hello, when will I get my card?",
}
MAILBOXES = ("north@migration.example", "southern@migration.example")


@dataclass(frozen=True)
class Sample:
    """A mail as it is delivered; `name` is its Message-ID, "" when it has none or cannot be read."""

    kind: str
    name: str
    raw: bytes


class Writer:
    """Writes mails; each has another number."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.number = 0
        self._kinds: dict[str, tuple[int, Callable[[str], bytes]]] = {
            "plain": (40, self._plain),
            "html": (12, self._html),
            "attachment": (8, self._attachment),
            "large": (3, self._large),
            "automatic": (8, self._automatic),
            "bulk": (6, self._bulk),
            "without_id": (4, self._without_id),
            "unreadable": (4, self._unreadable),
            "strange_bytes": (6, self._strange),
            "foreign_bounce": (4, self._foreign_bounce),
        }

    def write(self) -> Sample:
        """The next mail."""
        weights = [weight for weight, _ in self._kinds.values()]
        kind = self.chance.choices(list(self._kinds), weights)[0]
        self.number += 1
        name = f"s{self.number}.{self.chance.randrange(10**9)}@storm.example"
        raw = self._kinds[kind][1](name)
        return Sample(kind, "" if kind in {"without_id", "unreadable"} else name, raw)

    def answer(self, sent: SentMail) -> Sample:
        """A citizen answers a mail of ours."""
        self.number += 1
        name = f"a{self.number}.{self.chance.randrange(10**9)}@storm.example"
        ours = sent.message
        message = self._message(name, sender=sent.recipients[0])
        message.replace_header("To", str(ours["Reply-To"]))
        message["In-Reply-To"] = str(ours["Message-ID"])
        message.set_content(f"Tack! Men jag undrar en sak till, nummer {self.number}.\n\n> {ours['Subject']}\n")
        return Sample("answer", name, message.as_bytes())

    def bounce(self, sent: SentMail) -> Sample:
        """A mail server reports that an answer of ours did not arrive."""
        self.number += 1
        name = f"b{self.number}.{self.chance.randrange(10**9)}@mx.storm.example"
        status = f"Final-Recipient: rfc822; {sent.recipients[0]}\nAction: failed\nStatus: 4.4.7\n"
        head = f"From: MAILER-DAEMON@mx.storm.example\nTo: {sent.sender}\nSubject: Undelivered\nMessage-ID: <{name}>\n"
        kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="grans"\n'
        body = f"\n--grans\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n{status}\n--grans--\n"
        return Sample("bounce", name, (head + kind + body).encode())

    def _message(self, name: str, *, sender: str = "") -> EmailMessage:
        message = EmailMessage()
        language = self.chance.choice(list(GREETINGS))
        message["From"] = sender or f"Citizen {self.number} <c{self.number}@d{self.number % 40}.example>"
        message["To"] = self.chance.choice(MAILBOXES)
        message["Subject"] = f"{GREETINGS[language][:20]} {self.number}"
        message["Message-ID"] = f"<{name}>"
        message["Date"] = "Mon, 16 Nov 2026 09:00:00 +0100"
        message.set_content(f"{GREETINGS[language]} Nummer {self.number}.\n" * self.chance.randint(1, 30))
        return message

    def _plain(self, name: str) -> bytes:
        return self._message(name).as_bytes()

    def _html(self, name: str) -> bytes:
        message = self._message(name)
        message.add_alternative(f"<p>Hej <b>{self.number}</b></p><script>alert(1)</script>", subtype="html")
        return message.as_bytes()

    def _attachment(self, name: str) -> bytes:
        message = self._message(name)
        data = self.chance.randbytes(self.chance.randint(10, 40_000))
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"fil {self.number}.bin")
        return message.as_bytes()

    def _large(self, name: str) -> bytes:
        message = self._message(name)
        message.add_attachment(self.chance.randbytes(400_000), maintype="image", subtype="x-raw", filename="bild.raw")
        return message.as_bytes()

    def _automatic(self, name: str) -> bytes:
        message = self._message(name)
        message["Auto-Submitted"] = "auto-replied"
        return message.as_bytes()

    def _bulk(self, name: str) -> bytes:
        message = self._message(name)
        message["List-Id"] = "<nyheter.storm.example>"
        return message.as_bytes()

    def _without_id(self, name: str) -> bytes:
        message = self._message(name)
        del message["Message-ID"]
        return message.as_bytes()

    def _unreadable(self, _name: str) -> bytes:
        return b"this is no mail at all " + str(self.number).encode() + b"\r\n"

    def _strange(self, name: str) -> bytes:
        head, _, _ = self._message(name).as_bytes().partition(b"\n\n")
        return head + b"\n\n" + self.chance.randbytes(300).replace(b"\r", b"").replace(b"\0", b"")

    def _foreign_bounce(self, name: str) -> bytes:
        message = self._message(name, sender="MAILER-DAEMON@mx.elsewhere.example")
        message.replace_header("Subject", "Undelivered Mail Returned to Sender")
        message["Return-Path"] = "<>"
        return message.as_bytes()

"""Compares whole sets: what was delivered, the mailbox, the ledger, the tickets, the outbox, the mail server."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from imapclient import IMAPClient
from sqlalchemy import func, select

from app.core.system import System
from app.flows.verify import verify_mail
from app.intake.check import disagreements
from app.intake.models import Fate, Inbound
from app.outbox.models import Delivery, OutboxRow
from app.tickets.models import Message, Ticket
from tests.servers.dovecot import DovecotServer
from tests.servers.smtp_sink import SmtpSink
from tests.storm.house import House
from tests.storm.mails import Sample

A_PERSON = re.compile(r"@[\w.-]+\.example|Citizen|mitt kort|korttini|my card")


@dataclass(frozen=True)
class Mailbox:
    """The mailbox of a test: inbox, and the folder into which what is taken is moved."""

    server: DovecotServer
    user: str

    def put(self, samples: Sequence[Sample]) -> None:
        """Deliver mails in one go, byte for byte."""
        with self.client() as client:
            for sample in samples:
                client.append("INBOX", sample.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def count(self, folder: str) -> int:
        with self.client() as client:
            there = client.folder_exists(folder)
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]) if there else 0

    def client(self) -> IMAPClient:
        client = IMAPClient("localhost", self.server.imap_port, ssl=False)
        client.login(self.user, self.server.password)
        return client


def is_quiet(system: System, box: Mailbox) -> bool:
    """Whether everything has been taken, sent and settled."""
    if box.count("INBOX"):
        return False
    with system.db.read() as session:
        under_way = (Delivery.QUEUED, Delivery.CLAIMED)
        return not session.scalar(select(func.count()).where(OutboxRow.state.in_(under_way)))


def state_of(system: System, box: Mailbox) -> str:
    """For a test that waited in vain."""
    with system.db.read() as session:
        outbox = Counter(session.scalars(select(OutboxRow.state)))
        fates = Counter(session.scalars(select(Inbound.fate)))
    return f"inbox {box.count('INBOX')}, done {box.count('Done')}, ledger {dict(fates)}, outbox {dict(outbox)}"


def demand_nothing_lost(system: System, box: Mailbox, delivered: Sequence[Sample]) -> None:
    """Each mail delivered lies in the mailbox, has its row, and each of its kind became what it must exactly once."""
    assert (box.count("INBOX"), box.count("Done")) == (0, len(delivered))
    with system.db.read() as session:
        rows = session.scalars(select(Inbound)).all()
        messages = Counter(session.scalars(select(Message.message_id).where(Message.inbound_id.is_not(None))))
        tickets = session.scalars(select(Ticket.id)).all()
        assert list(disagreements(session, system.settings.data_dir, progress=lambda _what, _seen: None)) == []
    assert len(rows) == len(delivered)
    assert Counter(row.mail_id for row in rows if row.mail_id) == Counter(one.name for one in delivered if one.name)
    firsts = Counter(row.mail_id for row in rows if row.mail_id and row.duplicate_of is None)
    assert firsts == Counter({one.name: 1 for one in delivered if one.name})
    assert {name: count for name, count in messages.items() if count > 1 and name} == {}
    begun = [row.ticket_id for row in rows if row.fate == Fate.TICKET]
    assert sorted(begun) == sorted(tickets)  # type: ignore[type-var]
    unreadable = sum(1 for one in delivered if one.kind == "unreadable")
    assert sum(1 for row in rows if row.fate == Fate.QUARANTINED) == unreadable
    (found,) = verify_mail(system)
    figures = (found.failure, found.seen, found.waiting, len(found.missing))
    assert figures == ("", len(delivered), 0, 0), f"{figures} {found.missing[:3]}"


def demand_private_logs(house: House) -> int:
    """No line of any program's log holds an address, a Message-ID, a name or a word of a mail; how many there are."""
    lines = house.lines()
    assert [line for line in lines if A_PERSON.search(line)] == []
    assert {"filed", "sent"} <= set(re.findall(r'"event": "(\w+)"', "".join(lines)))
    return len(lines)


def demand_nothing_twice(system: System, sink: SmtpSink) -> int:
    """Each mail of the outbox is at the mail server once, or in doubt and there at most once; how many in doubt."""
    arrived = Counter(str(mail.message["Message-ID"]).strip("<>") for mail in sink.messages)
    with system.db.read() as session:
        rows = session.scalars(select(OutboxRow)).all()
        receipts = Counter(row.ticket_id for row in rows if row.is_automatic)
    by_state = {state: {row.mail_id for row in rows if row.state == state} for state in Delivery}
    assert {name: count for name, count in arrived.items() if count > 1} == {}
    known = by_state[Delivery.SENT] | by_state[Delivery.PERHAPS_SENT] | by_state[Delivery.FAILED]
    assert by_state[Delivery.SENT] <= set(arrived) <= known
    assert set(receipts.values()) <= {1}
    return len(by_state[Delivery.PERHAPS_SENT])

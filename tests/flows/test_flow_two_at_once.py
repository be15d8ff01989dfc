from __future__ import annotations

import threading
from collections import Counter

from sqlalchemy import select

from app.core.system import System
from app.flows.deliver import deliver
from app.flows.receive import receive
from app.intake.models import Inbound
from app.outbox.models import OutboxRow
from app.tickets.models import Message
from channels.contract import ChannelName, OutboundMessage, RawItem, Receipt
from tests.factories import MONDAY, Authority, mail


class Wire:
    """A mail server that counts what it is given."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def send(self, message: OutboundMessage) -> Receipt:
        self.sent[message.message_id] += 1
        return Receipt()


def at_once(*work) -> None:  # type: ignore[no-untyped-def]
    failures: list[BaseException] = []

    def guarded(task) -> None:  # type: ignore[no-untyped-def]
        try:
            task()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failures == []


def test_two_workers_on_one_mailbox_file_each_mail_once(system: System, authority: Authority) -> None:
    items = [
        RawItem(
            ChannelName.EMAIL, "box", str(n), mail(sender=f"c{n % 5}@example.org", message_id=f"m{n}@x.org"), MONDAY
        )
        for n in range(40)
    ]
    batches = [items[n : n + 8] for n in range(0, 40, 8)]

    def worker(order: list[list[RawItem]]) -> None:
        for batch in order:
            receive(system, batch)

    at_once(lambda: worker(batches), lambda: worker(batches), lambda: worker(batches[::-1]))
    with system.db.read() as session:
        fates = Counter(session.scalars(select(Inbound.fate)))
        found = Counter(session.scalars(select(Message.message_id).where(Message.kind == "citizen")))
    assert found == Counter(f"m{n}@x.org" for n in range(40))
    assert fates == {"ticket": 40}


def test_three_workers_send_each_mail_once(system: System, authority: Authority) -> None:
    for n in range(30):
        raw = mail(sender=f"c{n}@example.org", message_id=f"m{n}@x.org")
        receive(system, [RawItem(ChannelName.EMAIL, "box", str(n), raw, MONDAY)])
    wire = Wire()
    at_once(*[lambda: deliver(system, wire)] * 3)
    with system.db.read() as session:
        rows = session.scalars(select(OutboxRow)).all()
    assert wire.sent == Counter(row.mail_id for row in rows)
    assert {row.state for row in rows} == {"sent"}
    assert len(rows) == 30

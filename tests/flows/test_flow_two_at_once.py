from __future__ import annotations

import threading
import time
from collections import Counter

from sqlalchemy import select

from app.core.errors import ConflictError, InvalidInputError
from app.core.system import System
from app.flows import assign, merge
from app.flows.deliver import deliver
from app.flows.receive import receive
from app.intake.models import Inbound
from app.outbox.models import OutboxRow
from app.tickets import queries
from app.tickets.models import Message
from app.tickets.seen import ChangedMeanwhileError
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


def test_who_waited_for_a_colleague_sees_what_the_colleague_did(system: System, authority: Authority) -> None:
    (filed,) = receive(system, [RawItem(ChannelName.EMAIL, "box", "1", mail(), MONDAY)])
    reference, nora = authority.ticket(filed.ticket_id).reference, authority.viewers["nora"].user_id
    is_held, told = threading.Event(), []

    def first() -> None:
        with system.db.begin() as session:
            queries.locked(session, filed.ticket_id or 0).assignee_id = nora
            is_held.set()
            time.sleep(0.5)  # meanwhile the other reads the ticket as it was, and waits

    def second() -> None:
        is_held.wait()
        try:
            assign.take(system, authority.viewers["nils"], reference, seen={"assignee": ""})
        except ChangedMeanwhileError as error:
            told.append(error.changed["assignee"])

    at_once(first, second)
    assert told == [("", str(nora))]
    assert authority.ticket(filed.ticket_id).assignee_id == nora


def test_two_merges_in_opposite_directions_end_in_one_ticket(system: System, authority: Authority) -> None:
    items = [
        RawItem(ChannelName.EMAIL, "box", str(n), mail(message_id=f"m{n}@x.org", subject=f"Fråga {n}"), MONDAY)
        for n in range(2)
    ]
    one, other = [authority.ticket(filed.ticket_id) for filed in receive(system, items)]
    start, refused = threading.Barrier(2), []

    def go(source: str, into: str) -> None:
        start.wait()
        try:
            merge.merge(system, authority.viewers["nils"], source, into=into, reason="x")
        except (ConflictError, InvalidInputError) as error:
            refused.append(error)

    at_once(lambda: go(one.reference, other.reference), lambda: go(other.reference, one.reference))
    assert len(refused) == 1
    assert [authority.ticket(ticket.id).merged_into for ticket in (one, other)].count(None) == 1


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

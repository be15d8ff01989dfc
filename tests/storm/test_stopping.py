"""A worker that is asked to end, as at each upgrade, leaves no mail in doubt."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from app.core.system import System
from app.outbox.models import Delivery, OutboxRow
from tests.factories import Authority, arrives, mail
from tests.servers.smtp_sink import SmtpSink
from tests.storm.house import House, wait_until

pytestmark = [pytest.mark.demo, pytest.mark.timeout(120)]
MAILS = 8


def states(system: System) -> Counter[str]:
    with system.db.read() as session:
        return Counter(session.scalars(select(OutboxRow.state)))


def test_a_worker_that_is_asked_to_end_lets_the_mail_leave_that_is_leaving(
    calm: System, authority: Authority, house: House, smtp_sink: SmtpSink
) -> None:
    for number in range(MAILS):
        arrives(calm, mail(sender=f"c{number}@x{number}.example", message_id=f"m{number}@x.org"), item_id=str(number))
    smtp_sink.pause = 1.0
    house.start("worker", "worker")
    smtp_sink.wait_for(2, timeout=30)
    assert house.end("worker") == 0, house.told("worker")
    left = len(smtp_sink.messages)
    assert states(calm) == {Delivery.SENT: left, Delivery.QUEUED: MAILS - left}, house.told("worker")
    assert left < MAILS
    smtp_sink.pause = 0.0
    house.start("worker", "worker")
    wait_until(lambda: states(calm) == {Delivery.SENT: MAILS}, 30, lambda: str(states(calm)))
    arrived = Counter(str(sent.message["Message-ID"]).strip("<>") for sent in smtp_sink.messages)
    with calm.db.read() as session:
        assert arrived == Counter(session.scalars(select(OutboxRow.mail_id)))

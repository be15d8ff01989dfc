from __future__ import annotations

from sqlalchemy import select

from app.core.system import System
from app.outbox.models import OutboxRow
from tests.factories import Authority, arrives, mail


def test_a_receipt_carries_no_name_that_the_sender_chose(system: System, authority: Authority) -> None:
    advert = "Win at http-evil-example " * 20
    filed = arrives(system, mail(sender=f'"{advert}" <victim@example.se>'))
    assert filed.fate == "ticket"
    with system.db.read() as session:
        row = session.scalars(select(OutboxRow)).one()
    assert (row.to_address, row.to_name) == ("victim@example.se", "")

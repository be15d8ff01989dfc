"""Receipts: one a ticket, capped, in our own words, and none to machines or forgers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.system import System
from app.flows.deliver import deliver
from app.outbox import caps
from app.outbox.models import OutboxRow
from app.tickets.models import Event
from tests.factories import Authority, arrives, mail
from tests.flows.test_flow_delivery import Wire


def receipts(system: System) -> list[OutboxRow]:
    with system.db.read() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.is_automatic).order_by(OutboxRow.id)))


def withheld(system: System) -> Counter[str]:
    with system.db.read() as session:
        return Counter(session.scalars(select(Event.reason).where(Event.kind == "acknowledgement_withheld")))


def with_caps(system: System, *, address: int = 5, domain: int = 1000, total: int = 5000) -> System:
    changed = {
        "receipts_per_address_day": address,
        "receipts_per_domain_hour": domain,
        "receipts_per_hour": total,
    }
    return replace(system, settings=replace(system.settings, **changed))


def write(system: System, count: int, sender: str, **headers: str) -> None:
    """So many mails from `sender`, in which {} stands for the number."""
    for number in range(count):
        name = f"{hash(sender) % 10**6}-{number}"
        raw = mail(f"Fråga {number}", sender=sender.format(number), message_id=f"{name}@x.org", **headers)
        assert arrives(system, raw, item_id=name).fate == "ticket"


def test_a_receipt_carries_no_name_that_the_sender_chose(system: System, authority: Authority) -> None:
    advert = "Win at http-evil-example " * 20
    filed = arrives(system, mail(sender=f'"{advert}" <victim@example.se>'))
    assert filed.fate == "ticket"
    (row,) = receipts(system)
    assert (row.to_address, row.to_name) == ("victim@example.se", "")


def test_nothing_that_the_sender_wrote_leaves_in_a_receipt(system: System, authority: Authority) -> None:
    marks = {"subject": "ZEBRA", "body": "GIRAFFE", "sender": "TIGER <victim@example.se>", "X_Mark": "LION"}
    arrives(system, mail(marks["body"], subject=marks["subject"], sender=marks["sender"], X_Mark=marks["X_Mark"]))
    wire = Wire()
    deliver(system, wire)
    (sent,) = wire.taken
    whole = repr(sent)
    assert not [animal for animal in ("ZEBRA", "GIRAFFE", "TIGER", "LION") if animal in whole]


@pytest.mark.parametrize(
    "sender", ["siri@example.se", "siri+{}@example.se", "Siri+{}@Example.SE", "s.i.ri@gmail.com", "s.iri+{}@gmail.com"]
)
def test_an_address_gets_five_a_day_however_it_is_varied(
    system: System, authority: Authority, at: time_machine.Coordinates, sender: str
) -> None:
    write(system, 8, sender)
    assert (len(receipts(system)), withheld(system)) == (5, {"address_had_enough": 3})
    at.shift(timedelta(days=1, minutes=1))
    arrives(system, mail(sender=sender.format(99), message_id="next@x.org"), item_id="next")
    assert len(receipts(system)) == 6


def test_a_domain_and_the_whole_have_caps_of_their_own(
    system: System, authority: Authority, at: time_machine.Coordinates
) -> None:
    tight = with_caps(system, domain=3, total=6)
    write(tight, 5, "c{}@flood.org")
    assert withheld(system) == {"domain_had_enough": 2}
    write(tight, 5, "c@d{}.org")
    assert withheld(system) == {"domain_had_enough": 2, "total_had_enough": 2}
    assert Counter(row.to_domain for row in receipts(system)) == {"flood.org": 3, "d0.org": 1, "d1.org": 1, "d2.org": 1}
    at.shift(timedelta(hours=1, minutes=1))
    write(tight, 1, "later@flood.org")
    assert len(receipts(system)) == 7


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Precedence": "bulk", "List_Id": "<news.example.org>"}, "a_machine"),
        ({"Authentication_Results": "mx.migration.example; dmarc=fail header.from=example.se"}, "sender_forged"),
        ({"sender": "chef@exempel.se <evil@x.org>"}, "sender_unknown"),
    ],
)
def test_machines_forgers_and_ambiguous_senders_get_none_and_it_is_told(
    system: System, authority: Authority, headers: dict[str, str], why: str
) -> None:
    strict = replace(system, settings=replace(system.settings, authserv_id="mx.migration.example"))
    assert arrives(strict, mail(**headers)).fate == "ticket"
    assert (receipts(system), withheld(system)) == ([], {why: 1})


def test_addresses_are_folded_where_the_same_person_stands_behind_them() -> None:
    folded = {
        "Siri@Example.SE": "siri@example.se",
        "siri+a+b@example.se": "siri@example.se",
        "s.i@gmail.com": "si@gmail.com",
        "s.i@example.se": "s.i@example.se",
        "+odd@example.se": "+odd@example.se",
    }
    assert {address: caps.folded(address) for address in folded} == folded

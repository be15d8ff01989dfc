"""Two systems like ours that write to each other fall silent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from app.core.config import Settings, complete
from app.core.db import Database
from app.core.nudge import SeenNudges
from app.core.system import System
from app.flows.deliver import deliver
from app.flows.found import found
from app.flows.receive import receive
from app.sla.service import forget_calendars
from app.tickets.models import Ticket
from channels.contract import ChannelName, OutboundMessage, RawItem, Receipt
from channels.email.compose import build_mime
from migrations.run import upgrade
from tests.factories import DESCRIPTION, MONDAY, PASSWORD, mail

Gateway = Callable[[bytes], bytes]
OTHER = {
    **DESCRIPTION,
    "domain": "tax.example",
    "units": [{**unit, "mailbox": f"{unit['key']}@tax.example"} for unit in DESCRIPTION["units"]],
    "routing": [
        {**rule, "value": str(rule.get("value", "")).replace("migration", "tax")} for rule in DESCRIPTION["routing"]
    ],
}


@dataclass
class Post:
    """Carries what one side sends to the other, as bytes, with the two lines that a mail server adds."""

    other: System
    gateway: Gateway
    carried: list[bytes] = field(default_factory=list)

    def send(self, message: OutboundMessage) -> Receipt:
        head = f"Return-Path: <{message.envelope_from}>\r\nDelivered-To: {message.to.address}\r\n"
        self.carried.append(self.gateway(head.encode() + build_mime(message)))
        return Receipt()

    def hand_over(self) -> None:
        carried, self.carried = self.carried, []
        for raw in carried:
            receive(self.other, [RawItem(ChannelName.EMAIL, "box", f"{hash(raw)}", raw, MONDAY)])


def made(folder: Path, description: dict[str, object]) -> System:
    settings = complete(Settings(data_dir=folder, secret_key=f"a secret of {folder.name} alone"))
    folder.mkdir()
    upgrade(settings.database_url)
    system = System(settings, Database(settings.database_url), SeenNudges())
    found(system, description, password=PASSWORD)
    return system


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[System, System]]:
    forget_calendars()
    both = made(tmp_path / "ours", DESCRIPTION), made(tmp_path / "theirs", OTHER)
    yield both
    for system in both:
        system.db.dispose()
    forget_calendars()


def as_it_is(raw: bytes) -> bytes:
    return raw


def stripped(raw: bytes) -> bytes:
    """What a gateway leaves that takes away all by which a machine is known."""
    head, _, body = raw.partition(b"\r\n\r\n")
    kept = re.sub(rb"(?im)^(auto-submitted|x-auto-response-suppress|precedence|x-loop):.*\r\n", b"", head + b"\r\n")
    return kept + b"\r\n" + body


def exchange(ours: System, theirs: System, gateway: Gateway, rounds: int) -> int:
    """Somebody writes to us in the name of the others' mailbox; how many mails go back and forth after that."""
    forged = mail(sender="north@tax.example", to="north@migration.example")
    receive(ours, [RawItem(ChannelName.EMAIL, "box", "first", forged, MONDAY)])
    to_theirs, to_ours, count = Post(theirs, gateway), Post(ours, gateway), 0
    for _ in range(rounds):
        deliver(ours, to_theirs)
        deliver(theirs, to_ours)
        count += len(to_theirs.carried) + len(to_ours.carried)
        to_theirs.hand_over()
        to_ours.hand_over()
    return count


def tickets(system: System) -> int:
    with system.db.read() as session:
        return len(session.scalars(select(Ticket)).all())


def test_one_receipt_is_all_they_ever_exchange(two: tuple[System, System]) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert exchange(*two, as_it_is, rounds=10) == 1
    assert (tickets(two[0]), tickets(two[1])) == (1, 0)


def test_where_a_gateway_hides_that_machines_write_the_caps_end_it(two: tuple[System, System]) -> None:
    calls = iter(range(10**6))

    def new_mail(raw: bytes) -> bytes:
        """The worst of them: it gives each mail a new Message-ID and sender, and forgets what it answers."""
        plain = re.sub(rb"(?im)^(references|in-reply-to):.*\r\n([ \t].*\r\n)*", b"", stripped(raw))
        plain = re.sub(rb"(?im)^(reply-to|return-path):.*\r\n([ \t].*\r\n)*", b"", plain)
        return re.sub(rb"(?im)^message-id:.*\r\n", b"Message-ID: <n%d@gateway.example>\r\n" % next(calls), plain)

    with time_machine.travel(MONDAY, tick=False):
        assert exchange(*two, new_mail, rounds=20) == 2 * two[0].settings.receipts_per_address_day


def test_a_stripped_receipt_joins_the_ticket_that_it_answers(two: tuple[System, System]) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert exchange(*two, stripped, rounds=10) <= 3

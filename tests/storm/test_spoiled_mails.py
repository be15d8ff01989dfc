"""Twenty thousand spoiled mails: no exception leaves the channel, no item leaves the ledger."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.system import System
from app.flows.receive import receive
from app.intake.models import Inbound
from channels import registry
from channels.contract import ChannelName, RawItem, UnreadableError
from tests.factories import MONDAY, Authority
from tests.storm.mails import Writer
from tests.storm.mutations import spoil

pytestmark = [pytest.mark.demo, pytest.mark.timeout(900)]
ROOT = Path(__file__).resolve().parents[2]
MAILS, FILED, BATCH = 20_000, 1_000, 20
LONGEST = 5.0
"""seconds for one mail, on a machine that does other things too"""


def samples(seed: int) -> list[bytes]:
    """What is spoiled: the project's own samples, and mails of all kinds."""
    files = sorted([*(ROOT / "tests/samples/email").glob("*.eml"), *(ROOT / "demo/samples").glob("*.eml")])
    writer = Writer(seed)
    return [file.read_bytes() for file in files] + [writer.write().raw for _ in range(60)]


def item(number: int, raw: bytes) -> RawItem:
    return RawItem(ChannelName.EMAIL, "spoiled", str(number), raw, MONDAY, "north@migration.example")


def test_no_exception_leaves_the_channel(seed: int) -> None:
    chance, whole, channel = random.Random(seed), samples(seed), registry.channel(ChannelName.EMAIL)
    slowest, reasons, begun = [(0.0, 0)], Counter[str](), time.perf_counter()
    for number in range(MAILS):
        raw = spoil(chance.choice(whole), whole, chance)
        cpu = time.process_time()
        try:
            channel.parse(item(number, raw), settings={})
        except UnreadableError as error:
            reasons[error.reason] += 1
        took = time.process_time() - cpu
        if took > slowest[-1][0]:
            slowest = sorted([*slowest, (took, number)], reverse=True)[:10]
    rate = MAILS / (time.perf_counter() - begun)
    print(f"{MAILS} mails, {rate:.0f}/s, unreadable {dict(reasons)}, slowest {[(round(t, 3), n) for t, n in slowest]}")
    assert reasons["unreadable"] == 0, "the reader itself broke"
    assert slowest[0][0] < LONGEST


def test_no_item_leaves_the_ledger(system: System, authority: Authority, seed: int) -> None:
    chance, whole = random.Random(seed + 1), samples(seed)
    items = [item(number, spoil(chance.choice(whole), whole, chance)) for number in range(FILED)]
    for first in range(0, FILED, BATCH):
        filed = receive(system, items[first : first + BATCH])
        assert [one.item_id for one in filed] == [one.item_id for one in items[first : first + BATCH]]
    with system.db.read() as session:
        rows = session.execute(select(Inbound.item_id, Inbound.fate)).all()
    assert {item_id for item_id, _ in rows} == {str(number) for number in range(FILED)}
    assert len(rows) == FILED
    print(Counter(fate for _, fate in rows))

"""A mail that breaks its reader, or never ends it, is quarantined alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.system import System
from app.flows.receive import receive
from app.intake.models import Inbound
from app.jobs.reader_process import ReaderProcess
from channels.contract import ChannelName, RawItem
from channels.reading import read
from tests.factories import MONDAY, Authority, mail

SUBJECTS = ["first", "hang", "second", "die", "third", "grow", "fourth"]


@pytest.fixture
def reader() -> Iterator[ReaderProcess]:
    process = ReaderProcess("tests.readers:moody", longest=3)
    yield process
    process.stop()


def items() -> list[RawItem]:
    raws = [mail(subject=subject, message_id=f"{subject}@example.se") for subject in SUBJECTS]
    return [RawItem(ChannelName.EMAIL, "box", str(number), raw, MONDAY) for number, raw in enumerate(raws)]


def test_mails_that_break_their_reader_are_quarantined_and_the_others_filed(
    system: System, authority: Authority, reader: ReaderProcess
) -> None:
    receive(replace(system, read=reader), items())
    with system.db.read() as session:
        rows = session.execute(select(Inbound.fate, Inbound.reason).order_by(Inbound.id)).all()
    assert [tuple(row) for row in rows] == [
        ("ticket", ""),
        ("quarantined", "mail_too_slow"),
        ("ticket", ""),
        ("quarantined", "reader_broke"),
        ("ticket", ""),
        ("quarantined", "reader_broke"),
        ("ticket", ""),
    ]


def test_the_process_reads_what_is_read_without_it() -> None:
    process = ReaderProcess()
    try:
        for item in items():
            assert process(item, {}) == read(item, {})
    finally:
        process.stop()


def test_the_process_ends_with_its_line() -> None:
    process = ReaderProcess()
    process(items()[0], {})
    child, line = process._process, process._line
    assert child is not None
    assert line is not None
    line.close()
    assert child.wait(timeout=10) == 0


def test_a_process_that_somebody_else_ended_costs_no_mail() -> None:
    process = ReaderProcess()
    try:
        process(items()[0], {})
        assert process._process is not None
        process._process.terminate()  # is the worker's to obey
        process(items()[1], {})
        process._process.kill()
        process._process.wait()
        assert process(items()[2], {}).message is not None
    finally:
        process.stop()

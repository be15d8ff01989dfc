"""Makes a set of many tickets fast, as a national help desk has them after eight months: for measuring pages on it.

Rows are written in bulk under numbers of our own; what they say comes from the real verbs of `tickets.service` and the
real clocks of `sla.service`, so that a page reads of them what it would read of tickets that were worked on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Unit
from app.bench.story import CHANNELS, Desk, Story, Texts
from app.core import clock
from app.core.ids import check_digit
from app.core.system import System
from app.flows.found import found
from app.people.models import ContactKind, ContactPoint, Person
from app.search import service as search
from app.sla import service as sla
from app.tickets.models import Ticket, Topic
from app.tickets.states import State
from knowledge_base.catalogue import read_articles, read_questions

DAYS, OPEN_DAYS = 240, 14
AT_ONCE = 1000
"""tickets written together"""
TICKETS_A_PERSON = 2.5
OPEN_SHARE, LONG_SHARE = 0.0285, 0.0025
LONG_ROUNDS = 9
"""of answer and question; with the first question and the receipt they are twenty messages"""
NUMBERED = ("person", "contact_point", "ticket", "message")
FIRST_NAMES = ("Aino", "Erik", "Fatima", "Lars", "Maja", "Omar", "Päivi", "Åsa")
LAST_NAMES = ("Berg", "Korhonen", "Nkosi", "Lindqvist", "Virtanen")


@dataclass
class _Numbers:
    """The last number given."""

    messages: int = 0


def fill(system: System, tickets: int) -> None:
    """Set up the demo's authority and give it so many tickets; all of them are those of an invented past up to now."""
    found(system, json.loads(Path("demo/authority.json").read_text("utf-8")), password="only for this measurement")  # noqa: S106
    lot, numbers, now = Random(2026), _Numbers(), clock.now()  # noqa: S311 - it draws stories, not secrets
    texts, people = _texts(), max(1, int(tickets / TICKETS_A_PERSON))
    with system.db.begin() as session:
        _use_own_numbers(session)
        desks = _desks(session)
        _add_people(session, people, now)
    for first in range(0, tickets, AT_ONCE):
        with system.db.begin() as session:
            ids = range(first + 1, min(first + AT_ONCE, tickets) + 1)
            stories = [_ticket(number, desks, texts, people, lot, now) for number in ids]
            _write(session, stories, numbers, now)
    with system.db.begin() as session:
        _go_on_with_numbers(session)


def _ticket(number: int, desks: Sequence[Desk], texts: Texts, people: int, lot: Random, now: datetime) -> Story:
    """One ticket's whole course; the youngest ones are open, in the order of their arrival."""
    desk, is_open = lot.choice(desks), lot.random() < OPEN_SHARE
    arrived = now - timedelta(seconds=lot.uniform(60, (OPEN_DAYS if is_open else DAYS) * 86400))
    digits = str(100_000_000 + number * 104_729 % 899_999_963)
    channel = lot.choices(CHANNELS, (52, 38, 10))[0]
    ticket = Ticket(
        id=number,
        reference=digits + str(check_digit(digits)),
        state=State.NEW,
        channel=channel,
        language=lot.choices(("sv", "en", "fi"), (55, 29, 17))[0],
        unit_id=desk.id,
        topic_id=lot.choice(desk.topics),
        person_id=lot.randint(1, people),
        arrived_at=arrived,
        created_at=arrived,
        order_at=arrived,
        version=1,
        routing={"rule": "mailbox", "kind": "mailbox"},
    )
    story = Story(ticket, desk, texts, lot, arrived)
    rounds = (
        LONG_ROUNDS if lot.random() < LONG_SHARE else lot.choices((0, 1, 2), (6, 3, 1) if is_open else (0, 9, 1))[0]
    )
    story.play(rounds, is_open=is_open)
    return story


def _write(session: Session, stories: Sequence[Story], numbers: _Numbers, now: datetime) -> None:
    """The tickets with their messages, events, sendings, clocks, stints and search words."""
    for story in stories:
        story.ticket.changed_at = min(story.at, now)
        numbers.messages = story.number_from(numbers.messages)
    for part in ([story.ticket for story in stories], [said for story in stories for said in story.messages]):
        session.add_all(part)
        session.flush()
    with session.no_autoflush:  # so that each table's rows are written together
        for story in stories:
            sla.restate(session, story.ticket, story.events, now=now, is_new=True)
            session.add_all([*story.events, *story.sendings])
    session.flush()
    found_by = [(said.id, search.searchable(story.ticket, said)) for story in stories for said in story.messages]
    search.index_texts(session, found_by)


def _add_people(session: Session, people: int, now: datetime) -> None:
    for first in range(1, people + 1, AT_ONCE):
        part = range(first, min(first + AT_ONCE, people + 1))
        session.add_all(_person(number, now) for number in part)
        session.flush()
        session.add_all(contact for number in part for contact in _contacts(number, now))
        session.flush()
        session.expunge_all()


def _person(number: int, now: datetime) -> Person:
    name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number % len(LAST_NAMES)]}"
    return Person(id=number, name=name, created_at=now)


def _contacts(number: int, now: datetime) -> Iterator[ContactPoint]:
    values = {ContactKind.EMAIL: f"citizen{number}@example.org", ContactKind.PHONE: f"+4670{number:07}"}
    for nth, (kind, value) in enumerate(values.items()):
        yield ContactPoint(id=2 * number - nth, person_id=number, kind=kind, value=value, created_at=now)


def _desks(session: Session) -> list[Desk]:
    return [_desk(session, unit) for unit in session.scalars(select(Unit).order_by(Unit.id))]


def _desk(session: Session, unit: Unit) -> Desk:
    return Desk(
        unit.id,
        unit.mailbox,
        tuple(session.scalars(select(Topic.id).where(Topic.unit_id == unit.id))),
        tuple(session.scalars(select(Membership.user_id).where(Membership.unit_id == unit.id))),
        {channel: sla.terms(session, unit.id, channel) for channel in CHANNELS},
    )


def _texts() -> Texts:
    asked = [one.text for file in sorted(Path("demo/questions").glob("*.json")) for one in read_questions(file)]
    return Texts(asked, [article.body[:900] for article in read_articles(Path("demo/articles"))])


def _use_own_numbers(session: Session) -> None:
    """The demo's few citizens make room, as the set has its own from number 1 on."""
    session.execute(text("DELETE FROM contact_point"))
    session.execute(text("DELETE FROM person"))


def _go_on_with_numbers(session: Session) -> None:
    """What is written later gets the numbers after ours; PostgreSQL looks at what there is, as it does by itself."""
    if session.get_bind().dialect.name == "postgresql":
        for table in NUMBERED:
            session.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))  # noqa: S608
        session.execute(text("ANALYZE"))

"""Who a citizen on the phone is: found while their name, number or address is typed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.text import words
from app.people import service as people
from app.people.models import ContactKind, ContactPoint, Person
from app.screens.access import may_read
from app.search import service as search
from app.tickets.models import Message, Ticket
from app.tickets.states import State
from channels.phone.numbers import normalise_number

MOST = 6
LOOKED_AT = 60
SHORTEST = 3


@dataclass(frozen=True)
class Caller:
    """A citizen whom it may be; `open_tickets` are (reference, subject) of those that the person may read."""

    person_id: int
    name: str
    language: str | None
    contacts: tuple[tuple[str, str], ...]
    open_tickets: tuple[tuple[str, str], ...]


def find_callers(session: Session, viewer: Viewer, said: str, *, region: str) -> list[Caller]:
    """Citizens by a whole number or address, else by the name of those who wrote to the person's units.

    Nobody whose identity is protected is ever among them.
    """
    said = said.strip()
    if len(said) < SHORTEST or not viewer.units:
        return []
    ids = _by_contact(session, said, region) or _by_name(session, viewer, said)
    return _callers(session, viewer, ids)


def _by_contact(session: Session, said: str, region: str) -> list[int]:
    number = normalise_number(said, region)
    kind, value = (ContactKind.EMAIL, said.lower()) if "@" in said else (ContactKind.PHONE, number or "")
    contact = people.find_contact(session, kind, value[:400]) if value else None
    return [contact.person_id] if contact else []


def _by_name(session: Session, viewer: Viewer, said: str) -> list[int]:
    dialect = session.get_bind().dialect.name
    terms = search.terms(said, dialect)
    if not terms:
        return []
    newest = func.max(Message.id)
    query = (
        select(Ticket.person_id, Person.name)
        .join(Message, Message.ticket_id == Ticket.id)
        .join(Person, Person.id == Ticket.person_id)
        .where(text(search.match_clause(dialect)).bindparams(terms=terms), may_read(viewer))
        .group_by(Ticket.person_id, Person.name)
        .order_by(newest.desc())
        .limit(LOOKED_AT)
    )
    asked = words(said)
    return [person_id for person_id, name in session.execute(query) if person_id and _is_called(name, asked)][:MOST]


def _is_called(name: str, asked: list[str]) -> bool:
    """Whether each word that was typed begins a word of the name; words of a message alone make nobody a caller."""
    known = words(name)
    return all(any(word.startswith(part) for word in known) for part in asked)


def _callers(session: Session, viewer: Viewer, ids: list[int]) -> list[Caller]:
    if not ids:
        return []
    persons = session.scalars(select(Person).where(Person.id.in_(ids), Person.protection == ""))
    found = {person.id: person for person in persons}
    contacts = _grouped(
        session,
        select(ContactPoint.person_id, ContactPoint.kind, ContactPoint.value).where(ContactPoint.person_id.in_(found)),
    )
    is_open = (Ticket.state != State.RESOLVED, may_read(viewer))
    tickets = _grouped(
        session,
        select(Ticket.person_id, Ticket.reference, Ticket.subject)
        .where(Ticket.person_id.in_(found), *is_open)
        .order_by(Ticket.changed_at.desc())
        .limit(LOOKED_AT),
    )
    return [
        Caller(row.id, row.name, row.language, tuple(contacts.get(row.id, ())), tuple(tickets.get(row.id, ())))
        for row in (found[person_id] for person_id in ids if person_id in found)
    ]


def _grouped(session: Session, query: object) -> dict[int, list[tuple[str, str]]]:
    grouped: dict[int, list[tuple[str, str]]] = {}
    for person_id, *pair in session.execute(query):  # type: ignore[call-overload]
        grouped.setdefault(person_id, []).append((str(pair[0]), str(pair[1])))
    return grouped

"""Finds or makes the citizen behind a contact point: one person over all channels."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.errors import NotFoundError
from app.core.text import words
from app.people.models import ContactKind, ContactPoint, Person

LONGEST_NAME = 200
"""of a person; senders write longer ones, which PostgreSQL would refuse with the whole mail"""


def find_contact(session: Session, kind: ContactKind, value: str) -> ContactPoint | None:
    """The contact point with its person, or None; by mail address or number, as a postal address may be many's."""
    query = select(ContactPoint).options(joinedload(ContactPoint.person))
    return session.scalar(query.where(ContactPoint.kind == kind, ContactPoint.value == value))


def contact_id(session: Session, kind: ContactKind, value: str) -> int | None:
    """The id of the contact point, or None; by mail address or number."""
    return session.scalar(select(ContactPoint.id).where(ContactPoint.kind == kind, ContactPoint.value == value))


def address_lines(text: str) -> str:
    """A postal address as it is kept: a line each, whether it was written with line breaks or with commas."""
    return "\n".join(line for part in re.split(r"[\n,]", text) if (line := " ".join(part.split())))


def recognise(session: Session, contacts: Mapping[ContactKind, str], *, name: str) -> Person | None:
    """Who has one of the contacts; a postal address, where several may live, counts only with the name."""
    reachable = [(kind, value) for kind, value in contacts.items() if kind is not ContactKind.POSTAL]
    found = (find_contact(session, kind, value) for kind, value in reachable)
    person = next((contact.person for contact in found if contact is not None), None)
    if person is None and (address := contacts.get(ContactKind.POSTAL)):
        return _resident(session, address, name)
    return person


def _resident(session: Session, address: str, name: str) -> Person | None:
    query = select(Person).join(ContactPoint, ContactPoint.person_id == Person.id)
    at_home = query.where(ContactPoint.kind == ContactKind.POSTAL, ContactPoint.value == address)
    return next((person for person in session.scalars(at_home.limit(50)) if words(person.name) == words(name)), None)


def contact_of(
    session: Session, kind: ContactKind, value: str, *, name: str, at: datetime, language: str | None = None
) -> ContactPoint:
    """The contact point of `value`; an unknown one starts a new person with this name and language."""
    known, name = find_contact(session, kind, value), name[:LONGEST_NAME]
    if known is not None:
        known.person.name = known.person.name or name
        known.person.language = known.person.language or language
        return known
    person = Person(name=name, language=language, created_at=at)
    contact = ContactPoint(person=person, kind=kind, value=value, created_at=at)
    session.add_all([person, contact])
    session.flush()
    return contact


def add_contact(
    session: Session, person_id: int, kind: ContactKind, value: str, *, at: datetime
) -> ContactPoint | None:
    """A further contact point of a person; None when it belongs to somebody else already. Many may share a home."""
    if kind is ContactKind.POSTAL:
        query = select(ContactPoint).where(ContactPoint.kind == kind, ContactPoint.value == value)
        known = session.scalar(query.where(ContactPoint.person_id == person_id).limit(1))
    else:
        known = find_contact(session, kind, value)
    if known is not None:
        return known if known.person_id == person_id else None
    contact = ContactPoint(person_id=person_id, kind=kind, value=value, created_at=at)
    session.add(contact)
    session.flush()
    return contact


def held(session: Session, person_ids: Collection[int]) -> dict[int, Person]:
    """The persons as they are once they are held against other writers, always in the order of their numbers."""
    query = select(Person).where(Person.id.in_(sorted(person_ids))).order_by(Person.id).with_for_update()
    found = {person.id: person for person in session.scalars(query.execution_options(populate_existing=True))}
    if set(person_ids) - found.keys():
        raise NotFoundError("There is no such citizen.")
    return found


def addresses(session: Session, person_id: int, kind: ContactKind) -> list[str]:
    """A person's contact points of one kind, the newest last."""
    query = select(ContactPoint.value).where(ContactPoint.person_id == person_id, ContactPoint.kind == kind)
    return list(session.scalars(query.order_by(ContactPoint.id)))

"""Finds or makes the citizen behind a contact point: one person over all channels."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.people.models import ContactKind, ContactPoint, Person

LONGEST_NAME = 200
"""of a person; senders write longer ones, which PostgreSQL would refuse with the whole mail"""


def find_contact(session: Session, kind: ContactKind, value: str) -> ContactPoint | None:
    """The contact point with its person, or None."""
    query = select(ContactPoint).options(joinedload(ContactPoint.person))
    return session.scalar(query.where(ContactPoint.kind == kind, ContactPoint.value == value))


def contact_of(session: Session, kind: ContactKind, value: str, *, name: str, at: datetime) -> ContactPoint:
    """The contact point of `value`; an unknown one starts a new person with this name."""
    known, name = find_contact(session, kind, value), name[:LONGEST_NAME]
    if known is not None:
        known.person.name = known.person.name or name
        return known
    person = Person(name=name, language=None, created_at=at)
    contact = ContactPoint(person=person, kind=kind, value=value, created_at=at)
    session.add_all([person, contact])
    session.flush()
    return contact


def add_contact(
    session: Session, person_id: int, kind: ContactKind, value: str, *, at: datetime
) -> ContactPoint | None:
    """A further contact point of a person; None when it belongs to somebody else already."""
    known = find_contact(session, kind, value)
    if known is not None:
        return known if known.person_id == person_id else None
    contact = ContactPoint(person_id=person_id, kind=kind, value=value, created_at=at)
    session.add(contact)
    session.flush()
    return contact


def addresses(session: Session, person_id: int, kind: ContactKind) -> list[str]:
    """A person's contact points of one kind, the newest last."""
    query = select(ContactPoint.value).where(ContactPoint.person_id == person_id, ContactPoint.kind == kind)
    return list(session.scalars(query.order_by(ContactPoint.id)))

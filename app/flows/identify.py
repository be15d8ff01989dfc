"""An agent says who a ticket's citizen is: by an address or number that we know, or a new person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.record import record
from app.people import service as people
from app.people.models import ContactKind, Person
from app.screens.access import workable
from app.texts.catalogue import N_
from app.tickets.models import Ticket
from channels.phone.numbers import normalise_number


@dataclass(frozen=True)
class Identity:
    """What is known of the citizen; empty fields say nothing."""

    name: str = ""
    email: str = ""
    phone: str = ""
    postal: str = ""


def identify(system: System, viewer: Viewer, reference: str, identity: Identity) -> None:
    """The ticket's citizen, one person over all channels. Raises InvalidInputError naming each faulty field."""
    contacts = _contacts(identity)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        at = clock.now()
        person = _person(session, ticket, identity, contacts, at)
        for kind, value in contacts.items():
            if people.add_contact(session, person.id, kind, value, at=at) is None:
                raise InvalidInputError({kind.value: "This belongs to another citizen already."})
        ticket.person_id = person.id
        audit.note(session, "identified", at=at, user_id=viewer.user_id, ticket_id=ticket.id, person=person.id)
        record(session, ticket, ())


def _person(
    session: Session, ticket: Ticket, identity: Identity, contacts: dict[ContactKind, str], at: datetime
) -> Person:
    """The ticket's person, else the one known by a contact, else a new one."""
    person = session.get(Person, ticket.person_id) if ticket.person_id else None
    for kind, value in contacts.items():
        known = people.find_contact(session, kind, value) if person is None else None
        person = known.person if known else person
    if person is None:
        person = Person(name="", language=ticket.language, created_at=at)
        session.add(person)
    person.name = identity.name.strip()[:200] or person.name
    session.flush()
    return person


def _contacts(identity: Identity) -> dict[ContactKind, str]:
    faults, contacts = {}, {}
    if not any((identity.name.strip(), identity.email, identity.phone, identity.postal)):
        faults["name"] = N_("Write at least a name.")
    if email := identity.email.strip().lower():
        if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
            faults["email"] = N_("Write an address such as name@example.org.")
        contacts[ContactKind.EMAIL] = email[:255]
    if identity.phone.strip():
        number = normalise_number(identity.phone)
        if number is None:
            faults["phone"] = N_("Write a telephone number such as 070-174 06 05.")
        contacts[ContactKind.PHONE] = number or ""
    if postal := "\n".join(line.strip() for line in identity.postal.splitlines() if line.strip()):
        contacts[ContactKind.POSTAL] = postal[:400]
    if faults:
        raise InvalidInputError(faults)
    return contacts

"""An agent says who a ticket's citizen is: by an address or number that we know, or a new person.

A caller whose number was new got a person of their own; told that it is a citizen we know, that citizen takes over the
number and its calls, so that one citizen stays one person over all channels.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import Unit
from app.accounts.policy import Viewer, may_see_person
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.contacts import Identity, contacts_of, keep_contacts
from app.flows.record import record
from app.flows.unite import hand_over
from app.people import service as people
from app.people.models import ContactKind, ContactPoint, Person
from app.screens.access import workable
from app.texts.catalogue import N_
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.service import Doer
from channels.phone.numbers import region_of


def identify(system: System, viewer: Viewer, reference: str, identity: Identity) -> None:
    """The ticket's citizen, one person over all channels. Raises InvalidInputError naming each faulty field."""
    if not any((identity.name.strip(), identity.email, identity.phone, identity.postal)):
        raise InvalidInputError({"name": N_("Write at least a name.")})
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        unit = session.get_one(Unit, ticket.unit_id)
        contacts = contacts_of(identity, region=region_of(unit.phone) or system.settings.phone_region)
        at = clock.now()
        person = _person(session, viewer, ticket, identity, contacts, at)
        keep_contacts(session, person, contacts)
        audit.note(session, "identified", at=at, user_id=viewer.user_id, ticket_id=ticket.id, person=person.id)
        record(session, ticket, service.identify(ticket, Doer(viewer.user_id, at), person_id=person.id))


def _person(
    session: Session,
    viewer: Viewer,
    ticket: Ticket,
    identity: Identity,
    contacts: dict[ContactKind, str],
    at: datetime,
) -> Person:
    """The citizen known by a contact, else the ticket's person, else a new one. A citizen we know keeps their name.

    Somebody who has written mails stays a citizen of their own: their answers must reach nobody else.
    """
    current = session.get(Person, ticket.person_id) if ticket.person_id else None
    name = identity.name.strip()[:200]
    known = people.recognise(session, contacts, name=name)
    if known is not None and not may_see_person(viewer, known.id, known.protection):
        known = None
    if known is not None and known is not current and (current is None or not _has_written(session, current)):
        if current is not None:
            hand_over(session, current, known)
            current.merged_into = known.id
        known.name = known.name or name
        return known
    person = current or Person(name="", language=ticket.language, created_at=at)
    session.add(person)
    person.name = name or person.name
    session.flush()
    return person


def _has_written(session: Session, person: Person) -> bool:
    """Whether the person is known by a mail address; a number or a postal address alone came from us or by a call."""
    kinds = session.scalars(select(ContactPoint.kind).where(ContactPoint.person_id == person.id))
    return ContactKind.EMAIL in set(kinds)

"""What is kept of a citizen: name, language, and the addresses and numbers by which they are reached."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.contacts import Identity, contacts_of, keep_contacts
from app.people import service as people
from app.people.models import ContactPoint, Person, Protection
from app.screens.access import citizen
from app.texts.catalogue import N_, SUPPORTED


def describe(system: System, viewer: Viewer, person_id: int, *, name: str, language: str) -> None:
    """Keep the citizen's name and the language of their answers. Raises InvalidInputError, and as `access.citizen`."""
    if language and language not in SUPPORTED:
        raise InvalidInputError({"language": N_("Choose one of the languages.")})
    with system.db.begin() as session:
        person = citizen(session, viewer, person_id)
        person.name, person.language = " ".join(name.split())[: people.LONGEST_NAME], language or None
        _note(session, viewer, "citizen_described", person)


def add_contact(system: System, viewer: Viewer, person_id: int, told: Identity, *, region: str) -> None:
    """Keep further addresses or numbers. Raises InvalidInputError naming each faulty field, and as `access.citizen`."""
    contacts = contacts_of(told, region=region)
    if not contacts:
        raise InvalidInputError({"email": N_("Write an address or a number.")})
    with system.db.begin() as session:
        person = citizen(session, viewer, person_id)
        if told.postal and person.protection == Protection.REGISTRATION:
            raise InvalidInputError({"postal": N_("No address of this citizen may be kept.")})
        keep_contacts(session, person, contacts)
        _note(session, viewer, "contact_added", person)


def remove_contact(system: System, viewer: Viewer, person_id: int, contact_id: int) -> None:
    """Forget an address or number that is not theirs; messages keep what is written on them. Raises NotFoundError."""
    with system.db.begin() as session:
        person = citizen(session, viewer, person_id)
        contact = session.get(ContactPoint, contact_id)
        if contact is None or contact.person_id != person.id:
            raise NotFoundError("There is no such address.")
        session.delete(contact)
        _note(session, viewer, "contact_removed", person)


def _note(session: Session, viewer: Viewer, action: str, person: Person) -> None:
    audit.note(session, action, at=clock.now(), user_id=viewer.user_id, person=person.id)

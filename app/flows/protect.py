"""Protected identity: who marks it, who may open what belongs to such a citizen, and the trace that each look leaves.

Offentlighets- och sekretesslag 21 kap. 3 § and folkbokföringslag 16 § in Sweden, laki väestötietojärjestelmästä 36 § in
Finland: most leaks come from staff who did not know, so the mark hides everything until a named person gives a reason.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import changes, clock
from app.core.changes import ChangeKind
from app.core.errors import ForbiddenError, InvalidInputError
from app.core.system import System
from app.people.models import ContactKind, Person, Protection
from app.screens.access import PROTECTED_OPENED, ProtectedIdentityError, citizen
from app.texts.catalogue import N_
from app.tickets.models import Ticket
from app.tickets.states import State

SHORTEST_REASON = 10
LOOKED_AT = "protected_seen"


def protect(system: System, viewer: Viewer, person_id: int, *, kind: str, reason: str) -> None:
    """Mark the identity as protected; whoever sees the citizen may, as it is the safe way. Raises InvalidInputError."""
    if kind not in set(Protection):
        raise InvalidInputError({"kind": N_("Choose which protection it is.")})
    said = _long_enough(reason)
    with system.db.begin() as session:
        person = citizen(session, viewer, person_id)
        person.protection = kind
        if kind == Protection.REGISTRATION:
            for contact in [contact for contact in person.contacts if contact.kind == ContactKind.POSTAL]:
                session.delete(contact)
        audit.note(
            session, "protected", at=clock.now(), user_id=viewer.user_id, reason=said, person=person_id, kind=kind
        )
        _announce(session, person)


def unprotect(system: System, viewer: Viewer, person_id: int, *, reason: str) -> None:
    """The protection has ended; only a named person who has opened the citizen says so. Raises ForbiddenError."""
    said = _long_enough(reason)
    with system.db.begin() as session:
        person = citizen(session, viewer, person_id)
        if not viewer.sees_protected:
            raise ForbiddenError(N_("Only a person named for protected identities may do this."))
        person.protection = ""
        audit.note(session, "unprotected", at=clock.now(), user_id=viewer.user_id, reason=said, person=person_id)
        _announce(session, person)


def open_protected(system: System, viewer: Viewer, person_id: int, *, reason: str, login_id: int) -> None:
    """A named person sees the citizen until the log-in `login_id` ends. Raises InvalidInputError, ForbiddenError."""
    if not viewer.sees_protected:
        raise ForbiddenError(N_("Only a person named for protected identities may do this."))
    said = _long_enough(reason)
    with system.db.begin() as session:
        try:
            citizen(session, viewer, person_id)
        except ProtectedIdentityError:
            audit.note(
                session,
                PROTECTED_OPENED,
                at=clock.now(),
                user_id=viewer.user_id,
                reason=said,
                person=person_id,
                login=login_id,
            )


def note_look(system: System, viewer: Viewer, person: Person, *, ticket_id: int | None = None) -> None:
    """Write that a page of a citizen with protected identity was looked at; for any other citizen nothing."""
    if not person.protection:
        return
    with system.db.begin() as session:
        audit.note(session, LOOKED_AT, at=clock.now(), user_id=viewer.user_id, ticket_id=ticket_id, person=person.id)


def _long_enough(reason: str) -> str:
    said = " ".join(reason.split())[:400]
    if len(said) < SHORTEST_REASON:
        raise InvalidInputError({"reason": N_("Say why in a few words.")})
    return said


def _announce(session: Session, person: Person) -> None:
    """The lists of every desk that shows an open ticket of the citizen."""
    query = select(Ticket.id, Ticket.unit_id).where(Ticket.person_id == person.id, Ticket.state != State.RESOLVED)
    for ticket_id, unit_id in session.execute(query):
        changes.announce(session, ChangeKind.TICKET, unit_id=unit_id, ticket_id=ticket_id)

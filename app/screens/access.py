"""Opens a ticket for a person, or says that there is none: what is not theirs does not exist for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts import policy
from app.accounts.models import AuditEntry
from app.accounts.policy import Viewer
from app.accounts.sessions import Found
from app.core.db import among, once
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.people.models import Person
from app.sla.models import StintRow
from app.texts.catalogue import N_
from app.tickets import queries
from app.tickets.models import Ticket
from app.tickets.seen import demand_unchanged

NOTHING: Mapping[str, str] = MappingProxyType({})
TICKET_OPENED = "ticket_opened"
"""the audit trail's word for an administrator who reads a ticket of a unit that is not theirs"""
PROTECTED_OPENED = "protected_opened"
"""its word for a named person who opens what belongs to a citizen of protected identity"""


class ProtectedIdentityError(ForbiddenError):
    """The citizen's identity is protected: only named persons see it, and only with a reason that is kept."""

    def __init__(self, person_id: int) -> None:
        super().__init__(N_("The citizen's identity is protected."))
        self.person_id = person_id


def readable(session: Session, viewer: Viewer, reference: str) -> Ticket:
    """The ticket, if the person may read it.

    Raises NotFoundError otherwise, as for a ticket that is not, and ProtectedIdentityError.
    """
    ticket = queries.by_reference(session, reference)
    held_by = _holders(session, ticket.id) if ticket.unit_id not in viewer.units else ()
    if not policy.may_read(viewer, ticket.id, holder=ticket.unit_id, held_by=held_by):
        raise NotFoundError("There is no such ticket.")
    demand_cleared(session, viewer, ticket.person_id)
    return ticket


def demand_cleared(session: Session, viewer: Viewer, person_id: int | None) -> None:
    """Raise ProtectedIdentityError unless the person may see who the citizen is."""
    if person_id is None:
        return
    person = once(session, ("person", person_id), lambda: session.get(Person, person_id))
    if person is not None and not policy.may_see_person(viewer, person.id, person.protection):
        raise ProtectedIdentityError(person.id)


def citizen(session: Session, viewer: Viewer, person_id: int) -> Person:
    """The citizen, if a ticket of theirs is the person's to read, or there is none at all yet.

    Raises NotFoundError, ProtectedIdentityError.
    """
    person = session.get(Person, person_id)
    if person is None or not viewer.units:
        raise NotFoundError("There is no such citizen.")
    theirs = select(Ticket.id).where(Ticket.person_id == person_id)
    if not session.scalar(theirs.where(is_theirs(viewer)).limit(1)) and session.scalar(theirs.limit(1)):
        raise NotFoundError("There is no such citizen.")
    demand_cleared(session, viewer, person_id)
    return person


def workable(session: Session, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> Ticket:
    """The ticket, held for writing, if the person may work on it and its fields are as they saw them (`tickets.seen`).

    Raises NotFoundError, ForbiddenError, ChangedMeanwhileError, or ConflictError for one that was merged.
    """
    ticket = queries.locked(session, readable(session, viewer, reference).id)
    _demand_work(viewer, ticket)
    demand_unchanged(ticket, seen)
    return ticket


def worked_on(session: Session, viewer: Viewer, reference: str) -> Ticket:
    """The ticket, not held, if the person may work on it: for what stands beside it. Raises as `workable` does."""
    ticket = readable(session, viewer, reference)
    _demand_work(viewer, ticket)
    return ticket


def recallable(session: Session, viewer: Viewer, reference: str, *, home: int) -> Ticket:
    """The ticket, held for writing, that the person moved away from unit `home` and may fetch back there.

    They must work in `home`, not where it is now: that nobody there has touched it is the caller's to see.
    Raises ForbiddenError, ProtectedIdentityError, or ConflictError for one that was merged.
    """
    if not policy.may_work(viewer, holder=home):
        raise ForbiddenError(N_("You no longer work in the unit that it came from."))
    ticket = queries.locked(session, queries.by_reference(session, reference).id)
    demand_cleared(session, viewer, ticket.person_id)
    _demand_unmerged(ticket)
    return ticket


def _demand_work(viewer: Viewer, ticket: Ticket) -> None:
    _demand_unmerged(ticket)
    if not policy.may_work(viewer, holder=ticket.unit_id):
        raise ForbiddenError("Another unit holds this ticket: you can read it but not change it.")


def _demand_unmerged(ticket: Ticket) -> None:
    if ticket.merged_into is not None:
        raise ConflictError(N_("This ticket was merged into another one. Go on there."))


def may_read(viewer: Viewer) -> ColumnElement[bool]:
    """The rights of `readable` as SQL over `Ticket`: what the person's units hold or held, and what is opened.

    Asked of each ticket that is looked at: a list of all that the units ever held would grow for ever.
    """
    asker = aliased(Person)  # the query around this may ask for persons too
    hidden = exists().where(asker.id == Ticket.person_id, asker.protection != "")
    return is_theirs(viewer) & ~(hidden.where(asker.id.not_in(sorted(viewer.cleared))) if viewer.cleared else hidden)


def is_theirs(viewer: Viewer) -> ColumnElement[bool]:
    """The rights of `policy.may_read` as SQL, whoever the citizen is."""
    held = exists().where(StintRow.ticket_id == Ticket.id, among(StintRow.unit_id, viewer.units))
    mine = or_(among(Ticket.unit_id, viewer.units), held) if viewer.units else false()
    return or_(mine, Ticket.id.in_(sorted(viewer.opened))) if viewer.opened else mine


def cleared_people(session: Session, login: Found) -> frozenset[int]:
    """The citizens of protected identity that a named person has opened with a reason since this log-in."""
    query = select(AuditEntry.data).where(
        AuditEntry.user_id == login.user_id, AuditEntry.action == PROTECTED_OPENED, AuditEntry.at >= login.created_at
    )
    return frozenset(data["person"] for data in session.scalars(query) if data.get("login") == login.id)


def opened_tickets(session: Session, login: Found) -> frozenset[int]:
    """The tickets that an administrator has opened with a reason since this log-in, as the audit trail says."""
    query = select(AuditEntry.ticket_id, AuditEntry.data).where(
        AuditEntry.user_id == login.user_id, AuditEntry.action == TICKET_OPENED, AuditEntry.at >= login.created_at
    )
    rows = session.execute(query)
    return frozenset(ticket_id for ticket_id, data in rows if ticket_id is not None and data.get("login") == login.id)


def exists_for_administrator(session: Session, viewer: Viewer, reference: str) -> int:
    """The id of a ticket that an administrator may ask to read. Raises NotFoundError, for anybody else always."""
    if not viewer.is_admin:
        raise NotFoundError("There is no such ticket.")
    return queries.by_reference(session, reference).id


def _holders(session: Session, ticket_id: int) -> frozenset[int]:
    return frozenset(session.scalars(select(StintRow.unit_id).where(StintRow.ticket_id == ticket_id)))

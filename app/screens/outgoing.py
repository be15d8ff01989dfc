"""What waits to leave, what did not arrive and why, and which addresses nothing is sent to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.policy import Viewer
from app.core.db import among
from app.outbox.models import NEEDS_PERSON, Delivery, FailingAddress, OutboxRow
from app.people.models import ContactKind, ContactPoint, Person
from app.tickets.events import EventKind
from app.tickets.models import Event, Ticket

PAGE = 50
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class OutgoingMail:
    """A mail of the outbox and the ticket it belongs to."""

    row: OutboxRow
    reference: str
    subject: str
    is_protected: bool = False
    """of a citizen whose identity is protected: neither address nor subject is for the page"""


@dataclass(frozen=True)
class OutgoingPage:
    """What a person's units have to see to, what waits, which addresses take no mail, and receipts withheld by reason.

    `withheld` counts the last seven days.
    """

    needing: tuple[OutgoingMail, ...]
    waiting: tuple[OutgoingMail, ...]
    addresses: tuple[FailingAddress, ...]
    withheld: dict[str, int]


def read_outgoing(session: Session, viewer: Viewer, *, now: datetime) -> OutgoingPage:
    """The page in four queries, for the units the person works in."""
    needing = _mails(viewer).where(NEEDS_PERSON).order_by(OutboxRow.id.desc())
    waiting = _mails(viewer).where(OutboxRow.state.in_((Delivery.QUEUED, Delivery.CLAIMED)))
    return OutgoingPage(
        _read(session, needing),
        _read(session, waiting.order_by(OutboxRow.not_before, OutboxRow.id)),
        tuple(session.scalars(_addresses(viewer))),
        _withheld(session, viewer, since=now - WEEK),
    )


def count_needing(viewer: Viewer) -> ScalarSelect[int]:
    """How many mails of the person's units somebody must see to, at most 99, as a part of a query."""
    found = select(OutboxRow.id).where(NEEDS_PERSON, _is_theirs(viewer)).limit(99).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _is_theirs(viewer: Viewer) -> ColumnElement[bool]:
    """Asked of each mail: the few that matter are found first, not all tickets of the units and then their mails."""
    theirs = aliased(Ticket)
    return exists().where(theirs.id == OutboxRow.ticket_id, among(theirs.unit_id, viewer.units))


def _mails(viewer: Viewer) -> Select[OutboxRow, str, str, bool]:
    is_protected = func.coalesce(Person.protection, "") != ""
    query = select(OutboxRow, Ticket.reference, Ticket.subject, is_protected)
    query = query.join(Ticket, Ticket.id == OutboxRow.ticket_id).outerjoin(Person, Person.id == Ticket.person_id)
    return query.where(_is_theirs(viewer))


def _read(session: Session, query: Select[OutboxRow, str, str, bool]) -> tuple[OutgoingMail, ...]:
    return tuple(OutgoingMail(*found) for found in session.execute(query.limit(PAGE)))


def _addresses(viewer: Viewer) -> Select[FailingAddress]:
    """Of citizens who have a ticket in the person's units."""
    theirs = (
        select(ContactPoint.value)
        .join(Person, Person.id == ContactPoint.person_id)
        .join(Ticket, Ticket.person_id == Person.id)
        .where(ContactPoint.kind == ContactKind.EMAIL, ContactPoint.value == FailingAddress.address)
        .where(Ticket.unit_id.in_(sorted(viewer.units)), Person.protection == "")
    )
    suppressed = select(FailingAddress).where(FailingAddress.suppressed_at.is_not(None), theirs.exists())
    return suppressed.order_by(FailingAddress.suppressed_at.desc(), FailingAddress.id.desc()).limit(PAGE)


def _withheld(session: Session, viewer: Viewer, *, since: datetime) -> dict[str, int]:
    query = (
        select(Event.reason, func.count())
        .where(Event.kind == EventKind.ACKNOWLEDGEMENT_WITHHELD, Event.recorded_at >= since)
        .where(exists().where(Ticket.id == Event.ticket_id, Ticket.unit_id.in_(sorted(viewer.units))))
        .group_by(Event.reason)
    )
    return {str(reason): int(count) for reason, count in session.execute(query)}

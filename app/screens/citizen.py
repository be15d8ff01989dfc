"""The card of a citizen: how they are reached, their tickets over all channels, and who was merged into them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.calls.models import Call, CallState
from app.core.errors import InvalidInputError, NotFoundError
from app.outbox import suppression
from app.people import service as people
from app.people.models import ContactKind, ContactPoint, Person, PersonMerge
from app.screens import access
from app.screens.directory import names_of
from app.texts.catalogue import N_
from app.tickets.models import Ticket
from channels.phone.numbers import normalise_number

PAGE = 50
MOST_CALLS = 10


@dataclass(frozen=True)
class CitizenTicket:
    """One line of the card."""

    id: int
    reference: str
    subject: str
    state: str
    channel: str
    unit_id: int
    arrived_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Merge:
    """A duplicate that was merged into the citizen and can be taken out again."""

    id: int
    name: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True)
class CitizenCard:
    """The card; `tickets` are those that the person may read, newest first, `after` is None on the last page."""

    person: Person
    contacts: tuple[ContactPoint, ...]
    suppressed: frozenset[str]
    """addresses that mail came back from"""
    tickets: tuple[CitizenTicket, ...]
    after: int | None
    calls: tuple[Call, ...]
    """calls to the person's units that nobody answered"""
    merges: tuple[Merge, ...]


def read_citizen(session: Session, viewer: Viewer, person_id: int, *, after: int | None = None) -> CitizenCard:
    """The card in seven queries; `after` is the ticket that the page before ended with.

    Raises NotFoundError, ProtectedIdentityError.
    """
    person = access.citizen(session, viewer, person_id)
    contacts = tuple(person.contacts)
    found = _tickets(session, viewer, person_id, after)
    return CitizenCard(
        person=person,
        contacts=contacts,
        suppressed=suppression.suppressed_of(session, [row.value for row in contacts]),
        tickets=tuple(found[:PAGE]),
        after=found[PAGE - 1].id if len(found) > PAGE else None,
        calls=_missed_calls(session, viewer, person_id),
        merges=_merges(session, person_id),
    )


def survivor_of(session: Session, person_id: int) -> int:
    """The number of the person that this one turned out to be, through all merges; itself for one never merged."""
    seen: set[int] = set()
    while person_id not in seen:
        seen.add(person_id)
        into = session.scalar(select(Person.merged_into).where(Person.id == person_id))
        if into is None:
            break
        person_id = into
    return person_id


def find_citizen(session: Session, viewer: Viewer, said: str, *, region: str) -> int:
    """Whom a ticket number, mail address or telephone number belongs to. Raises InvalidInputError naming `other`."""
    said = said.strip()
    if "@" in said:
        contact = people.find_contact(session, ContactKind.EMAIL, said.lower()[:255])
        found = contact.person_id if contact else None
    else:
        found = _of_ticket(session, viewer, said) or _of_number(session, said, region)
    if found is None:
        raise InvalidInputError({"other": N_("Nobody is known by this ticket number, mail address or telephone.")})
    return found


def _of_ticket(session: Session, viewer: Viewer, said: str) -> int | None:
    try:
        return access.readable(session, viewer, said).person_id
    except NotFoundError:
        return None


def _of_number(session: Session, said: str, region: str) -> int | None:
    number = normalise_number(said, region)
    contact = people.find_contact(session, ContactKind.PHONE, number) if number else None
    return contact.person_id if contact else None


def _tickets(session: Session, viewer: Viewer, person_id: int, after: int | None) -> list[CitizenTicket]:
    columns = (
        Ticket.id,
        Ticket.reference,
        Ticket.subject,
        Ticket.state,
        Ticket.channel,
        Ticket.unit_id,
        Ticket.arrived_at,
        Ticket.changed_at,
    )
    query = select(*columns).where(Ticket.person_id == person_id, Ticket.merged_into.is_(None), access.may_read(viewer))
    if after is not None:
        query = query.where(Ticket.id < after)
    rows = session.execute(query.order_by(Ticket.id.desc()).limit(PAGE + 1))
    return [CitizenTicket(*row) for row in rows]


def _missed_calls(session: Session, viewer: Viewer, person_id: int) -> tuple[Call, ...]:
    query = select(Call).where(Call.person_id == person_id, Call.state == CallState.ABANDONED)
    mine = query.where(Call.unit_id.in_(sorted(viewer.units)))
    return tuple(session.scalars(mine.order_by(Call.rang_at.desc()).limit(MOST_CALLS)))


def _merges(session: Session, person_id: int) -> tuple[Merge, ...]:
    query = (
        select(PersonMerge, Person.name)
        .join(Person, Person.id == PersonMerge.gone_id)
        .where(PersonMerge.kept_id == person_id, PersonMerge.undone_at.is_(None), Person.merged_into == person_id)
        .order_by(PersonMerge.at.desc())
    )
    found = [(row, name) for row, name in session.execute(query)]
    names = names_of(session, {row.user_id for row, _ in found})
    return tuple(Merge(row.id, name, row.reason, row.at, names.get(row.user_id, "")) for row, name in found)

"""The list as a table: the columns that the person chose, in the order they chose, to pick tickets from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.accounts.models import Unit, User
from app.accounts.policy import Viewer
from app.people.models import Person
from app.screens.clock_face import ClockFace, face
from app.screens.ticket_filter import TicketFilter, conditions, seen_at
from app.tickets.models import Ticket, Topic

PAGE = 100
LAST_PAGE = 50
"""beyond it a filter helps more than turning pages does"""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One ticket; of a citizen of protected identity neither the name nor what they wrote."""

    id: int
    reference: str
    subject: str
    state: str
    channel: str
    language: str | None
    unit_id: int
    topic: Topic | None
    person: str
    assignee: str
    arrived_at: datetime
    changed_at: datetime
    clock: ClockFace
    is_protected: bool


@dataclass(frozen=True)
class TicketTable:
    """A page of the table; `total` counts the whole of it."""

    rows: tuple[TableRow, ...]
    total: int
    page: int

    @property
    def has_more(self) -> bool:
        return self.total > self.page * PAGE and self.page < LAST_PAGE


_SORTED_BY: dict[str, InstrumentedAttribute[Any]] = {
    "due": Ticket.order_at,
    "subject": Ticket.subject,
    "citizen": Person.name,
    "state": Ticket.state,
    "channel": Ticket.channel,
    "assignee": User.name,
    "unit": Unit.key,
    "arrived": Ticket.arrived_at,
    "changed": Ticket.changed_at,
}


_SHOWN = (
    Ticket.id,
    Ticket.reference,
    Ticket.subject,
    Ticket.state,
    Ticket.channel,
    Ticket.language,
    Ticket.unit_id,
    Ticket.arrived_at,
    Ticket.changed_at,
    Ticket.due_at,
    Ticket.soon_at,
    Ticket.clock_metric,
    Ticket.clock_result,
)
"""plain columns: a hundred whole tickets cost five times as much to make"""


def read_table(session: Session, wanted: TicketFilter, viewer: Viewer, *, now: datetime, page: int = 1) -> TicketTable:
    """A page of the table in two queries. Raises NotFoundError for a filter not theirs."""
    chosen = conditions(session, wanted, viewer)
    page = max(1, min(page, LAST_PAGE))
    topic = aliased(Topic)
    query = (
        select(*_SHOWN, topic, Person.name, func.coalesce(Person.protection, ""), User.name)
        .join(Unit, Unit.id == Ticket.unit_id)
        .outerjoin(topic, topic.id == Ticket.topic_id)
        .outerjoin(Person, Person.id == Ticket.person_id)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .where(*chosen)
        .order_by(*_order(wanted))
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    rows = tuple(_row(found, now=now) for found in session.execute(query, seen_at(now)))
    total = session.scalar(select(func.count(Ticket.id)).where(*chosen), seen_at(now))
    return TicketTable(rows, total or 0, page)


def _order(wanted: TicketFilter) -> list[Any]:
    """What was resolved or reported is too much to sort by anything but its last change, which has an index."""
    name, is_down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    if wanted.by_change:
        name, is_down = "changed", wanted.sort != "changed"
    column = _SORTED_BY.get(name, Ticket.order_at)
    return [column.desc(), Ticket.id.desc()] if is_down else [column, Ticket.id]


def _row(ticket: Row[*tuple[Any, ...]], *, now: datetime) -> TableRow:
    topic, person, protection, assignee = ticket[len(_SHOWN) :]
    return TableRow(
        id=ticket.id,
        reference=ticket.reference,
        subject="" if protection else ticket.subject,
        state=ticket.state,
        channel=ticket.channel,
        language=ticket.language,
        unit_id=ticket.unit_id,
        topic=topic,
        person="" if protection else person or "",
        assignee=assignee or "",
        arrived_at=ticket.arrived_at,
        changed_at=ticket.changed_at,
        clock=face(ticket.due_at, ticket.soon_at, ticket.clock_metric, ticket.clock_result, now=now),
        is_protected=bool(protection),
    )

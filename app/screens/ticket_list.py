"""The list of tickets as the desk shows it: in the order in which they are due, in groups, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.policy import Viewer
from app.core.db import UtcDateTime, rows
from app.people.models import Person
from app.screens.clock_face import ClockFace, face
from app.screens.ticket_filter import TicketFilter, conditions, seen_at
from app.screens.ticket_groups import Group, Times, counts_in_sql, counts_of
from app.sla.service import NEVER
from app.tickets.models import Ticket

PAGE = 50
MOST_COUNTED = 1000
Columns = Select[*tuple[Any, ...]]
Counting = Select[*tuple[int, ...]]


class TicketRow(NamedTuple):
    """One line of a list; of a citizen of protected identity it tells neither the name nor what they wrote."""

    clock: ClockFace
    id: int
    reference: str
    subject: str
    state: str
    channel: str
    language: str | None
    unit_id: int
    person: str
    assignee_id: int | None
    assignee: str
    changed_at: datetime
    is_protected: bool = False


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: after this instant and id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor of an address; None for none or for one that nobody made."""
        at, _, number = text.partition("~")
        try:
            found = cls(datetime.fromisoformat(at), int(number))
        except ValueError:
            return None
        return found if found.at.tzinfo and 0 <= found.id < 2**31 else None


@dataclass(frozen=True)
class Section:
    """Consecutive lines under one heading; `count` is how many the whole list has there."""

    group: Group
    count: int
    rows: tuple[TicketRow, ...]
    is_continued: bool = False


@dataclass(frozen=True)
class TicketList:
    """A page of a list; `total` counts the whole list, `after` is None on the last page.

    What is listed by change may be all that a unit ever did: it is counted up to `MOST_COUNTED`.
    """

    sections: tuple[Section, ...]
    total: int
    after: Cursor | None
    is_capped: bool = False


def read_list(
    session: Session,
    wanted: TicketFilter,
    viewer: Viewer,
    *,
    now: datetime,
    zone: ZoneInfo,
    after: Cursor | None = None,
) -> TicketList:
    """A page of the list in two queries, whatever its length. Raises NotFoundError for a filter not theirs."""
    times, asked = Times.at(now, zone), _asked(now, after)
    page, counting = _queries(session, wanted, viewer, is_first=after is None)
    counted = rows(session, counting, {**asked, **times.asked()}).one()
    counts = {Group.CHANGED: counted[0]} if wanted.by_change else counts_of(counted)
    found = [_row(row, now) for row in rows(session, page, asked)]
    shown = found[:PAGE]
    more = None
    if len(found) > PAGE:
        more = Cursor(shown[-1].changed_at if wanted.by_change else shown[-1].clock.due_at or NEVER, shown[-1].id)
    before = _group_before(after, times, by_change=wanted.by_change)
    sections = tuple(_sections(shown, times, counts, before, by_change=wanted.by_change))
    total = sum(counts.values())
    return TicketList(sections, total, more, is_capped=wanted.by_change and total == MOST_COUNTED)


def next_after(session: Session, wanted: TicketFilter, viewer: Viewer, ticket: Ticket, *, now: datetime) -> str | None:
    """The reference of what follows a ticket in a list, else of the list's first; None when it holds nothing else."""
    others = _columns().where(*conditions(session, wanted, viewer), Ticket.id != ticket.id)
    here = Cursor(ticket.changed_at if wanted.by_change else ticket.order_at, ticket.id)
    for after in (here, None):
        query = _ordered(others, by_change=wanted.by_change, is_first=after is None)
        row = rows(session, query.limit(1), _asked(now, after)).first()
        if row is not None:
            return str(row.reference)
    return None


def _sections(
    shown: list[TicketRow], times: Times, counts: dict[Group, int], before: Group | None, *, by_change: bool
) -> list[Section]:
    def group_of(row: TicketRow) -> Group:
        return Group.CHANGED if by_change else times.group(row.clock.due_at)

    return [
        Section(group, counts.get(group, 0), tuple(members), is_continued=group == before)
        for group, members in groupby(shown, group_of)
    ]


def _group_before(after: Cursor | None, times: Times, *, by_change: bool) -> Group | None:
    if after is None:
        return None
    if by_change:
        return Group.CHANGED
    return times.group(after.at if after.at < NEVER else None)


def _columns() -> Columns:
    return (
        select(
            Ticket.id,
            Ticket.reference,
            Ticket.subject,
            Ticket.state,
            Ticket.channel,
            Ticket.language,
            Ticket.unit_id,
            func.coalesce(Person.name, "").label("person"),
            Ticket.assignee_id,
            func.coalesce(User.name, "").label("assignee"),
            Ticket.changed_at,
            func.coalesce(Person.protection, "").label("protection"),
            Ticket.due_at,
            Ticket.soon_at,
            Ticket.clock_metric,
            Ticket.clock_result,
        )
        .outerjoin(Person, Person.id == Ticket.person_id)
        .outerjoin(User, User.id == Ticket.assignee_id)
    )


def _row(found: Row[*tuple[Any, ...]], now: datetime) -> TicketRow:
    *plain, protection, due_at, soon_at, metric, result = found
    row = TicketRow(face(due_at, soon_at, metric, result, now=now), *plain)
    return row._replace(subject="", person="", is_protected=True) if protection else row


def _queries(session: Session, wanted: TicketFilter, viewer: Viewer, *, is_first: bool) -> tuple[Columns, Counting]:
    """The page of the list, and how many each group has."""
    if wanted.cell:
        return _built(wanted, conditions(session, wanted, viewer), is_first=is_first)
    return _kept(wanted, viewer, is_first)


@lru_cache(maxsize=512)
def _kept(wanted: TicketFilter, viewer: Viewer, is_first: bool) -> tuple[Columns, Counting]:
    """Building them takes longer than asking: what a person looks at is looked at again."""
    with Session() as unconnected:  # only a figure asks for more
        return _built(wanted, conditions(unconnected, wanted, viewer), is_first=is_first)


def _built(wanted: TicketFilter, chosen: list[ColumnElement[bool]], *, is_first: bool) -> tuple[Columns, Counting]:
    page = _ordered(_columns().where(*chosen), by_change=wanted.by_change, is_first=is_first).limit(PAGE + 1)
    if wanted.by_change:
        counted = select(Ticket.id).where(*chosen).limit(MOST_COUNTED).subquery()
        return page, select(func.count()).select_from(counted)
    return page, counts_in_sql().where(*chosen)


def _ordered(query: Columns, *, by_change: bool, is_first: bool) -> Columns:
    """The lines in their order, from the first one or after `after_at` and `after_id` on."""
    key = Ticket.changed_at if by_change else Ticket.order_at
    if not is_first:
        after_at, after_id = bindparam("after_at", type_=UtcDateTime()), bindparam("after_id", type_=Integer())
        beyond = key < after_at if by_change else key > after_at
        next_id = Ticket.id < after_id if by_change else Ticket.id > after_id
        query = query.where(or_(beyond, and_(key == after_at, next_id)))
    return query.order_by(key.desc(), Ticket.id.desc()) if by_change else query.order_by(key, Ticket.id)


def _asked(now: datetime, after: Cursor | None) -> dict[str, object]:
    return {**seen_at(now), **({"after_at": after.at, "after_id": after.id} if after else {})}

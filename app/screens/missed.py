"""What a person has missed: what others did to their tickets, and to those they follow, since they last looked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, bindparam, exists, func, select, union
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.db import UtcDateTime
from app.people.models import Person
from app.screens.access import is_theirs
from app.screens.directory import names_of
from app.screens.timeline import people_in
from app.tickets.events import EventKind
from app.tickets.following import KEPT, Mention, TicketFollower, TicketVisit
from app.tickets.models import Event, Ticket, Topic
from app.tickets.states import State

_Tickets = Select[*tuple[Any, ...]]
SEEN = func.coalesce(TicketVisit.event_id, 0)
SINCE = bindparam("news_since", type_=UtcDateTime())
MOST = 50
SHOWN = 5
"""newest lines of one ticket"""
SILENT = frozenset({EventKind.ACKNOWLEDGED, EventKind.DELIVERED, EventKind.CALL_ENDED, EventKind.CREATED})
"""what nobody needs to be told of by itself"""


@dataclass(frozen=True)
class Missed:
    """A ticket with news. Of a citizen of protected identity that is not opened, neither subject nor lines are told."""

    ticket_id: int
    reference: str
    subject: str
    language: str | None
    channel: str
    is_mine: bool
    is_protected: bool
    events: tuple[Event, ...]
    """newest first, at most `SHOWN`"""
    count: int
    newest: int
    """the newest of them"""
    mentions: frozenset[int]
    """the notes that name the person"""
    names: Mapping[int, str]
    topics: Mapping[int, Topic]

    @property
    def is_mentioned(self) -> bool:
        """Whether somebody named the person."""
        return any(event.message_id in self.mentions for event in self.events)


def seen_since(now: datetime) -> dict[str, datetime]:
    """What a query with `count_missed` is asked with."""
    return {"news_since": now - KEPT}


def count_missed(viewer: Viewer) -> ScalarSelect[int]:
    """How many tickets have news for the person, at most 99, as a part of a query."""
    has_news = exists().where(_unseen(viewer))
    found = _concerning(viewer, select(Ticket.id)).where(has_news).limit(99).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def read_missed(session: Session, viewer: Viewer, *, now: datetime) -> list[Missed]:
    """The tickets with news, the newest first, at most `MOST`; in four queries."""
    rows = session.execute(_tickets(viewer).order_by(func.max(Event.id).desc()).limit(MOST), seen_since(now)).all()
    if not rows:
        return []
    events = _events(session, viewer, {row.id: row.seen for row in rows})
    every = [event for of_one in events.values() for event in of_one]
    names, topics = names_of(session, people_in(every)), _topics(session, every)
    mentions = _mentions(session, viewer, [row.id for row in rows])
    return [_missed(row, viewer, events.get(row.id, []), mentions, names, topics) for row in rows]


def _tickets(viewer: Viewer) -> _Tickets:
    """The tickets with news, with the number and newest of the events that the person has not seen."""
    protection = func.coalesce(Person.protection, "")
    shown = (Ticket.id, Ticket.reference, Ticket.subject, Ticket.language, Ticket.channel, Ticket.assignee_id)
    news = func.count(Event.id).label("events"), func.max(Event.id).label("newest")
    query = select(*shown, protection.label("protection"), SEEN.label("seen"), *news)
    return (
        _concerning(viewer, query)
        .join(Event, _unseen(viewer))
        .outerjoin(Person, Person.id == Ticket.person_id)
        .group_by(*shown, protection, SEEN)
    )


def _concerning(viewer: Viewer, query: _Tickets) -> _Tickets:
    """Their open tickets and those that they follow, as far as they may read them, with their last look at each."""
    mine = select(Ticket.id).where(Ticket.assignee_id == viewer.user_id, Ticket.state != State.RESOLVED)
    followed = select(TicketFollower.ticket_id.label("id")).where(TicketFollower.user_id == viewer.user_id)
    concerns = union(mine, followed).subquery()
    visit = and_(TicketVisit.ticket_id == Ticket.id, TicketVisit.user_id == viewer.user_id)
    theirs = query.join(concerns, concerns.c.id == Ticket.id).outerjoin(TicketVisit, visit)
    return theirs.where(is_theirs(viewer), Ticket.changed_at > SINCE)


def _unseen(viewer: Viewer) -> ColumnElement[bool]:
    """The events of a ticket that the person has not seen."""
    return and_(
        Event.ticket_id == Ticket.id,
        Event.id > SEEN,
        Event.recorded_at > SINCE,
        Event.user_id.is_distinct_from(viewer.user_id),
        Event.kind.not_in(sorted(SILENT)),
    )


def _missed(
    row: Row[*tuple[Any, ...]],
    viewer: Viewer,
    events: list[Event],
    mentions: frozenset[int],
    names: Mapping[int, str],
    topics: Mapping[int, Topic],
) -> Missed:
    is_protected = bool(row.protection)
    return Missed(
        row.id,
        row.reference,
        "" if is_protected else row.subject,
        row.language,
        row.channel,
        row.assignee_id == viewer.user_id,
        is_protected,
        () if is_protected else tuple(events[:SHOWN]),
        row.events,
        row.newest,
        mentions,
        names,
        topics,
    )


def _events(session: Session, viewer: Viewer, seen: Mapping[int, int]) -> dict[int, list[Event]]:
    """What they have not seen of these tickets (id -> last event seen), newest first."""
    theirs = Event.user_id.is_distinct_from(viewer.user_id)
    query = select(Event).where(Event.ticket_id.in_(sorted(seen)), theirs, Event.kind.not_in(sorted(SILENT)))
    found: dict[int, list[Event]] = {}
    for event in session.scalars(query.where(Event.id > min(seen.values())).order_by(Event.id.desc())):
        if event.id > seen[event.ticket_id]:
            found.setdefault(event.ticket_id, []).append(event)
    return found


def _mentions(session: Session, viewer: Viewer, ticket_ids: Collection[int]) -> frozenset[int]:
    query = select(Mention.message_id).join(Event, Event.message_id == Mention.message_id)
    mine = query.where(Mention.user_id == viewer.user_id, Event.ticket_id.in_(sorted(ticket_ids)))
    return frozenset(session.scalars(mine))


def _topics(session: Session, events: Iterable[Event]) -> dict[int, Topic]:
    named = {event.data.get("to") for event in events if event.kind == EventKind.TOPIC_CHANGED} - {None}
    return (
        {topic.id: topic for topic in session.scalars(select(Topic).where(Topic.id.in_(sorted(named))))}
        if named
        else {}
    )

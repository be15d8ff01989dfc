"""Everything that the page of one ticket shows, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.policy import Viewer
from app.articles import templates
from app.core.db import rows
from app.outbox import suppression
from app.people.models import ContactKind, ContactPoint, Person
from app.screens.access import readable
from app.screens.beside import read_beside
from app.screens.clock_face import ClockFace, face
from app.screens.clock_story import ClockStory, read_clocks
from app.screens.directory import names_of, staff_of
from app.screens.offers import Offer, read_offers
from app.screens.related import Related, merged_into, read_related
from app.screens.timeline import Spoken, Timeline, people_in, read_timeline
from app.tickets import following, labels, presence
from app.tickets.drafts import Draft
from app.tickets.events import EventKind
from app.tickets.following import Standing
from app.tickets.models import Event, MessageKind, Ticket, Topic
from app.tickets.presence import Present
from app.tickets.queries import IN_TOUCH
from channels.contract import ChannelName

MOST_OTHERS = 5


@dataclass(frozen=True)
class OtherTicket:
    """Another ticket of the same citizen that the person may see."""

    reference: str
    subject: str
    state: str
    changed_at: datetime


@dataclass(frozen=True)
class TicketPage:
    """One ticket, ready to show.

    `can_work` is False for a unit that only held it, for administrators, and for one that was merged.
    """

    ticket: Ticket
    can_work: bool
    clock: ClockFace
    clocks: tuple[ClockStory, ...]
    timeline: Timeline
    person: Person | None
    contacts: tuple[ContactPoint, ...]
    others: tuple[OtherTicket, ...]
    offers: tuple[Offer, ...]
    topics: dict[int, Topic]
    """the unit's list and those named by events"""
    staff: tuple[tuple[int, str], ...]
    names: dict[int, str]
    possible_reply: Ticket | None
    suppressed: frozenset[str]
    """addresses of the citizen that nothing is sent to, as mail came back"""
    drafts: dict[str, Draft]
    """the viewer's own, by what they are to become"""
    others_drafts: tuple[Draft, ...]
    templates: tuple[tuple[int, str], ...]
    """id and name of the texts to put into an answer in the ticket's language"""
    labels: tuple[str, ...]
    related: tuple[Related, ...]
    merged_into: str
    """the reference of the ticket that it was merged into; empty for none"""
    standing: Standing
    """whether the viewer follows it, and how far they had seen it"""
    present: tuple[Present, ...]
    """who else is at the ticket"""

    def in_touch_after(self, message_id: int) -> list[Spoken]:
        """What has passed between us and the citizen since a message (0 = ever), oldest first."""
        found = (one for one in self.timeline.spoken if one.message.kind in IN_TOUCH and not one.message.is_undone)
        return sorted((one for one in found if one.message.id > message_id), key=lambda one: one.message.id)

    @property
    def newest_id(self) -> int:
        """The newest message between us and the citizen; 0 = none."""
        return max((one.message.id for one in self.in_touch_after(0)), default=0)

    @property
    def emails(self) -> list[str]:
        """The citizen's mail addresses, the newest last."""
        return [row.value for row in self.contacts if row.kind == ContactKind.EMAIL]

    @property
    def mail_to(self) -> str:
        """Where an answer by mail goes: the address that the citizen wrote from last, else their newest, else ""."""
        mails = (
            entry.message
            for entry in reversed(self.timeline.spoken)
            if entry.message.kind == MessageKind.CITIZEN and entry.message.channel == ChannelName.EMAIL
        )
        asked = next(mails, None)
        if asked is not None and asked.is_confirmed and asked.sender in self.emails:
            return asked.sender
        return next(reversed(self.emails), "")

    @property
    def is_suppressed(self) -> bool:
        """Whether an answer by mail would not be sent, as mail came back from there."""
        return self.mail_to in self.suppressed

    @property
    def postal(self) -> list[str]:
        """The citizen's postal addresses, the newest last."""
        return [row.value for row in self.contacts if row.kind == ContactKind.POSTAL]

    @property
    def answer_channels(self) -> list[ChannelName]:
        """The channels by which an answer can reach the citizen, the one they last used first."""
        known = [(ChannelName.EMAIL, self.emails), (ChannelName.LETTER, self.postal)]
        able = [channel for channel, addresses in known if addresses]
        return sorted(able, key=lambda channel: channel != self.last_channel)

    @property
    def last_channel(self) -> str:
        """The channel of the citizen's newest message."""
        incoming = [entry.message.channel for entry in self.timeline.spoken if entry.message.direction == "in"]
        return incoming[-1] if incoming else self.ticket.channel

    @property
    def unit_topics(self) -> list[Topic]:
        """The list of topics to choose from."""
        own = (topic for topic in self.topics.values() if topic.unit_id == self.ticket.unit_id)
        return [topic for topic in own if not topic.is_retired or topic.id == self.ticket.topic_id]


_CONTACTS = select(ContactPoint).where(ContactPoint.person_id == bindparam("person_id")).order_by(ContactPoint.id)
_DRAFTS = select(Draft).where(Draft.ticket_id == bindparam("ticket_id")).order_by(Draft.saved_at)


def read_ticket_page(session: Session, viewer: Viewer, reference: str, *, now: datetime) -> TicketPage:
    """The page of a ticket that the person may read. Raises NotFoundError."""
    ticket = readable(session, viewer, reference)
    there_is = read_beside(session, ticket.id)
    timeline = read_timeline(session, ticket.id, there_is)
    person = session.get(Person, ticket.person_id) if ticket.person_id else None
    is_protected = person is not None and bool(person.protection)
    contacts = _contacts(session, ticket.person_id)
    can_work = policy.may_work(viewer, holder=ticket.unit_id) and ticket.merged_into is None
    drafts = session.scalars(_DRAFTS, {"ticket_id": ticket.id}).all() if there_is.drafts else ()
    others_drafts = tuple(draft for draft in drafts if draft.user_id != viewer.user_id)
    return TicketPage(
        ticket=ticket,
        can_work=can_work,
        clock=face(ticket.due_at, ticket.soon_at, ticket.clock_metric, ticket.clock_result, now=now),
        clocks=tuple(read_clocks(session, timeline.events, now=now)),
        timeline=timeline,
        person=person,
        contacts=tuple(contacts),
        others=tuple(_others(session, viewer, ticket)),
        offers=tuple(read_offers(session, ticket)),
        topics=_topics(session, ticket, timeline.events),
        staff=tuple(staff_of(session, ticket.unit_id, sees_protected=is_protected)) if can_work else (),
        names=names_of(session, _people_named(ticket, timeline) | {draft.user_id for draft in others_drafts}),
        possible_reply=_possible_reply(session, viewer, ticket),
        suppressed=suppression.suppressed_of(session, [row.value for row in contacts]),
        drafts={draft.mode: draft for draft in drafts if draft.user_id == viewer.user_id},
        others_drafts=others_drafts,
        related=read_related(session, viewer, ticket) if there_is.links else (),
        merged_into=merged_into(session, ticket),
        labels=labels.of_tickets(session, [ticket.id] if there_is.labels else ()).get(ticket.id, ()),
        templates=tuple(templates.offered(session, ticket.unit_id, ticket.language or "")) if can_work else (),
        standing=following.standing(session, ticket.id, viewer.user_id),
        present=_present(session, viewer, ticket, now) if there_is.people else (),
    )


def _contacts(session: Session, person_id: int | None) -> list[ContactPoint]:
    return list(session.scalars(_CONTACTS, {"person_id": person_id})) if person_id else []


def _others(session: Session, viewer: Viewer, ticket: Ticket) -> list[OtherTicket]:
    if ticket.person_id is None:
        return []
    asked = {"person_id": ticket.person_id, "ticket_id": ticket.id, "units": sorted(viewer.units)}
    return [OtherTicket(*row) for row in rows(session, _OTHERS, asked)]


_OTHERS = (
    select(Ticket.reference, Ticket.subject, Ticket.state, Ticket.changed_at)
    .where(Ticket.person_id == bindparam("person_id"), Ticket.id != bindparam("ticket_id"))
    .where(Ticket.unit_id.in_(bindparam("units", expanding=True)), Ticket.merged_into.is_(None))
    .order_by(Ticket.changed_at.desc(), Ticket.id.desc())
    .limit(MOST_OTHERS)
)


def _topics(session: Session, ticket: Ticket, events: Iterable[Event]) -> dict[int, Topic]:
    changes = [event.data for event in events if event.kind == EventKind.TOPIC_CHANGED]
    named = {data[end] for data in changes for end in ("from", "to") if data.get(end) is not None}
    asked = {"unit_id": ticket.unit_id, "named": sorted(named)}
    return {topic.id: topic for topic in session.scalars(_TOPICS, asked)}


_TOPICS = (
    select(Topic)
    .where(or_(Topic.unit_id == bindparam("unit_id"), Topic.id.in_(bindparam("named", expanding=True))))
    .order_by(Topic.id)
)


def _present(session: Session, viewer: Viewer, ticket: Ticket, now: datetime) -> tuple[Present, ...]:
    return presence.at_tickets(session, [ticket.id], but=viewer.user_id, now=now).get(ticket.id, ())


def _people_named(ticket: Ticket, timeline: Timeline) -> set[int]:
    found = {entry.message.author_id for entry in timeline.spoken} | {ticket.assignee_id}
    found |= {entry.call.agent_id for entry in timeline.spoken if entry.call}
    return {user_id for user_id in found if user_id is not None} | people_in(timeline.events)


def _possible_reply(session: Session, viewer: Viewer, ticket: Ticket) -> Ticket | None:
    """The ticket that this one perhaps answers, if the person works in its unit."""
    if ticket.possible_reply_to is None:
        return None
    other = session.get(Ticket, ticket.possible_reply_to)
    return other if other is not None and other.unit_id in viewer.units else None

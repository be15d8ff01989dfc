"""The steps that a ticket went through since an instant: its events, clocks, suggestions and outbox in one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Unit, User
from app.articles.models import ArticleText
from app.core import clock
from app.intake.models import Inbound
from app.outbox.models import Delivery, OutboxRow
from app.reports.trace_steps import Step, StepKind
from app.sla.models import ClockRow
from app.suggest.models import Suggestion
from app.tickets.events import EventKind
from app.tickets.models import Event, Message, Ticket, Topic
from channels.contract import ChannelName

PLAIN = {
    EventKind.CITIZEN_AUTOREPLY: StepKind.AUTO_REPLY,
    EventKind.ACKNOWLEDGED: StepKind.RECEIPT_QUEUED,
    EventKind.REPLY_UNDONE: StepKind.UNDONE,
    EventKind.NOTED: StepKind.NOTED,
    EventKind.PAUSED: StepKind.WAITING,
    EventKind.RESUMED: StepKind.RESUMED,
    EventKind.RESOLVED: StepKind.RESOLVED,
    EventKind.REOPENED: StepKind.REOPENED,
}
"""events that are steps as they are"""


@dataclass(frozen=True)
class _Told:
    """A ticket with everything its steps speak of."""

    ticket: Ticket
    messages: Mapping[int, Message]
    mails: Mapping[int, OutboxRow]
    """by the message they carry"""
    users: Mapping[int, str]
    units: Mapping[int, Unit]
    ledger: Mapping[int, Inbound]
    language: str

    def step(self, kind: StepKind, at: datetime, **facts: Any) -> Step:
        """A step of this ticket."""
        return Step(kind, at, facts, self.ticket.reference)


def ticket_steps(session: Session, ticket_id: int, *, since: datetime, language: str) -> list[Step]:
    """Everything that was recorded of the ticket at or after `since`, in no order."""
    told = _read(session, session.get_one(Ticket, ticket_id), language)
    events = session.scalars(select(Event).where(Event.ticket_id == ticket_id, Event.recorded_at >= since))
    steps = [step for event in events for step in _of_event(session, told, event)]
    steps += _clocks(session, told, since) + _suggestions(session, told, since)
    return steps + [step for mail in told.mails.values() for step in _of_mail(told, mail, since)]


def _read(session: Session, ticket: Ticket, language: str) -> _Told:
    messages = {row.id: row for row in session.scalars(select(Message).where(Message.ticket_id == ticket.id))}
    mails = session.scalars(select(OutboxRow).where(OutboxRow.ticket_id == ticket.id))
    return _Told(
        ticket=ticket,
        messages=messages,
        mails={row.message_id: row for row in mails},
        users={row.id: row.name for row in session.execute(select(User.id, User.name))},
        units={unit.id: unit for unit in session.scalars(select(Unit))},
        ledger={row.id: row for row in session.scalars(select(Inbound).where(Inbound.ticket_id == ticket.id))},
        language=language,
    )


def _of_event(session: Session, told: _Told, event: Event) -> list[Step]:
    user = told.users.get(event.user_id or 0, "")
    at, kind = event.recorded_at, EventKind(event.kind)
    if kind in PLAIN:
        return [told.step(PLAIN[kind], at, user=user, reason=event.reason)]
    match kind:
        case EventKind.CREATED:
            return _created(session, told, event)
        case EventKind.CITIZEN_MESSAGE:
            return [_joined(told, event)]
        case EventKind.REPLIED:
            return [_answered(told, event, user)]
        case EventKind.LETTER_WRITTEN:
            return [told.step(StepKind.LETTER_WRITTEN, at, user=user, text=_body(told, event))]
        case EventKind.DELIVERED:
            return [_delivered(told, event)]
        case _:
            return _moved(told, event, user)


def _moved(told: _Told, event: Event, user: str) -> list[Step]:
    match EventKind(event.kind):
        case EventKind.ASSIGNED:
            return [told.step(StepKind.TAKEN, event.recorded_at, user=told.users.get(event.data.get("to") or 0, ""))]
        case EventKind.TRANSFERRED:
            unit = told.units[event.unit_id or 0].name(told.language)
            return [told.step(StepKind.TRANSFERRED, event.recorded_at, unit=unit, reason=event.reason, user=user)]
        case EventKind.DELIVERY_FAILED:
            return [told.step(StepKind.NOT_SENT, event.recorded_at, reason=event.reason, next_try_at=None)]
        case _:
            return []


def _created(session: Session, told: _Told, event: Event) -> list[Step]:
    """The new ticket, and the unit it came to with the reason."""
    linked = session.get(Ticket, told.ticket.possible_reply_to) if told.ticket.possible_reply_to else None
    why = event.data.get("routing", {})
    unit = told.units[event.unit_id or 0]
    query = select(Topic).where(Topic.unit_id == unit.id, Topic.key == why.get("topic"))
    topic = session.scalar(query) if why.get("topic") else None
    return [
        told.step(StepKind.NEW_TICKET, event.recorded_at, possible_reply_to=linked.reference if linked else ""),
        told.step(
            StepKind.ROUTED,
            event.recorded_at,
            unit=unit.name(told.language),
            rule=why.get("rule"),
            rule_kind=why.get("kind", ""),
            found=why.get("found", ""),
            asked_in=why.get("language"),
            topic=topic.name(told.language) if topic else "",
        ),
    ]


def _joined(told: _Told, event: Event) -> Step:
    message = told.messages.get(event.message_id or 0)
    entry = told.ledger.get(message.inbound_id or 0) if message else None
    is_confirmed = message.is_confirmed if message else True
    return told.step(StepKind.JOINED, event.recorded_at, by=entry.reason if entry else "", is_confirmed=is_confirmed)


def _answered(told: _Told, event: Event, user: str) -> Step:
    message = told.messages.get(event.message_id or 0)
    if message is not None and message.channel == ChannelName.LETTER:
        return told.step(StepKind.POSTED, event.recorded_at, user=user, text=message.body)
    return told.step(StepKind.ANSWERED, event.recorded_at, user=user, channel=message.channel if message else "")


def _delivered(told: _Told, event: Event) -> Step:
    mail = told.mails.get(event.message_id or 0)
    is_receipt = mail is not None and mail.is_automatic
    return told.step(StepKind.RECEIPT_SENT if is_receipt else StepKind.ANSWER_SENT, event.recorded_at)


def _body(told: _Told, event: Event) -> str:
    message = told.messages.get(event.message_id or 0)
    return message.body if message else ""


def _of_mail(told: _Told, mail: OutboxRow, since: datetime) -> list[Step]:
    """What no event tells of a mail: that it waits for another try, or that nobody knows whether it left."""
    at = mail.claimed_at
    if at is None or at < since:
        return []
    if mail.state == Delivery.PERHAPS_SENT:
        return [told.step(StepKind.PERHAPS_SENT, at, reason=mail.failure)]
    if mail.state == Delivery.QUEUED and mail.failure:
        return [told.step(StepKind.NOT_SENT, at, reason=mail.failure, next_try_at=mail.not_before)]
    return []


def _clocks(session: Session, told: _Told, since: datetime) -> list[Step]:
    """The clocks that started with this item; a letter's started at 00:00 of its day, before anybody saw it."""
    rows = session.scalars(select(ClockRow).where(ClockRow.ticket_id == told.ticket.id)).all()
    is_first = told.ticket.created_at >= since
    return [_clock(told, row, since) for row in rows if is_first or row.started_at >= since]


def _clock(told: _Told, row: ClockRow, since: datetime) -> Step:
    is_late = row.stopped_at is None and row.due_at is not None and row.due_at < clock.now()
    return told.step(
        StepKind.CLOCK,
        max(row.started_at, told.ticket.created_at, since),
        metric=row.metric,
        due_at=row.due_at,
        target_kind=row.target.get("kind", ""),
        amount=row.target.get("amount", 0),
        result="overdue" if is_late else row.result,
    )


def _suggestions(session: Session, told: _Told, since: datetime) -> list[Step]:
    query = (
        select(Suggestion.message_id, Suggestion.made_at, Suggestion.rank, ArticleText.title)
        .outerjoin(
            ArticleText,
            (ArticleText.article_id == Suggestion.article_id) & (ArticleText.language == Suggestion.language),
        )
        .where(Suggestion.ticket_id == told.ticket.id, Suggestion.made_at >= since)
        .order_by(Suggestion.message_id, Suggestion.rank)
    )
    found: dict[int, list[tuple[datetime, str]]] = {}
    for message_id, made_at, _rank, title in session.execute(query):
        found.setdefault(message_id, []).append((made_at, title or ""))
    return [
        told.step(StepKind.SUGGESTED, offers[0][0], count=len(offers), best=offers[0][1]) for offers in found.values()
    ]

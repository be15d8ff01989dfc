"""The verbs of a ticket. Each changes it by the table in `states.py` and returns the events that say so.

Nothing here stores an event or moves a clock: `flows/record.py` does, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import ConflictError, InvalidInputError
from app.core.ids import new_reference
from app.tickets.events import EventKind
from app.tickets.models import Event, Message, MessageKind, Ticket
from app.tickets.standing import standing
from app.tickets.states import PAUSE_REASONS, State, Step, after

LONGEST_REASON = 400


@dataclass(frozen=True)
class Start:
    """What a new ticket begins with. `terms` are the calendar and targets it is promised (see `sla.service`)."""

    subject: str
    channel: str
    language: str | None
    unit_id: int
    topic_id: int | None
    person_id: int | None
    arrived_at: datetime
    routing: dict[str, Any]
    terms: dict[str, Any]
    possible_reply_to: int | None = None
    is_begun: bool = False


@dataclass(frozen=True)
class Doer:
    """Who does something, and when. `user_id` is None for the system itself."""

    user_id: int | None
    at: datetime


def start(session: Session, begin: Start, doer: Doer) -> tuple[Ticket, Event]:
    """A new ticket with a reference of its own, and the event that starts its clocks."""
    ticket = Ticket(
        reference=_free_reference(session),
        subject=begin.subject[:300],
        state=State.NEW,
        channel=begin.channel,
        language=begin.language,
        unit_id=begin.unit_id,
        topic_id=begin.topic_id,
        person_id=begin.person_id,
        arrived_at=begin.arrived_at,
        created_at=doer.at,
        changed_at=doer.at,
        order_at=begin.arrived_at,
        routing=begin.routing,
        possible_reply_to=begin.possible_reply_to,
        is_begun=begin.is_begun,
    )
    session.add(ticket)
    session.flush()
    data = {"channel": begin.channel, "terms": begin.terms, "routing": begin.routing}
    began = Doer(doer.user_id, begin.arrived_at)
    return ticket, event(ticket, EventKind.CREATED, began, doer, unit_id=begin.unit_id, data=data)


def citizen_wrote(ticket: Ticket, message: Message, doer: Doer) -> list[Event]:
    """A citizen's message came: what waited goes on, what was resolved is open again."""
    events = [event(ticket, EventKind.CITIZEN_MESSAGE, Doer(None, message.at), doer, message_id=message.id)]
    ticket.asked_in = message.id
    before = ticket.state
    ticket.state = after(before, Step.CITIZEN_WROTE)
    ticket.snoozed_until = None
    if before == State.WAITING:
        events.append(event(ticket, EventKind.RESUMED, doer, message_id=message.id))
    elif before == State.RESOLVED:
        events.append(event(ticket, EventKind.REOPENED, doer, message_id=message.id))
    return events


def machine_wrote(ticket: Ticket, message: Message, doer: Doer) -> list[Event]:
    """A machine of the citizen's answered (out of office): noted, and nothing else moves."""
    return [event(ticket, EventKind.CITIZEN_AUTOREPLY, Doer(None, message.at), doer, message_id=message.id)]


def answer(ticket: Ticket, message: Message, doer: Doer, *, then: State) -> list[Event]:
    """A human's public answer left for the citizen; `then` is the state the agent chose with it."""
    ticket.state = after(ticket.state, Step.ANSWER)
    events = [event(ticket, EventKind.REPLIED, doer, message_id=message.id)]
    if then == State.WAITING and ticket.state != State.WAITING:
        events += pause(ticket, doer, reason="citizen", message_id=message.id)
    elif then == State.RESOLVED and ticket.state != State.RESOLVED:
        events += resolve(ticket, doer, message_id=message.id)
    elif then == State.OPEN and ticket.state == State.WAITING:
        events += resume(ticket, doer, message_id=message.id)
    elif then == State.OPEN and ticket.state == State.RESOLVED:
        events += reopen(ticket, doer, message_id=message.id)
    return events


def undo_answer(ticket: Ticket, message: Message, history: Iterable[Event], doer: Doer) -> list[Event]:
    """The answer or letter is taken back before it left: the ticket stands as if it had never been."""
    message.is_undone = True
    ticket.state = standing(history, without=message.id)
    return [event(ticket, EventKind.REPLY_UNDONE, doer, message_id=message.id)]


def write_letter(ticket: Ticket, message: Message, doer: Doer, *, then: State) -> list[Event]:
    """A letter is written and waits for the post: no response yet; `then` takes effect when it is posted."""
    if ticket.state == State.NEW:
        ticket.state = after(ticket.state, Step.TAKE)
    return [event(ticket, EventKind.LETTER_WRITTEN, doer, message_id=message.id, data={"then": then})]


def note(ticket: Ticket, message: Message, doer: Doer) -> list[Event]:
    """An internal note was written."""
    return [event(ticket, EventKind.NOTED, doer, message_id=message.id)]


def acknowledge(ticket: Ticket, message: Message, doer: Doer) -> list[Event]:
    """The automatic receipt was queued; it is never a response."""
    return [event(ticket, EventKind.ACKNOWLEDGED, doer, message_id=message.id)]


def answer_call(ticket: Ticket, doer: Doer) -> list[Event]:
    """An agent answered the call: the first response, and the ticket is that agent's."""
    ticket.state = after(ticket.state, Step.TAKE)
    ticket.assignee_id = doer.user_id
    return [event(ticket, EventKind.CALL_ANSWERED, doer)]


def end_call(ticket: Ticket, doer: Doer) -> list[Event]:
    """The call is over."""
    return [event(ticket, EventKind.CALL_ENDED, doer)]


def assign(ticket: Ticket, doer: Doer, *, to: int | None) -> list[Event]:
    """The ticket is `to`'s, or nobody's with None."""
    if ticket.assignee_id == to:
        return []
    if to is not None:
        ticket.state = after(ticket.state, Step.TAKE)
    data = {"from": ticket.assignee_id, "to": to}
    ticket.assignee_id = to
    return [event(ticket, EventKind.ASSIGNED, doer, data=data)]


def pause(ticket: Ticket, doer: Doer, *, reason: str, message_id: int | None = None, until: str = "") -> list[Event]:
    """The ticket waits, for one of `PAUSE_REASONS`; `until` is the ISO instant at which it waits no more, or ""."""
    if reason not in PAUSE_REASONS:
        raise InvalidInputError({"reason": "Choose what the ticket waits for."})
    ticket.state, data = after(ticket.state, Step.PAUSE), {"until": until} if until else {}
    return [event(ticket, EventKind.PAUSED, doer, message_id=message_id, reason=reason, data=data)]


def snooze(ticket: Ticket, doer: Doer, *, until: datetime, reason: str) -> list[Event]:
    """The ticket is put aside until then: out of the lists, and no clock of it stands still."""
    if ticket.state == State.RESOLVED:
        raise ConflictError("The ticket is resolved already.")
    ticket.snoozed_until = until
    return [event(ticket, EventKind.SNOOZED, doer, reason=reason[:LONGEST_REASON], data={"until": until.isoformat()})]


def wake(ticket: Ticket, doer: Doer) -> list[Event]:
    """The ticket is put aside no more."""
    if ticket.snoozed_until is None:
        return []
    ticket.snoozed_until = None
    return [event(ticket, EventKind.WOKEN, doer)]


def label(ticket: Ticket, doer: Doer, *, label: str, is_on: bool) -> list[Event]:
    """A label was put on the ticket or taken off it."""
    return [event(ticket, EventKind.LABELLED if is_on else EventKind.UNLABELLED, doer, data={"label": label})]


def resume(ticket: Ticket, doer: Doer, *, message_id: int | None = None) -> list[Event]:
    """The ticket waits no more."""
    ticket.state = after(ticket.state, Step.RESUME)
    return [event(ticket, EventKind.RESUMED, doer, message_id=message_id)]


def resolve(ticket: Ticket, doer: Doer, *, message_id: int | None = None) -> list[Event]:
    """The inquiry is dealt with; what it waited for, it waits for no more."""
    waited = resume(ticket, doer, message_id=message_id) if ticket.state == State.WAITING else []
    ticket.state = after(ticket.state, Step.RESOLVE)
    ticket.snoozed_until = None
    return [*waited, event(ticket, EventKind.RESOLVED, doer, message_id=message_id)]


def reopen(ticket: Ticket, doer: Doer, *, message_id: int | None = None) -> list[Event]:
    """It was not dealt with after all."""
    ticket.state = after(ticket.state, Step.REOPEN)
    return [event(ticket, EventKind.REOPENED, doer, message_id=message_id)]


def transfer(ticket: Ticket, doer: Doer, *, to: int, reason: str, terms: dict[str, Any]) -> list[Event]:
    """The ticket belongs to unit `to`, whose calendar and targets (`terms`) apply from now; nobody there has it yet."""
    if not reason.strip():
        raise InvalidInputError({"reason": "Say why the ticket is moved."})
    if to == ticket.unit_id:
        raise InvalidInputError({"unit": "The ticket is in this unit already."})
    ticket.state = after(ticket.state, Step.TRANSFER)
    data = {"from": ticket.unit_id, "assignee": ticket.assignee_id, "terms": terms}
    ticket.unit_id, ticket.assignee_id, ticket.topic_id, ticket.snoozed_until = to, None, None, None
    return [event(ticket, EventKind.TRANSFERRED, doer, unit_id=to, reason=reason.strip()[:LONGEST_REASON], data=data)]


def change_topic(ticket: Ticket, doer: Doer, *, topic_id: int | None) -> list[Event]:
    """The ticket is about another topic of its unit's list."""
    if ticket.topic_id == topic_id:
        return []
    data = {"from": ticket.topic_id, "to": topic_id}
    ticket.topic_id = topic_id
    return [event(ticket, EventKind.TOPIC_CHANGED, doer, data=data)]


def change_language(ticket: Ticket, doer: Doer, *, language: str) -> list[Event]:
    """The citizen is to be answered in another language."""
    if ticket.language == language:
        return []
    data = {"from": ticket.language, "to": language}
    ticket.language = language
    return [event(ticket, EventKind.LANGUAGE_CHANGED, doer, data=data)]


def confirm_sender(ticket: Ticket, message: Message, doer: Doer) -> list[Event]:
    """An agent vouches for a message that came with our token from another sender."""
    if message.is_confirmed:
        raise ConflictError("The sender is confirmed already.")
    message.is_confirmed = True
    return [event(ticket, EventKind.SENDER_CONFIRMED, doer, message_id=message.id)]


def identify(ticket: Ticket, doer: Doer, *, person_id: int) -> list[Event]:
    """An agent said who the citizen is."""
    ticket.person_id = person_id
    return [event(ticket, EventKind.IDENTIFIED, doer, data={"to": person_id})]


def delivered(ticket: Ticket, message_id: int, doer: Doer) -> list[Event]:
    """The citizen's side took our message."""
    return [event(ticket, EventKind.DELIVERED, doer, message_id=message_id)]


def delivery_unknown(ticket: Ticket, message_id: int, doer: Doer) -> list[Event]:
    """Nobody can say whether our message left."""
    return [event(ticket, EventKind.DELIVERY_UNKNOWN, doer, message_id=message_id)]


def delivery_confirmed(ticket: Ticket, message_id: int, doer: Doer) -> list[Event]:
    """A person knows that a message in doubt has arrived."""
    return [event(ticket, EventKind.DELIVERY_CONFIRMED, doer, message_id=message_id)]


def resend(ticket: Ticket, message_id: int, doer: Doer) -> list[Event]:
    """A person sends a message once more, as the same mail."""
    return [event(ticket, EventKind.RESENT, doer, message_id=message_id)]


def withhold_acknowledgement(ticket: Ticket, doer: Doer, *, why: str) -> list[Event]:
    """The citizen gets no receipt, for this reason (a short key)."""
    return [event(ticket, EventKind.ACKNOWLEDGEMENT_WITHHELD, doer, reason=why)]


def delivery_failed(ticket: Ticket, message: Message, doer: Doer, *, reason: str) -> list[Event]:
    """Our message did not reach the citizen; a ticket that was done with by an answer comes back to its author."""
    events = [event(ticket, EventKind.DELIVERY_FAILED, doer, message_id=message.id, reason=reason[:LONGEST_REASON])]
    if message.kind != MessageKind.ANSWER:
        return events
    if ticket.assignee_id is None and message.author_id is not None:
        ticket.assignee_id = message.author_id
        data = {"from": None, "to": message.author_id}
        events.append(event(ticket, EventKind.ASSIGNED, doer, data=data))
    if ticket.state == State.RESOLVED:
        return events + reopen(ticket, doer)
    return events + resume(ticket, doer) if ticket.state == State.WAITING else events


def event(ticket: Ticket, kind: EventKind, happened: Doer, recorded: Doer | None = None, **fields: Any) -> Event:
    """An event of the ticket, complete before it is stored: the clocks read it at once."""
    whole: dict[str, Any] = {"ticket_id": ticket.id, "kind": kind, "reason": "", "data": {}, **fields}
    return Event(at=happened.at, recorded_at=(recorded or happened).at, user_id=happened.user_id, **whole)


def _free_reference(session: Session) -> str:
    while True:
        reference = new_reference()
        if session.scalar(select(Ticket.id).where(Ticket.reference == reference)) is None:
            return reference

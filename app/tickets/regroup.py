"""Tickets that belong together are merged or linked, and what does not belong together is split: the verbs for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.core.errors import InvalidInputError
from app.texts.catalogue import N_
from app.tickets.events import EventKind
from app.tickets.models import Event, Message, Ticket
from app.tickets.service import LONGEST_REASON, Doer, event
from app.tickets.states import State, Step, after


def reason_of(text: str) -> str:
    """Why it is done, on one line. Raises InvalidInputError for none."""
    reason = " ".join(text.split())[:LONGEST_REASON]
    if not reason:
        raise InvalidInputError({"reason": N_("Say why.")})
    return reason


def merge_away(source: Ticket, doer: Doer, *, into: Ticket, reason: str) -> list[Event]:
    """The ticket's messages go on in another one; of this one only its history is left."""
    source.state, source.merged_into = State.RESOLVED, into.id
    source.snoozed_until, source.asked_in = None, None
    return [event(source, EventKind.MERGED_AWAY, doer, reason=reason, data=_other(into))]


def merge(
    target: Ticket, doer: Doer, *, source: Ticket, waiting_since: datetime | None, asked_in: int | None, reason: str
) -> list[Event]:
    """Another ticket came into this one: what the citizen waits for there since `waiting_since`, they wait for here."""
    data = _other(source) | {"waiting_since": waiting_since.isoformat() if waiting_since else None}
    events = [event(target, EventKind.MERGED, doer, message_id=asked_in, reason=reason, data=data)]
    if waiting_since is None:
        return events
    before = target.state
    target.state, target.snoozed_until = after(before, Step.CITIZEN_WROTE), None
    if before == State.WAITING:
        events.append(event(target, EventKind.RESUMED, doer))
    elif before == State.RESOLVED:
        events.append(event(target, EventKind.REOPENED, doer))
    return events


def split(ticket: Ticket, message: Message, doer: Doer, *, to: Ticket, reason: str, is_copied: bool) -> list[Event]:
    """A message went to a ticket of its own; one that is copied is asked here too, so no clock moves."""
    asked = None if is_copied else message.id
    return [event(ticket, EventKind.SPLIT, doer, message_id=asked, reason=reason, data=_other(to))]


def link(ticket: Ticket, doer: Doer, *, other: Ticket, reason: str) -> list[Event]:
    """The two tickets have to do with each other."""
    return [event(ticket, EventKind.LINKED, doer, reason=reason, data=_other(other))]


def unlink(ticket: Ticket, doer: Doer, *, other: Ticket) -> list[Event]:
    """They have not, after all."""
    return [event(ticket, EventKind.UNLINKED, doer, data=_other(other))]


def _other(ticket: Ticket) -> dict[str, Any]:
    return {"other": ticket.id, "reference": ticket.reference}

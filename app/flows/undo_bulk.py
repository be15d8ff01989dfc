"""What was done to many tickets is turned back ticket by ticket, by whoever ordered it and within five minutes.

An undo is an order of its own that names the one it undoes: the workers of `flows.bulk` run it, with an outcome for
each ticket. History is kept; what turns a ticket back are new events, by the same verbs as a person's hand. Only what
stands as the order left it is turned back: a ticket that somebody has worked on since, in the respect in question, is
left alone with the reason.

Who moved tickets to a unit where they do not work may not work on them any more. They may fetch them back all the same,
if they still work in the unit that they came from and nobody else has touched them since: until then it is a slip of
their own, from then on it is the other unit's work.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows.assign import works_there
from app.flows.record import record
from app.screens.access import recallable, workable
from app.screens.directory import takes_tickets
from app.sla import service as sla
from app.texts.catalogue import N_, translator
from app.tickets import bulk, labels, presence, queries, service
from app.tickets.bulk import Action, BulkRow, Kind
from app.tickets.drafts import Draft
from app.tickets.events import EventKind
from app.tickets.models import Event, Ticket, Topic
from app.tickets.service import Doer
from app.tickets.states import State

STOPPED = N_("The order was undone before it came to this ticket.")
WORKED_ON = N_("Somebody has worked on it since.")
WHOSE = frozenset({EventKind.ASSIGNED, EventKind.TRANSFERRED, EventKind.CALL_ANSWERED})
"""what decides whose a ticket is"""
AFTER_RESOLVED = frozenset(
    {
        EventKind.CITIZEN_MESSAGE,
        EventKind.CALL_ANSWERED,
        EventKind.REPLIED,
        EventKind.LETTER_WRITTEN,
        EventKind.PAUSED,
        EventKind.RESOLVED,
        EventKind.REOPENED,
        EventKind.TRANSFERRED,
    }
)
"""what makes a resolved ticket another matter than the order left"""


def undo(system: System, viewer: Viewer, job_id: int) -> int:
    """Order that an order is turned back; the number of the order that does it, the same however often it is asked.

    What waits of it is not done any more. Raises NotFoundError for an order that is not theirs, ConflictError for an
    undo, for one that did nothing, and when `bulk.UNDO_FOR` is over.
    """
    at = clock.now()
    with system.db.begin() as session:
        job = bulk.held(session, job_id)
        if job is None or job.user_id != viewer.user_id:
            raise NotFoundError("There is no such order.")
        if job.undoes is not None:
            raise ConflictError(N_("An undo cannot be undone."))
        if (known := bulk.undo_of(session, job_id)) is not None:
            return known
        until = bulk.undo_until(session, job)
        if until is not None and until < at:
            raise ConflictError(N_("It is too late: an order can be undone for five minutes."))
        if until is not None and not bulk.counts(session, job_id).get(bulk.Outcome.DONE):
            raise ConflictError(N_("There is nothing to undo."))
        bulk.stop(session, job_id, why=STOPPED, at=at)
        undo_id = bulk.order_undo(session, job, at=at)
    system.nudge(Queue.BULK)
    return undo_id


def stood(ticket: Ticket) -> dict[str, Any]:
    """What has to be known of a ticket to turn back whatever an order is about to do to it."""
    until = ticket.snoozed_until
    return {
        "unit": ticket.unit_id,
        "assignee": ticket.assignee_id,
        "topic": ticket.topic_id,
        "state": ticket.state,
        "snoozed_until": until.isoformat() if until is not None else None,
    }


def turn_back(session: Session, viewer: Viewer, action: Action, row: BulkRow) -> None:
    """Turn back what `action` did to a ticket. Raises the LuukkuError that says why it is left alone."""
    before = row.before
    if not before:
        raise ConflictError(N_("How it stood before is not known."))
    if action.kind is Kind.MOVE:
        ticket = recallable(session, viewer, row.reference, home=before["unit"])
    else:
        ticket = workable(session, viewer, row.reference)
    doer = Doer(viewer.user_id, clock.now())
    if reason := _stands_otherwise(session, ticket, action) or _later_work(session, ticket, action, before, doer):
        raise ConflictError(reason)
    record(session, ticket, _undone(session, viewer, ticket, action, before, doer))


def _stands_otherwise(session: Session, ticket: Ticket, action: Action) -> str:
    """Why the ticket does not stand as the order left it; empty when it does."""
    match action.kind:
        case Kind.ASSIGN:
            return _assigned_otherwise(ticket, action)
        case Kind.MOVE:
            return N_("It has been moved on since.") if ticket.unit_id != action.to else ""
        case Kind.RESOLVE:
            return N_("It is open again already.") if ticket.state != State.RESOLVED else ""
        case Kind.LABEL | Kind.UNLABEL:
            has_it = action.text in labels.of_tickets(session, [ticket.id]).get(ticket.id, ())
            if has_it == (action.kind is Kind.LABEL):
                return ""
            return N_("The label is on it again.") if has_it else N_("The label is off it already.")


def _assigned_otherwise(ticket: Ticket, action: Action) -> str:
    if ticket.assignee_id != (action.to or None):
        return N_("It has been assigned anew since.")
    return N_("It is resolved.") if ticket.state == State.RESOLVED else ""


def _later_work(session: Session, ticket: Ticket, action: Action, before: dict[str, Any], doer: Doer) -> str:
    """What somebody has done with the ticket since, or is about to do, that an undo would overwrite."""
    present = presence.at_tickets(session, [ticket.id], but=doer.user_id or 0, now=doer.at).get(ticket.id, ())
    if any(person.is_writing for person in present):
        return N_("A colleague is writing on it.")
    later = session.scalars(select(Event).where(Event.ticket_id == ticket.id, Event.id > before["event"])).all()
    if any(_is_work(event, action, doer.user_id) for event in later):
        return WORKED_ON
    if action.kind is Kind.MOVE and (ticket.assignee_id is not None or _has_new_draft(session, ticket, before, doer)):
        return WORKED_ON
    return ""


def _is_work(event: Event, action: Action, orderer: int | None) -> bool:
    """Whether an event after the order is work that undoing it would overwrite; one's own is judged by what stands."""
    is_others = event.user_id not in (None, orderer)
    match action.kind:
        case Kind.ASSIGN:
            return is_others and (event.kind in WHOSE or event.user_id == action.to)
        case Kind.MOVE:
            return is_others
        case Kind.RESOLVE:
            return event.kind in AFTER_RESOLVED
        case Kind.LABEL | Kind.UNLABEL:
            return is_others and event.data.get("label") == action.text


def _has_new_draft(session: Session, ticket: Ticket, before: dict[str, Any], doer: Doer) -> bool:
    moved_at = session.get_one(Event, before["event"]).at
    theirs = select(Draft.id).where(Draft.ticket_id == ticket.id, Draft.user_id != doer.user_id)
    return session.scalar(theirs.where(Draft.saved_at > moved_at).limit(1)) is not None


def _undone(
    session: Session, viewer: Viewer, ticket: Ticket, action: Action, before: dict[str, Any], doer: Doer
) -> list[Event]:
    match action.kind:
        case Kind.ASSIGN:
            return _give_back(session, ticket, before, doer)
        case Kind.MOVE:
            return _fetch_back(session, viewer, ticket, action, before, doer)
        case Kind.RESOLVE:
            return _open_again(session, ticket, before, doer)
        case Kind.LABEL:
            labels.take_off(session, ticket.id, action.text)
            return service.label(ticket, doer, label=action.text, is_on=False)
        case Kind.UNLABEL:
            if labels.count(session, ticket.id) >= labels.MOST:
                raise InvalidInputError({"label": N_("A ticket has at most 20 labels.")})
            labels.put(session, ticket.id, action.text)
            return service.label(ticket, doer, label=action.text, is_on=True)


def _give_back(session: Session, ticket: Ticket, before: dict[str, Any], doer: Doer) -> list[Event]:
    """It is whose it was. A new ticket that was given to somebody stays open, as if taken back by hand."""
    had = before["assignee"]
    if had is not None and not works_there(session, had, ticket.unit_id):
        raise ConflictError(N_("Whoever had it before no longer works there."))
    return service.assign(ticket, doer, to=had)


def _fetch_back(
    session: Session, viewer: Viewer, ticket: Ticket, action: Action, before: dict[str, Any], doer: Doer
) -> list[Event]:
    """It is moved as by hand, and gets back what a move takes off: whose it was, its topic, the day it waits for."""
    home = before["unit"]
    if not takes_tickets(session, home):
        raise ConflictError(N_("The unit that it came from is closed."))
    reason = translator(viewer.language).gettext("Undone: %(reason)s", reason=action.text)
    terms = sla.terms(session, home, ticket.channel)
    events = service.transfer(ticket, doer, to=home, reason=reason, terms=terms)
    topic = session.get(Topic, before["topic"]) if before["topic"] is not None else None
    if topic is not None and topic.unit_id == home:
        events += service.change_topic(ticket, doer, topic_id=topic.id)
    if before["assignee"] is not None and works_there(session, before["assignee"], home):
        events += service.assign(ticket, doer, to=before["assignee"])
    return events + _aside_again(session, ticket, before, doer)


def _open_again(session: Session, ticket: Ticket, before: dict[str, Any], doer: Doer) -> list[Event]:
    """It is open; what waited waits again for what it waited for, and what was put aside is so again."""
    events = service.reopen(ticket, doer)
    if before["state"] == State.WAITING:
        events += service.pause(ticket, doer, reason=_reason_of(session, ticket, EventKind.PAUSED))
    return events + _aside_again(session, ticket, before, doer)


def _aside_again(session: Session, ticket: Ticket, before: dict[str, Any], doer: Doer) -> list[Event]:
    until = datetime.fromisoformat(before["snoozed_until"]) if before["snoozed_until"] else None
    if until is None or until <= doer.at or ticket.snoozed_until is not None:
        return []
    return service.snooze(ticket, doer, until=until, reason=_reason_of(session, ticket, EventKind.SNOOZED))


def _reason_of(session: Session, ticket: Ticket, kind: EventKind) -> str:
    """The reason given when this last happened to the ticket."""
    return next((event.reason for event in reversed(queries.history(session, ticket.id)) if event.kind == kind), "")

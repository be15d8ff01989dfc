"""One action on many tickets: looked at before, done by a worker ticket by ticket, with an outcome for each.

Each ticket is a transaction of its own that also notes its outcome, so nothing is done twice, and a worker that is
killed leaves the rest to the next one. Rights are asked anew for each ticket, as they are then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.accounts.policy import Viewer, viewer_roles
from app.core import clock
from app.core.errors import InvalidInputError, LuukkuError
from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.flows import undo_bulk
from app.flows.assign import works_there
from app.flows.record import record
from app.screens.access import ProtectedIdentityError, workable, worked_on
from app.screens.directory import takes_tickets
from app.sla import service as sla
from app.texts.catalogue import N_
from app.tickets import bulk, labels, presence, service
from app.tickets.bulk import Action, BulkJob, BulkRow, Kind, Outcome
from app.tickets.models import Event, Ticket
from app.tickets.regroup import reason_of
from app.tickets.service import Doer
from app.tickets.states import State

log = get_logger(__name__)
BROKEN = N_("Something went wrong here; the administrator finds it in the log.")
IS_SO_ALREADY = N_("It is so already.")


@dataclass(frozen=True)
class Preview:
    """What would be done: to which tickets, and which are left out and why (reference, reason), in the asked order."""

    included: tuple[Ticket, ...]
    excluded: tuple[tuple[str, str], ...]


def preview(system: System, viewer: Viewer, references: Sequence[str], action: Action) -> Preview:
    """Look before it is done. Raises InvalidInputError for an action that makes no sense or too many tickets."""
    _check(system, references, action)
    with system.db.read() as session:
        return _preview(session, viewer, references, action)


def order(system: System, viewer: Viewer, references: Sequence[str], action: Action) -> int:
    """Order it for all that the preview includes; the order's number. Raises InvalidInputError."""
    _check(system, references, action)
    with system.db.begin() as session:
        included = _preview(session, viewer, references, action).included
        if not included:
            raise InvalidInputError({"pick": N_("There is nothing to do for these tickets.")})
        told = [(ticket.id, ticket.reference) for ticket in included]
        job_id = bulk.order(session, viewer.user_id, asdict(action), told, at=clock.now())
    system.nudge(Queue.BULK)
    return job_id


def run(system: System) -> int:
    """Do what waits, one ticket after the other; how many."""
    done = 0
    while _run_one(system):
        done += 1
    return done


def _run_one(system: System) -> bool:
    with system.db.begin() as session:
        row = bulk.next_waiting(session)
        if row is None:
            return False
        job = session.get_one(BulkJob, row.job_id)
        try:
            with session.begin_nested():
                row.outcome, row.detail = _outcome(session, job, row), ""
        except LuukkuError as error:
            row.outcome, row.detail = Outcome.FAILED, _words(error)
        except Exception:  # one broken ticket must not keep the others waiting for ever
            log.exception("bulk_failed", job=row.job_id, ticket_id=row.ticket_id)
            row.outcome, row.detail = Outcome.FAILED, BROKEN
        row.done_at = clock.now()
        return True


def _outcome(session: Session, job: BulkJob, row: BulkRow) -> Outcome:
    viewer = _viewer(session, job.user_id)
    if job.undoes is not None:
        undo_bulk.turn_back(session, viewer, session.get_one(BulkJob, job.undoes).asked, row)
        return Outcome.DONE
    action = job.asked
    ticket = workable(session, viewer, row.reference)
    if _is_so(session, ticket, action):
        return Outcome.UNCHANGED
    before = undo_bulk.stood(ticket)
    events = _act(session, ticket, action, Doer(viewer.user_id, clock.now()))
    record(session, ticket, events)
    session.flush()
    row.before = {**before, "event": max(event.id for event in events)}
    return Outcome.DONE


def _act(session: Session, ticket: Ticket, action: Action, doer: Doer) -> list[Event]:
    match action.kind:
        case Kind.ASSIGN:
            return service.assign(ticket, doer, to=action.to or None)
        case Kind.MOVE:
            terms = sla.terms(session, action.to, ticket.channel)
            return service.transfer(ticket, doer, to=action.to, reason=action.text, terms=terms)
        case Kind.RESOLVE:
            return service.resolve(ticket, doer)
        case Kind.LABEL:
            labels.put(session, ticket.id, action.text)
            return service.label(ticket, doer, label=action.text, is_on=True)
        case Kind.UNLABEL:
            labels.take_off(session, ticket.id, action.text)
            return service.label(ticket, doer, label=action.text, is_on=False)


def _viewer(session: Session, user_id: int) -> Viewer:
    """The person with the rights that they have now; none of anything once they are gone. No protected identities."""
    user = session.get_one(User, user_id)
    roles = session.execute(select(Membership.unit_id, Membership.role).where(Membership.user_id == user_id)).all()
    units, headed = viewer_roles([(row.unit_id, row.role) for row in roles] if user.is_active else [])
    return Viewer(user.id, user.name, user.language, False, units, headed)


def _preview(session: Session, viewer: Viewer, references: Sequence[str], action: Action) -> Preview:
    included, excluded = [], []
    for reference in dict.fromkeys(references):
        try:
            ticket = worked_on(session, viewer, reference)
        except ProtectedIdentityError:
            excluded.append((reference, N_("The citizen's identity is protected.")))
        except LuukkuError as error:
            excluded.append((reference, _words(error)))
        else:
            if reason := _refusal(session, ticket, action):
                excluded.append((reference, reason))
            else:
                included.append(ticket)
    present = presence.at_tickets(session, [one.id for one in included], but=viewer.user_id, now=clock.now())
    busy = {ticket_id for ticket_id, people in present.items() if any(person.is_writing for person in people)}
    excluded += [(ticket.reference, N_("A colleague is writing on it.")) for ticket in included if ticket.id in busy]
    return Preview(tuple(ticket for ticket in included if ticket.id not in busy), tuple(excluded))


def _refusal(session: Session, ticket: Ticket, action: Action) -> str:
    if _is_so(session, ticket, action):
        return IS_SO_ALREADY
    if ticket.state == State.RESOLVED and action.kind in (Kind.ASSIGN, Kind.MOVE):
        return N_("It is resolved.")
    if action.kind is Kind.ASSIGN and action.to and not works_there(session, action.to, ticket.unit_id):
        return N_("Another unit holds it than the person works in.")
    if action.kind is Kind.LABEL and labels.count(session, ticket.id) >= labels.MOST:
        return N_("A ticket has at most 20 labels.")
    return ""


def _is_so(session: Session, ticket: Ticket, action: Action) -> bool:
    match action.kind:
        case Kind.ASSIGN:
            return ticket.assignee_id == (action.to or None)
        case Kind.MOVE:
            return ticket.unit_id == action.to
        case Kind.RESOLVE:
            return ticket.state == State.RESOLVED
        case Kind.LABEL | Kind.UNLABEL:
            has_it = action.text in labels.of_tickets(session, [ticket.id]).get(ticket.id, ())
            return has_it == (action.kind is Kind.LABEL)


def _check(system: System, references: Collection[str], action: Action) -> None:
    faults = {}
    if not references:
        faults["pick"] = N_("Choose at least one ticket.")
    if len(references) > bulk.MOST:
        faults["pick"] = N_("Choose at most 500 tickets.")
    if action.kind in (Kind.LABEL, Kind.UNLABEL) and not 1 <= len(action.text) <= labels.LONGEST:
        faults["label"] = N_("A label has 1 to 40 characters.")
    if action.kind is Kind.MOVE:
        faults |= _faults_of_move(system, action)
    if action.kind is Kind.ASSIGN and action.to:
        with system.db.read() as session:
            user = session.get(User, action.to)
        if user is None or not user.is_active:
            faults["assignee"] = N_("Choose somebody who works here.")
    if faults:
        raise InvalidInputError(faults)


def _faults_of_move(system: System, action: Action) -> dict[str, str]:
    faults: dict[str, str] = {}
    try:
        reason_of(action.text)
    except InvalidInputError as error:
        faults |= error.fields
    with system.db.read() as session:
        if not takes_tickets(session, action.to):
            faults["unit"] = N_("Choose a unit.")
    return faults


def _words(error: LuukkuError) -> str:
    return next(iter(error.fields.values())) if isinstance(error, InvalidInputError) else str(error)

"""A call comes in, is answered and ends; answered, it becomes a ticket whose first response was the answering.

The telephone exchange tells us through the token-protected door; an agent may also answer on the card in the desk.
Steps may come twice or out of order: each happens once.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Unit, User
from app.accounts.policy import Viewer
from app.calls import service as calls
from app.calls.models import Call, CallState
from app.core import changes, clock
from app.core.changes import ChangeKind
from app.core.errors import ConflictError, NotFoundError
from app.core.system import System
from app.flows.record import record
from app.flows.start import reason, unit_of
from app.intake import ledger
from app.intake.models import Fate, Inbound
from app.people import service as people
from app.people.models import ContactKind
from app.routing import service as routing
from app.routing.rules import Facts, decide
from app.sla import service as sla
from app.texts.catalogue import translator
from app.tickets import queries, service
from app.tickets.messages import Entry, add_message
from app.tickets.models import MessageKind, Ticket
from app.tickets.service import Doer, Start
from channels.contract import CallEvent, CallEventKind, ChannelName, RawItem, UnreadableError
from channels.phone.events import parse_event
from channels.phone.numbers import display_number

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
OLDEST = timedelta(days=366)
RIVALS = 3
"""events of one call, or of one caller's calls, that may be filed in the same instant"""


def take_event(system: System, body: bytes) -> int:
    """Put one event of the exchange on the ledger and do what it says; the ledger row's id.

    Raises UnreadableError for an event that cannot be read, after it was put in quarantine with its original.
    """
    try:
        event = _timely(parse_event(body, region=system.settings.phone_region))
    except UnreadableError as error:
        _quarantine(system, body, error.reason)
        raise
    item = RawItem(ChannelName.PHONE, "exchange", f"{event.call_id}:{event.kind}", body, event.at, event.dialled)
    for _ in range(RIVALS):
        with suppress(IntegrityError):  # two first steps of one call at the same instant: one sees the other's now
            return _file(system, event, item)
    return _file(system, event, item)


def _file(system: System, event: CallEvent, item: RawItem) -> int:
    with system.db.begin() as session:
        if ledger.is_known(session, item):
            return 0
        entry = ledger.enter(session, system.settings.data_dir, item, at=clock.now())
        session.flush()  # a faster twin of this step is met here, before anything else is done
        call = calls.find(session, event.call_id) or _ring(session, event, entry)
        _step(session, call, event)
        _settle(entry, call)
        _announce(session, call)
        return entry.id


def _timely(event: CallEvent) -> CallEvent:
    """The event, at the latest now: nothing that is answered here may seem to have been answered before it rang.

    Raises UnreadableError when the exchange's clock is far ahead: a call of next year would ring until then.
    """
    now = clock.now()
    if event.at > now + CLOCKS_MAY_DIFFER:
        raise UnreadableError("The call event cannot be used: at lies in the future.", reason="bad_call_event")
    if event.at < now - OLDEST:
        raise UnreadableError("The call event cannot be used: at lies more than a year back.", reason="bad_call_event")
    return replace(event, at=min(event.at, now))


def answer(system: System, viewer: Viewer, call_id: int) -> str:
    """The viewer answers a ringing call of their unit; the new ticket's reference. Raises ConflictError if too late."""
    with system.db.begin() as session:
        call = calls.get(session, call_id)
        if call.unit_id not in viewer.units:
            raise NotFoundError("There is no such call.")
        if not calls.answer(call, agent_id=viewer.user_id, at=clock.now()):
            raise ConflictError("Somebody else has answered this call, or it is over.")
        _announce(session, call)
        return _become_ticket(session, call).reference


def _announce(session: Session, call: Call) -> None:
    changes.announce(session, ChangeKind.CALL, unit_id=call.unit_id)


def _ring(session: Session, event: CallEvent, entry: Inbound) -> Call:
    decision = decide(Facts((event.dialled,), event.language or None, ""), routing.rules(session))
    person_id = None
    if event.caller.address:
        contact = people.find_contact(session, ContactKind.PHONE, event.caller.address)
        person_id = contact.person_id if contact and not contact.person.protection else None
    call = calls.ring(session, event, unit_id=unit_of(session, decision).id, person_id=person_id)
    call.inbound_id = entry.id
    return call


def _step(session: Session, call: Call, event: CallEvent) -> None:
    match event.kind:
        case CallEventKind.RINGING:
            calls.rang(call, event)
        case CallEventKind.ANSWERED:
            agent_id = _agent(session, event.agent, call.unit_id)
            if calls.answer(call, agent_id=agent_id, at=event.at):
                _become_ticket(session, call)
        case CallEventKind.ENDED:
            if calls.end(call, at=event.at) and call.ticket_id is not None:
                ticket = session.get_one(Ticket, call.ticket_id)
                record(session, ticket, service.end_call(ticket, Doer(None, event.at)))


def _become_ticket(session: Session, call: Call) -> Ticket:
    """The ticket of an answered call: it began with the first ring and was answered when it was."""
    unit = session.get_one(Unit, call.unit_id)
    _ = translator(unit.language).gettext
    person_id = _caller(session, call)
    decision = decide(Facts((call.dialled,), call.language, ""), routing.rules(session))
    ticket, created = service.start(
        session,
        Start(
            subject=_("Call from %(number)s", number=display_number(call.number) or _("a withheld number")),
            channel=ChannelName.PHONE,
            language=call.language or unit.language,
            unit_id=unit.id,
            topic_id=queries.topic_of(session, unit.id, decision.topic_key),
            person_id=person_id,
            arrived_at=call.rang_at,
            routing=reason(decision, call.language),
            terms=sla.terms(session, unit.id, ChannelName.PHONE),
        ),
        Doer(None, clock.now()),
    )
    said = add_message(
        session,
        ticket.id,
        Entry(
            MessageKind.CALL,
            ChannelName.PHONE,
            call.rang_at,
            person_id=person_id,
            sender=call.number,
            sender_name=call.caller_name,
            inbound_id=call.inbound_id,
        ),
    )
    steps = service.answer_call(ticket, Doer(call.agent_id, call.answered_at or clock.now()))
    if call.ended_at is not None:
        steps += service.end_call(ticket, Doer(None, call.ended_at))
    record(session, ticket, [created, *steps], said=said)
    call.ticket_id = ticket.id
    return ticket


def _caller(session: Session, call: Call) -> int | None:
    """Who calls, by the number. It proves nothing, so it never tells that somebody of protected identity is known."""
    if not call.number:
        return None
    at = clock.now()
    contact = people.contact_of(session, ContactKind.PHONE, call.number, name=call.caller_name, at=at)
    return None if contact.person.protection else contact.person_id


def _agent(session: Session, agent: str, unit_id: int) -> int | None:
    """Who of the unit answered, by mail address or extension; None for a telephone that belongs to nobody there."""
    if not agent:
        return None
    staff = select(User.id).join(Membership, Membership.user_id == User.id)
    of_unit = staff.where(Membership.unit_id == unit_id, User.is_active)
    return session.scalar(of_unit.where(or_(func.lower(User.email) == agent.lower(), User.extension == agent)))


def _settle(entry: Inbound, call: Call) -> None:
    if call.ticket_id is not None:
        ledger.settle(entry, Fate.JOINED, ticket_id=call.ticket_id)
    elif call.state == CallState.ABANDONED:
        ledger.settle(entry, Fate.IGNORED, reason="caller_hung_up")
    else:
        ledger.settle(entry, Fate.CALL)


def _quarantine(system: System, body: bytes, why: str) -> None:
    at: datetime = clock.now()
    told = hashlib.sha256(body).hexdigest()[:16]
    item = RawItem(ChannelName.PHONE, "exchange", f"unreadable:{at.isoformat()}:{told}", body, at)
    with system.db.begin() as session:
        if ledger.is_known(session, item):
            return
        entry = ledger.enter(session, system.settings.data_dir, item, at=at)
        ledger.settle(entry, Fate.QUARANTINED, reason=why)

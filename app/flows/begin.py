"""An agent begins a ticket: of a call they have taken, or with a mail or letter that we write first.

A call was answered as it was taken, so its first response is met; to a mail or letter of ours nobody waits for a first
response, so no such clock runs. The citizen's answer starts the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import AuditEntry, Unit, User
from app.accounts.policy import Viewer, may_see_person
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.nudge import Queue
from app.core.system import System
from app.core.text import one_line
from app.flows.contacts import Identity, contacts_of, keep_contacts
from app.flows.record import record
from app.flows.reply import Answer, demand_closed, send
from app.people import service as people
from app.people.models import ContactKind, Person
from app.screens import access
from app.sla import service as sla
from app.sla.facts import Metric
from app.texts.catalogue import N_, SUPPORTED
from app.tickets import service
from app.tickets.messages import LONGEST_TEXT, Entry, add_message
from app.tickets.models import Message, MessageKind, Ticket, Topic
from app.tickets.service import Doer, Start
from app.tickets.states import State
from channels.contract import ChannelName
from channels.phone.numbers import region_of

BEGUN = "ticket_begun"
LONGEST_CALL = timedelta(hours=10)
PRESSED_TWICE = timedelta(hours=1)


@dataclass(frozen=True)
class Begin:
    """What the form says. `body` is the note of a call, or what is written to the citizen.

    `person_id` is the citizen that was chosen, None to find or make them by `identity`; `form_id` tells one form from
    another, so that one sent twice begins one ticket.
    """

    channel: ChannelName
    unit_id: int
    topic_id: int | None
    language: str
    subject: str
    body: str
    then: State
    form_id: str
    identity: Identity = field(default_factory=Identity)
    person_id: int | None = None
    talked: timedelta = timedelta()
    may_be_open: bool = False
    """an identity number in it may go by mail"""


def begin(system: System, viewer: Viewer, wish: Begin) -> str:
    """The new ticket's reference. Raises InvalidInputError naming each faulty field, and as `access.citizen`."""
    with system.db.begin() as session:
        session.get_one(User, viewer.user_id, with_for_update=True)  # of a form sent twice at once one waits
        if begun := _begun_before(session, viewer, wish):
            return begun
        unit = _check(session, viewer, wish)
        person = _person(session, system, viewer, wish, unit)
        ticket = _start(session, viewer, wish, unit, person)
        if wish.channel is ChannelName.PHONE:
            _note_call(session, viewer, ticket, wish, person)
        else:
            _write_first(session, system, viewer, ticket, wish)
        audit.note(session, BEGUN, at=clock.now(), user_id=viewer.user_id, ticket_id=ticket.id, form=wish.form_id)
    system.nudge(Queue.SUGGEST if wish.channel is ChannelName.PHONE else Queue.OUTBOX)
    return ticket.reference


def _begun_before(session: Session, viewer: Viewer, wish: Begin) -> str | None:
    since = clock.now() - PRESSED_TWICE
    mine = select(AuditEntry).where(AuditEntry.at >= since, AuditEntry.user_id == viewer.user_id)
    rows = session.scalars(mine.where(AuditEntry.action == BEGUN))
    ticket_id = next((row.ticket_id for row in rows if wish.form_id and row.data.get("form") == wish.form_id), None)
    return session.get_one(Ticket, ticket_id).reference if ticket_id is not None else None


def _check(session: Session, viewer: Viewer, wish: Begin) -> Unit:
    faults = {}
    unit = session.get(Unit, wish.unit_id)
    if unit is None or unit.id not in viewer.units:
        faults["about"] = N_("Choose what it is about, in one of your units.")
    topic = session.get(Topic, wish.topic_id) if wish.topic_id is not None else None
    if wish.topic_id is not None and (topic is None or topic.unit_id != wish.unit_id):
        faults["about"] = N_("Choose what it is about, in one of your units.")
    if wish.language not in SUPPORTED:
        faults["language"] = N_("Choose one of the languages.")
    if not wish.body.strip():
        faults["body"] = (
            N_("Write what was said.") if wish.channel is ChannelName.PHONE else N_("Write the text first.")
        )
    elif len(wish.body) > LONGEST_TEXT:
        faults["body"] = N_("The text is too long: at most 50,000 characters.")
    if not timedelta() <= wish.talked <= LONGEST_CALL:
        faults["minutes"] = N_("A call takes 0 to 600 minutes.")
    if faults or unit is None:
        raise InvalidInputError(faults)
    demand_closed(wish.channel, wish.body, may_be_open=wish.may_be_open)
    return unit


def _person(session: Session, system: System, viewer: Viewer, wish: Begin, unit: Unit) -> Person | None:
    """The chosen citizen, else whoever is known by what was told, else a new one; None when nothing was told.

    A telephone number proves nothing: of a protected identity it tells nothing, and the caller stays unknown.
    """
    contacts = contacts_of(wish.identity, region=region_of(unit.phone) or system.settings.phone_region)
    person = _known(session, viewer, wish, contacts)
    if person is not None and not may_see_person(viewer, person.id, person.protection):
        if wish.channel is ChannelName.PHONE:
            return None
        raise InvalidInputError({"email": N_("This belongs to another citizen already.")})
    name = " ".join(wish.identity.name.split())[: people.LONGEST_NAME]
    if person is None and not contacts and not name:
        return None
    if person is None:
        person = Person(name=name, language=wish.language, created_at=clock.now())
        session.add(person)
        session.flush()
    person.name, person.language = person.name or name, person.language or wish.language
    keep_contacts(session, person, contacts)
    return person


def _known(session: Session, viewer: Viewer, wish: Begin, contacts: dict[ContactKind, str]) -> Person | None:
    if wish.person_id is not None:
        return access.citizen(session, viewer, wish.person_id)
    return people.recognise(session, contacts, name=wish.identity.name)


def _start(session: Session, viewer: Viewer, wish: Begin, unit: Unit, person: Person | None) -> Ticket:
    at = clock.now()
    is_call = wish.channel is ChannelName.PHONE
    begun: dict[str, Any] = {"is_begun": not is_call, "arrived_at": at - wish.talked if is_call else at}
    start = Start(
        subject=one_line(wish.subject, 200) or one_line(wish.body, 80),
        channel=wish.channel,
        language=wish.language,
        unit_id=unit.id,
        topic_id=wish.topic_id,
        person_id=person.id if person else None,
        routing={"kind": "by_hand" if is_call else "begun", "found": viewer.name},
        terms=_terms(session, unit.id, wish.channel),
        **begun,
    )
    ticket, created = service.start(session, start, Doer(viewer.user_id, at))
    record(session, ticket, [created])
    record(session, ticket, service.assign(ticket, Doer(viewer.user_id, start.arrived_at), to=viewer.user_id))
    return ticket


def _terms(session: Session, unit_id: int, channel: ChannelName) -> dict[str, Any]:
    terms = sla.terms(session, unit_id, channel)
    if channel is ChannelName.PHONE:
        return terms
    targets = {metric: target for metric, target in terms["targets"].items() if metric != Metric.FIRST_RESPONSE}
    return terms | {"targets": targets}


def _note_call(session: Session, viewer: Viewer, ticket: Ticket, wish: Begin, person: Person | None) -> None:
    number = people.addresses(session, ticket.person_id, ContactKind.PHONE) if ticket.person_id else []
    said = add_message(
        session,
        ticket.id,
        Entry(
            MessageKind.CALL,
            ChannelName.PHONE,
            ticket.arrived_at,
            body=wish.body,
            author_id=viewer.user_id,
            person_id=ticket.person_id,
            sender=number[-1] if number else "",
            sender_name=person.name if person else "",
        ),
    )
    ended = Doer(viewer.user_id, clock.now())
    steps = service.answer_call(ticket, Doer(viewer.user_id, ticket.arrived_at)) + service.end_call(ticket, ended)
    steps += _followed(ticket, said, ended, wish.then)
    record(session, ticket, steps, said=said)


def _followed(ticket: Ticket, said: Message, doer: Doer, then: State) -> list[Any]:
    if then == State.RESOLVED:
        return service.resolve(ticket, doer)
    ticket.asked_in = said.id
    return service.pause(ticket, doer, reason="citizen") if then == State.WAITING else []


def _write_first(session: Session, system: System, viewer: Viewer, ticket: Ticket, wish: Begin) -> None:
    answer = Answer(wish.body, wish.channel, wish.then)
    send(session, system, viewer, ticket, answer, to_address=wish.identity.email.strip().lower())


def opened_for(opened_at: str, *, at: datetime) -> timedelta:
    """How long a form has been open, by the instant that it says it was made at; nothing for one that says no such."""
    try:
        opened = datetime.fromisoformat(opened_at)
    except ValueError:
        return timedelta()
    return max(timedelta(), min(at - opened, LONGEST_CALL)) if opened.tzinfo else timedelta()

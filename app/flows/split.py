"""One message asks about another matter: it becomes a ticket of its own, which has waited since the message came."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows.link import put_link
from app.flows.moving import filenames_of, move_messages
from app.flows.record import record
from app.people import service as people
from app.people.models import ContactKind
from app.screens.access import workable
from app.screens.directory import takes_tickets
from app.sla import service as sla
from app.suggest.models import Suggestion
from app.texts.catalogue import N_
from app.tickets import regroup, service
from app.tickets.messages import copy_message
from app.tickets.models import Message, MessageKind, Ticket
from app.tickets.service import Doer, Start
from channels.contract import ChannelName


@dataclass(frozen=True)
class Split:
    """What becomes of a message: the new ticket's subject and unit, why, and whether the message stays here too."""

    subject: str
    unit_id: int
    reason: str
    is_copied: bool = False


def split(system: System, viewer: Viewer, reference: str, message_id: int, wish: Split) -> str:
    """The new ticket's reference. Raises NotFoundError and InvalidInputError naming each faulty field.

    What a ticket began with can only be copied: without it nothing would be left that asks something.
    """
    reason = regroup.reason_of(wish.reason)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        message = inquiry(session, ticket, message_id)
        _check(session, ticket, message, wish)
        doer = Doer(viewer.user_id, clock.now())
        started, created = service.start(session, _start(session, ticket, message, wish), doer)
        events = regroup.split(ticket, message, doer, to=started, reason=reason, is_copied=wish.is_copied)
        if wish.is_copied:
            names = filenames_of(session, [message.id])[message.id]
            said = copy_message(session, message, started.id, person_id=started.person_id)
            record(session, started, [created], said=said, filenames=names)
        else:
            said = message
            move_messages(session, ticket, started, [message])
            said.is_confirmed = True
            record(session, started, [created])
            _ask_what_is_left(session, ticket, message.id)
        started.asked_in = said.id
        put_link(session, ticket, started, reason, at=doer.at)
        record(session, ticket, events)
    system.nudge(Queue.SUGGEST)
    return started.reference


def inquiry(session: Session, ticket: Ticket, message_id: int) -> Message:
    """A message of the ticket's citizen, which may become a ticket of its own. Raises NotFoundError."""
    message = session.get(Message, message_id)
    if message is None or message.ticket_id != ticket.id or message.kind != MessageKind.CITIZEN:
        raise NotFoundError("There is no such message.")
    return message


def _check(session: Session, ticket: Ticket, message: Message, wish: Split) -> None:
    faults = {}
    if not wish.subject.strip():
        faults["subject"] = N_("Say what the new ticket is about.")
    if not takes_tickets(session, wish.unit_id):
        faults["unit"] = N_("Choose a unit.")
    if not wish.is_copied and _first(session, ticket).id == message.id:
        faults["how"] = N_("The ticket began with this message: it can be copied, not moved.")
    if faults:
        raise InvalidInputError(faults)


def _first(session: Session, ticket: Ticket) -> Message:
    asked = select(Message).where(Message.ticket_id == ticket.id)
    asked = asked.where(Message.kind.in_((MessageKind.CITIZEN, MessageKind.CALL)))
    return session.scalars(asked.order_by(Message.at, Message.id).limit(1)).one()


def _start(session: Session, ticket: Ticket, message: Message, wish: Split) -> Start:
    unit = session.get_one(Unit, wish.unit_id)
    return Start(
        subject=wish.subject.strip(),
        channel=message.channel,
        language=ticket.language,
        unit_id=unit.id,
        topic_id=None,
        person_id=_asker(session, ticket, message),
        arrived_at=sla.arrival(message.channel, message.at, unit.timezone),
        routing={"kind": "split", "found": ticket.reference},
        terms=sla.terms(session, unit.id, message.channel),
    )


def _asker(session: Session, ticket: Ticket, message: Message) -> int | None:
    """Who asked; a stranger who wrote into the ticket is a citizen of their own in the new one."""
    if message.is_confirmed or message.channel != ChannelName.EMAIL or not message.sender:
        return message.person_id or ticket.person_id
    contact = people.contact_of(
        session, ContactKind.EMAIL, message.sender, name=message.sender_name, at=clock.now(), language=ticket.language
    )
    return contact.person_id


def _ask_what_is_left(session: Session, ticket: Ticket, moved_id: int) -> None:
    """Suggestions answer the citizen's newest message that is still here."""
    if ticket.asked_in != moved_id:
        return
    asked = select(Message.id).where(Message.ticket_id == ticket.id, Message.kind == MessageKind.CITIZEN)
    ticket.asked_in = session.scalar(asked.order_by(Message.at.desc(), Message.id.desc()).limit(1))
    known = select(Suggestion.id).where(Suggestion.message_id == ticket.asked_in).limit(1)
    ticket.suggested_for = ticket.asked_in if session.scalar(known) else None

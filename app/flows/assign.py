"""Who works on a ticket, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.record import record
from app.people.models import Person
from app.screens.access import NOTHING, workable
from app.texts.catalogue import N_, SUPPORTED
from app.tickets import service
from app.tickets.models import Message, Ticket, Topic
from app.tickets.service import Doer


def take(system: System, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> None:
    """The ticket is the viewer's own."""
    assign(system, viewer, reference, to=viewer.user_id, seen=seen)


def assign(
    system: System, viewer: Viewer, reference: str, *, to: int | None, seen: Mapping[str, str] = NOTHING
) -> None:
    """The ticket is `to`'s, who must work in its unit; None = nobody's. Raises InvalidInputError, ConflictError."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        if to is not None and not works_there(session, to, ticket.unit_id):
            raise InvalidInputError({"assignee": "Choose somebody of the ticket's unit."})
        if to is not None and not may_have(session, to, ticket):
            raise InvalidInputError({"assignee": N_("Choose somebody who is named for protected identities.")})
        record(session, ticket, service.assign(ticket, _doer(viewer), to=to))


def change_topic(
    system: System, viewer: Viewer, reference: str, *, topic_id: int | None, seen: Mapping[str, str] = NOTHING
) -> None:
    """The ticket is about a topic of its unit's list. Raises InvalidInputError."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        topic = session.get(Topic, topic_id) if topic_id is not None else None
        if topic_id is not None and (topic is None or topic.unit_id != ticket.unit_id):
            raise InvalidInputError({"topic": "Choose a topic of the ticket's unit."})
        record(session, ticket, service.change_topic(ticket, _doer(viewer), topic_id=topic_id))


def change_language(
    system: System, viewer: Viewer, reference: str, *, language: str, seen: Mapping[str, str] = NOTHING
) -> None:
    """The citizen is answered in this language. Raises InvalidInputError."""
    if language not in SUPPORTED:
        raise InvalidInputError({"language": "Choose one of the languages."})
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        record(session, ticket, service.change_language(ticket, _doer(viewer), language=language))


def confirm_sender(system: System, viewer: Viewer, reference: str, message_id: int) -> None:
    """The viewer vouches for a message from another sender. Raises NotFoundError, ConflictError."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        message = session.get(Message, message_id)
        if message is None or message.ticket_id != ticket.id:
            raise NotFoundError("There is no such message.")
        record(session, ticket, service.confirm_sender(ticket, message, _doer(viewer)))


def works_there(session: Session, user_id: int, unit_id: int) -> bool:
    """Whether somebody works in a unit, so that its tickets can be theirs."""
    theirs = select(Membership.id).where(Membership.user_id == user_id, Membership.unit_id == unit_id)
    return session.scalar(theirs.join(User, User.id == Membership.user_id).where(User.is_active)) is not None


def may_have(session: Session, user_id: int, ticket: Ticket) -> bool:
    """Whether a ticket can be somebody's: of a protected identity only theirs who are named for it."""
    person = session.get(Person, ticket.person_id) if ticket.person_id is not None else None
    return person is None or not person.protection or session.get_one(User, user_id).sees_protected


def _doer(viewer: Viewer) -> Doer:
    return Doer(viewer.user_id, clock.now())

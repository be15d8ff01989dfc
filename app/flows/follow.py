"""A person follows a ticket, and tells how far they have seen what happened to it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.system import System
from app.people.models import Person
from app.screens.access import readable
from app.screens.missed import read_missed
from app.sla.models import StintRow
from app.tickets import following
from app.tickets.following import Why
from app.tickets.models import Message, Ticket


def follow(system: System, viewer: Viewer, reference: str) -> None:
    """The viewer is told of what happens to a ticket that they may read. Raises NotFoundError."""
    with system.db.begin() as session:
        ticket, at = readable(session, viewer, reference), clock.now()
        following.follow(session, ticket.id, viewer.user_id, Why.HAND, at=at)
        following.see(session, ticket.id, viewer.user_id, at=at)


def unfollow(system: System, viewer: Viewer, reference: str) -> None:
    """The viewer is told no more, unless the ticket is theirs. Raises NotFoundError."""
    with system.db.begin() as session:
        following.unfollow(session, readable(session, viewer, reference).id, viewer.user_id)


def see_all(system: System, viewer: Viewer, *, up_to: int) -> None:
    """All that a page of news showed has been seen: what happened up to the event `up_to`."""
    with system.db.begin() as session:
        at = clock.now()
        for missed in read_missed(session, viewer, now=at):
            following.see(session, missed.ticket_id, viewer.user_id, up_to=up_to, at=at)


def mention(session: Session, viewer: Viewer, ticket: Ticket, note: Message) -> None:
    """Whom a note names is told of it and follows the ticket from now on."""
    named = following.named_in(note.body, colleagues(session, viewer, ticket)) if "@" in note.body else frozenset()
    following.mention(session, note.id, named)
    for user_id in named:
        following.follow(session, ticket.id, user_id, Why.MENTION, at=note.at)


def colleagues(session: Session, viewer: Viewer, ticket: Ticket) -> dict[int, str]:
    """Who else may read a ticket, id to name: the active people of all units that hold or held it."""
    held = select(StintRow.unit_id).where(StintRow.ticket_id == ticket.id)
    query = (
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where((Membership.unit_id == ticket.unit_id) | Membership.unit_id.in_(held))
        .where(User.is_active, User.id != viewer.user_id)
        .order_by(User.name, User.id)
    )
    person = session.get(Person, ticket.person_id) if ticket.person_id is not None else None
    if person is not None and person.protection:
        query = query.where(User.sees_protected)
    return {row.id: row.name for row in session.execute(query.distinct())}

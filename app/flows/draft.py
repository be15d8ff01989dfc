"""What an agent writes is kept as they write it, and everybody at the ticket sees who is at work there."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core import changes, clock
from app.core.changes import ChangeKind
from app.core.errors import InvalidInputError
from app.core.system import System
from app.screens.access import readable, worked_on
from app.tickets import drafts, following, presence
from app.tickets.drafts import Mode, Written
from app.tickets.messages import LONGEST_TEXT
from app.tickets.models import Ticket


def save(system: System, viewer: Viewer, reference: str, mode: Mode, written: Written, *, revision: int) -> int:
    """Keep the viewer's draft; its new revision. An empty text removes it.

    Raises DraftConflictError when another window of theirs has written since `revision`.
    """
    if len(written.body) > LONGEST_TEXT:
        raise InvalidInputError({"body": "The text is too long: at most 50,000 characters."})
    try:
        return _save(system, viewer, reference, mode, written, revision)
    except IntegrityError:  # two windows save their first words at the same instant: now one sees the other's
        return _save(system, viewer, reference, mode, written, revision)


def _save(system: System, viewer: Viewer, reference: str, mode: Mode, written: Written, revision: int) -> int:
    with system.db.begin() as session:
        ticket = worked_on(session, viewer, reference)
        known = drafts.find(session, ticket.id, viewer.user_id, mode)
        had = known is not None
        of = (ticket.id, viewer.user_id, mode)
        new = drafts.save(session, known, written, of=of, revision=revision, at=clock.now())
        is_news = presence.note(session, ticket.id, viewer.user_id, is_writing=bool(new), at=clock.now())
        if is_news or had != bool(new):
            _announce(session, ticket)
        return new


def be_present(system: System, viewer: Viewer, reference: str, *, is_writing: bool, shown: int = 0) -> None:
    """The viewer is at the ticket, whose events they see up to `shown`; told to others when it is news.

    Raises NotFoundError.
    """
    with system.db.begin() as session:
        ticket = readable(session, viewer, reference)
        if shown:
            following.see(session, ticket.id, viewer.user_id, up_to=shown, at=clock.now())
        if presence.note(session, ticket.id, viewer.user_id, is_writing=is_writing, at=clock.now()):
            _announce(session, ticket)


def leave(system: System, viewer: Viewer, reference: str) -> None:
    """The viewer has left the ticket."""
    with system.db.begin() as session:
        ticket = readable(session, viewer, reference)
        if presence.leave(session, ticket.id, viewer.user_id):
            _announce(session, ticket)


def _announce(session: Session, ticket: Ticket) -> None:
    changes.announce(session, ChangeKind.PRESENCE, unit_id=ticket.unit_id, ticket_id=ticket.id)

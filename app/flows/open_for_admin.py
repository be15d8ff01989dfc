"""An administrator reads a ticket of a unit that is not theirs: only with a reason, and the audit trail keeps it."""

from __future__ import annotations

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.screens.access import TICKET_OPENED, exists_for_administrator

SHORTEST = 10


def open_for_admin(system: System, viewer: Viewer, reference: str, *, reason: str, login_id: int) -> None:
    """The ticket is readable until the log-in `login_id` ends. Raises InvalidInputError, NotFoundError."""
    said = " ".join(reason.split())
    if len(said) < SHORTEST:
        raise InvalidInputError({"reason": "Say in a few words why you must read this ticket."})
    with system.db.begin() as session:
        ticket_id = exists_for_administrator(session, viewer, reference)
        audit.note(
            session,
            TICKET_OPENED,
            at=clock.now(),
            user_id=viewer.user_id,
            ticket_id=ticket_id,
            reason=said[:400],
            login=login_id,
        )

"""A ticket goes on paper: who took it out of the house, when, and with or without the internal notes."""

from __future__ import annotations

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.system import System

PRINTED = "ticket_printed"
"""the audit trail's word; nobody can see what a browser prints, so opening the page for it counts"""


def note_print(system: System, viewer: Viewer, ticket_id: int, *, has_notes: bool) -> None:
    """Write that the person took the whole ticket out to print it."""
    with system.db.begin() as session:
        audit.note(
            session, PRINTED, at=clock.now(), user_id=viewer.user_id, ticket_id=ticket_id, internal_notes=has_notes
        )

"""What desks are told, and for how long it is kept."""

from __future__ import annotations

from app.core import changes, clock
from app.core.system import System
from app.tickets import presence


def forget_old(system: System) -> int:
    """Remove changes and signs of presence that nobody asks for any more; how many."""
    with system.db.begin() as session:
        at = clock.now()
        return changes.forget_old(session, at=at) + presence.forget_old(session, at=at)

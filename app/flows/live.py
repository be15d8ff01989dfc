"""What desks are told, and for how long it is kept."""

from __future__ import annotations

from app.core import changes, clock
from app.core.system import System
from app.tickets import following, presence


def forget_old(system: System) -> int:
    """Remove changes and signs of presence that nobody asks for any more; how many."""
    with system.db.begin() as session:
        at = clock.now()
        return sum(keeper.forget_old(session, at=at) for keeper in (changes, presence, following))

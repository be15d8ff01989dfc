"""Somebody stands at a door that anybody may come to: how often is counted.

knock(system, Door("form", 20), request.remote_addr)    # TooManyError, 429 with Retry-After, above 20 in 15 minutes
"""

from __future__ import annotations

from app.accounts import doors, steps
from app.accounts.doors import Door
from app.core import clock
from app.core.errors import TooManyError
from app.core.system import System


def knock(system: System, door: Door, place: str) -> None:
    """Count one more time; `place` is the network address. Raises TooManyError when it was once too often."""
    with system.db.begin() as session:
        until = doors.count(session, door, place, at=clock.now(), secret_key=system.settings.secret_key)
    if until is not None:
        raise TooManyError("Too many requests came from your network.", until=until)


def forget_old(system: System) -> int:
    """Forget counts and half log-ins that are over; how many."""
    with system.db.begin() as session:
        at = clock.now()
        return doors.forget_old(session, at=at) + steps.forget_old(session, at=at)

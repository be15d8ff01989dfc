"""A ticket is put aside for a while, with a reason; it comes back by itself, and before a clock of it runs out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.record import record
from app.screens.access import NOTHING, workable
from app.texts.catalogue import N_
from app.tickets import service
from app.tickets.service import Doer

LONGEST = timedelta(days=60)


def snooze(
    system: System,
    viewer: Viewer,
    reference: str,
    *,
    until: datetime | None,
    reason: str,
    seen: Mapping[str, str] = NOTHING,
) -> None:
    """Leave the ticket out of the lists until then. Raises InvalidInputError for no time or reason, ConflictError."""
    at, said, faults = clock.now(), " ".join(reason.split()), {}
    if until is None or until <= at:
        faults["until"] = N_("Choose a time that is to come.")
    elif until > at + LONGEST:
        faults["until"] = N_("Choose a time within 60 days.")
    if not said:
        faults["reason"] = N_("Say why the ticket is put aside.")
    if faults or until is None:
        raise InvalidInputError(faults)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        record(session, ticket, service.snooze(ticket, Doer(viewer.user_id, at), until=until, reason=said))


def wake(system: System, viewer: Viewer, reference: str) -> None:
    """The ticket is in the lists again."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        record(session, ticket, service.wake(ticket, Doer(viewer.user_id, clock.now())))

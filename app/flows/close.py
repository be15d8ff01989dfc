"""A ticket waits, goes on, is resolved or comes back, by an agent's hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.record import record
from app.screens.access import NOTHING, workable
from app.texts.catalogue import N_
from app.tickets import pauses, service
from app.tickets.models import Event, Ticket
from app.tickets.service import Doer

LONGEST = timedelta(days=366)


def resolve(system: System, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> None:
    """The inquiry is dealt with. Raises ConflictError when it was already."""
    _change(system, viewer, reference, service.resolve, seen)


def reopen(system: System, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> None:
    """It was not dealt with after all. Raises ConflictError when it is open."""
    _change(system, viewer, reference, service.reopen, seen)


def pause(
    system: System,
    viewer: Viewer,
    reference: str,
    *,
    reason: str,
    until: datetime | None = None,
    seen: Mapping[str, str] = NOTHING,
) -> None:
    """The ticket waits for `reason`, until then where that is said.

    Raises InvalidInputError for an unknown reason or a time that is past or beyond `LONGEST`, ConflictError.
    """
    at = clock.now()
    if until is not None and not at < until <= at + LONGEST:
        raise InvalidInputError({"until": N_("Choose a day that is to come, within a year.")})
    ends_at = until.astimezone(UTC) if until is not None else None
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        told = ends_at.isoformat() if ends_at else ""
        record(session, ticket, service.pause(ticket, Doer(viewer.user_id, at), reason=reason, until=told))
        pauses.end_at(session, ticket.id, ends_at)


def resume(system: System, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> None:
    """The ticket waits no more. Raises ConflictError when it did not wait."""
    _change(system, viewer, reference, service.resume, seen)


def _change(
    system: System,
    viewer: Viewer,
    reference: str,
    verb: Callable[[Ticket, Doer], list[Event]],
    seen: Mapping[str, str],
) -> None:
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference, seen=seen)
        record(session, ticket, verb(ticket, Doer(viewer.user_id, clock.now())))

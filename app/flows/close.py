"""A ticket waits, goes on, is resolved or comes back, by an agent's hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.accounts.policy import Viewer
from app.core import clock
from app.core.system import System
from app.flows.record import record
from app.screens.access import NOTHING, workable
from app.tickets import service
from app.tickets.models import Event, Ticket
from app.tickets.service import Doer


def resolve(system: System, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> None:
    """The inquiry is dealt with. Raises ConflictError when it was already."""
    _change(system, viewer, reference, service.resolve, seen)


def reopen(system: System, viewer: Viewer, reference: str, *, seen: Mapping[str, str] = NOTHING) -> None:
    """It was not dealt with after all. Raises ConflictError when it is open."""
    _change(system, viewer, reference, service.reopen, seen)


def pause(system: System, viewer: Viewer, reference: str, *, reason: str, seen: Mapping[str, str] = NOTHING) -> None:
    """The ticket waits for `reason`. Raises InvalidInputError for an unknown one, ConflictError."""
    _change(system, viewer, reference, lambda ticket, doer: service.pause(ticket, doer, reason=reason), seen)


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

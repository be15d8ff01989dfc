"""A ticket waits, goes on, is resolved or comes back, by an agent's hand."""

from __future__ import annotations

from collections.abc import Callable

from app.accounts.policy import Viewer
from app.core import clock
from app.core.system import System
from app.flows.record import record
from app.screens.access import workable
from app.tickets import service
from app.tickets.models import Event, Ticket
from app.tickets.service import Doer


def resolve(system: System, viewer: Viewer, reference: str) -> None:
    """The inquiry is dealt with. Raises ConflictError when it was already."""
    _change(system, viewer, reference, service.resolve)


def reopen(system: System, viewer: Viewer, reference: str) -> None:
    """It was not dealt with after all. Raises ConflictError when it is open."""
    _change(system, viewer, reference, service.reopen)


def pause(system: System, viewer: Viewer, reference: str, *, reason: str) -> None:
    """The ticket waits for `reason`. Raises InvalidInputError for an unknown one, ConflictError."""
    _change(system, viewer, reference, lambda ticket, doer: service.pause(ticket, doer, reason=reason))


def resume(system: System, viewer: Viewer, reference: str) -> None:
    """The ticket waits no more. Raises ConflictError when it did not wait."""
    _change(system, viewer, reference, service.resume)


def _change(system: System, viewer: Viewer, reference: str, verb: Callable[[Ticket, Doer], list[Event]]) -> None:
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        record(session, ticket, verb(ticket, Doer(viewer.user_id, clock.now())))

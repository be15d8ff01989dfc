"""Labels are put on a ticket and taken off."""

from __future__ import annotations

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.record import record
from app.screens.access import workable
from app.texts.catalogue import N_
from app.tickets import labels, service
from app.tickets.service import Doer


def put_label(system: System, viewer: Viewer, reference: str, text: str) -> None:
    """Put a label on; one that is there already stays. Raises InvalidInputError."""
    label = labels.normal(text)
    if not label or len(label) > labels.LONGEST:
        raise InvalidInputError({"label": N_("A label has 1 to 40 characters.")})
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        if labels.count(session, ticket.id) >= labels.MOST:
            raise InvalidInputError({"label": N_("A ticket has at most 20 labels.")})
        if labels.put(session, ticket.id, label):
            record(session, ticket, service.label(ticket, Doer(viewer.user_id, clock.now()), label=label, is_on=True))


def take_off_label(system: System, viewer: Viewer, reference: str, text: str) -> None:
    """Take a label off; one that is not there is no error."""
    label = labels.normal(text)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        if labels.take_off(session, ticket.id, label):
            record(session, ticket, service.label(ticket, Doer(viewer.user_id, clock.now()), label=label, is_on=False))

"""The calls that ring at a person's units now, with who it probably is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.calls.models import Call, CallState
from app.core.db import UtcDateTime, among
from app.people.models import Person
from app.tickets.models import Ticket
from app.tickets.states import State

FORGOTTEN_AFTER = timedelta(minutes=30)
"""an exchange that never says that a call ended must not fill the desk"""
MOST = 3
MOST_LOOKED_AT = 60


@dataclass(frozen=True)
class OpenTicket:
    """An open ticket of the caller."""

    reference: str
    subject: str


@dataclass(frozen=True)
class Ringing:
    """One call that waits for somebody to answer it."""

    call_id: int
    number: str
    name: str
    language: str | None
    unit_id: int
    rang_at: datetime
    tickets: tuple[OpenTicket, ...]


def read_ringing(session: Session, viewer: Viewer, *, now: datetime) -> list[Ringing]:
    """The calls, longest waiting first; two queries."""
    if not viewer.units:
        return []
    asked = {"since": now - FORGOTTEN_AFTER}
    found = [(call, name) for call, name in session.execute(_calls(viewer.units), asked)]
    tickets = _open_tickets(session, viewer, {call.person_id for call, _ in found if call.person_id})
    return [
        Ringing(
            call_id=call.id,
            number=call.number,
            name=name or call.caller_name,
            language=call.language,
            unit_id=call.unit_id,
            rang_at=call.rang_at,
            tickets=tuple(tickets[call.person_id or 0][:MOST]),
        )
        for call, name in found
    ]


@lru_cache(maxsize=256)
def _calls(units: frozenset[int]) -> Select[Call, str]:
    return (
        select(Call, func.coalesce(Person.name, ""))
        .outerjoin(Person, Person.id == Call.person_id)
        .where(among(Call.unit_id, units), Call.state == CallState.RINGING)
        .where(Call.rang_at > bindparam("since", type_=UtcDateTime()))
        .order_by(Call.rang_at, Call.id)
        .limit(MOST)
    )


def _open_tickets(session: Session, viewer: Viewer, person_ids: set[int]) -> defaultdict[int, list[OpenTicket]]:
    """The callers' open tickets; the unit is looked at here, so that the query goes by the index of persons."""
    found: defaultdict[int, list[OpenTicket]] = defaultdict(list)
    if person_ids:
        query = (
            select(Ticket.person_id, Ticket.reference, Ticket.subject, Ticket.unit_id)
            .where(Ticket.person_id.in_(sorted(person_ids)), Ticket.state != State.RESOLVED)
            .order_by(Ticket.changed_at.desc())
            .limit(MOST_LOOKED_AT)
        )
        for person_id, reference, subject, unit_id in session.execute(query):
            if unit_id in viewer.units:
                found[person_id or 0].append(OpenTicket(reference, subject))
    return found

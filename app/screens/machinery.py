"""How the machinery fares: sources, queues, processes; for the page System and for Prometheus.

Each question reads a bounded part of an index, so that it may be asked every few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.core.life import SignOfLife, signs
from app.intake.models import Fate, Inbound, Verification
from app.outbox.models import NEEDS_PERSON, Delivery, OutboxRow
from app.sources.models import Source
from app.tickets.models import Ticket

MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Line:
    """What waits somewhere: how many (at most `MOST_COUNTED`) and since when the oldest does."""

    name: str
    count: int
    since: datetime | None

    def age(self, now: datetime) -> float:
        """Seconds that the oldest has waited; 0 when nothing waits."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else 0.0


@dataclass(frozen=True)
class Machinery:
    """Everything that is watched, at one instant."""

    at: datetime
    sources: tuple[Source, ...]
    lines: tuple[Line, ...]
    processes: tuple[SignOfLife, ...]
    comparisons: tuple[Verification, ...]
    items: int
    """about how many items the ledger has ever taken"""
    mails: int
    """about how many messages the outbox has ever taken"""

    def line(self, name: str) -> Line:
        """One of the lines by name."""
        return next(line for line in self.lines if line.name == name)

    def silent_for(self, kind: str) -> float | None:
        """Seconds since any process of a kind was heard of; None when none was within a day."""
        heard = [sign.at for sign in self.processes if sign.kind == kind]
        return (self.at - max(heard)).total_seconds() if heard else None


def read_machinery(session: Session, *, now: datetime) -> Machinery:
    """The machinery as the database tells it, in ten queries."""
    newest = select(func.max(Verification.id)).group_by(Verification.source)
    verified = select(Verification).where(Verification.id.in_(newest)).order_by(Verification.source)
    return Machinery(
        at=now,
        sources=tuple(session.scalars(select(Source).where(Source.is_enabled).order_by(Source.name))),
        lines=tuple(_line(session, name, query) for name, query in _waiting(now).items()),
        processes=tuple(signs(session)),
        comparisons=tuple(session.scalars(verified)),
        items=session.scalar(select(func.max(Inbound.id))) or 0,
        mails=session.scalar(select(func.max(OutboxRow.id))) or 0,
    )


def _waiting(now: datetime) -> dict[str, Select[Any]]:
    due = OutboxRow.not_before
    queued = OutboxRow.state == Delivery.QUEUED
    return {
        "outbox_due": select(due).where(queued, due <= now).order_by(due),
        "outbox_later": select(due).where(queued, due > now).order_by(due),
        "outbox_claimed": select(OutboxRow.claimed_at).where(OutboxRow.state == Delivery.CLAIMED),
        "outbox_needs_person": select(OutboxRow.at).where(NEEDS_PERSON).order_by(OutboxRow.id),
        "suggestions": select(Ticket.changed_at)
        .where(Ticket.asked_in.is_not(None))
        .where(or_(Ticket.suggested_for.is_(None), Ticket.suggested_for < Ticket.asked_in))
        .order_by(Ticket.id),
        "quarantine": select(Inbound.seen_at)
        .where(Inbound.fate == Fate.QUARANTINED, Inbound.handled_at.is_(None))
        .order_by(Inbound.id),
    }


def _line(session: Session, name: str, query: Select[Any]) -> Line:
    found = query.limit(MOST_COUNTED).subquery()
    count, since = session.execute(select(func.count(), func.min(found.c[0])).select_from(found)).one()
    return Line(name, count, since)

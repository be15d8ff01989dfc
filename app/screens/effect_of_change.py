"""What changed hours or targets would do to a unit's open tickets, before anybody saves them. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import rows
from app.sla.calendar import NEVER_OPEN, Calendar
from app.sla.facts import Metric, Target
from app.sla.models import ClockRow
from app.sla.policy import NO_PROMISE, Policy
from app.sla.preview import Running, due_after
from app.sla.service import calendars_by_id
from app.tickets.models import Ticket
from app.tickets.states import State

MOST_NAMED = 10
NOTICED = timedelta(minutes=1)
"""a smaller difference is none"""


class Moved(NamedTuple):
    """A running clock whose due instant would be another one."""

    reference: str
    metric: Metric
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Effect:
    """The running clocks of open tickets, by what would become of them, and those hit hardest: due soonest anew."""

    running: int
    earlier: int
    later: int
    late_at_once: int
    paused: int
    hardest: tuple[Moved, ...]

    @property
    def unchanged(self) -> int:
        """Clocks that would stay as they are; a paused one shows no difference before it goes on."""
        return self.running - self.earlier - self.later - self.paused


def effect_of_change(
    session: Session, unit_id: int, *, policy: Policy | None = None, calendar: Calendar | None = None, now: datetime
) -> Effect:
    """What another policy or other hours would do; what is not given each clock keeps. One sum a clock."""
    promised = policy or NO_PROMISE
    found = list(_running(session, unit_id))
    known = calendars_by_id(session, {calendar_id for *_, calendar_id in found if calendar_id is not None})
    dues = []
    for reference, channel, metric, clock, calendar_id in found:
        own = known.get(calendar_id or 0, NEVER_OPEN)
        target = _target(promised, channel, metric, clock.target)
        after = due_after(clock, own, changed=calendar or own, target=target, now=now)
        dues.append((reference, metric, clock.due_at, after))
    moved = [
        Moved(reference, metric, before, after)
        for reference, metric, before, after in dues
        if before and after and abs(after - before) >= NOTICED
    ]
    earlier = [one for one in moved if one.after < one.before]
    return Effect(
        running=len(dues),
        earlier=len(earlier),
        later=len(moved) - len(earlier),
        late_at_once=sum(one.after <= now < one.before for one in earlier),
        paused=sum(after is None for *_, after in dues),
        hardest=tuple(sorted(earlier, key=lambda one: (one.after, one.before))[:MOST_NAMED]),
    )


def _target(policy: Policy, channel: str, metric: Metric, kept: Target) -> Target:
    """What a running clock would be held to: one without a new target keeps its own."""
    promise = policy.promises.get((channel, metric))
    return promise.target if promise else kept


def _running(session: Session, unit_id: int) -> Iterator[tuple[str, str, Metric, Running, int | None]]:
    clock = ClockRow
    query = (
        select(
            *(Ticket.reference, Ticket.channel, clock.metric, clock.calendar_id, clock.target),
            *(clock.started_at, clock.due_at, clock.paused_since),
            *(clock.elapsed_s, clock.lost_s, clock.calendar_s),
        )
        .join(clock, clock.ticket_id == Ticket.id)
        .where(Ticket.unit_id == unit_id, Ticket.state != State.RESOLVED, clock.stopped_at.is_(None))
    )
    for reference, channel, metric, calendar_id, target, start, due, since, used, lost, gone in rows(session, query):
        running = Running(start, due, since, used, lost, gone, Target.from_data(target))
        yield reference, channel, Metric(metric), running, calendar_id

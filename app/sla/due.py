"""When a clock falls due: what each kind of target makes of the time used so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.sla.calendar import ALWAYS_OPEN, Calendar
from app.sla.facts import STATUTORY, Target, TargetKind
from app.sla.statutory import legal_deadline


@dataclass(frozen=True, slots=True)
class Progress:
    """A clock at `mark`: when it started, and the seconds of counted time it has used and lost to pauses."""

    started_at: datetime
    mark: datetime
    used: float
    lost: float


def counting(calendar: Calendar, target: Target | None) -> Calendar:
    """Return the calendar whose open time counts towards the target: a target by the clock knows no closing time."""
    return ALWAYS_OPEN if target is not None and target.kind == TargetKind.CLOCK_MINUTES else calendar


def due_instant(target: Target, calendar: Calendar, at: Progress) -> datetime | None:
    """Return the first instant, never before the mark, at which the target is used up; None when it never is.

    A pause moves a target in minutes or working days by what it took, and leaves one set by statute where it is.
    """
    due: datetime | None
    if target.kind in STATUTORY:
        due = statutory_due(target, calendar, at.started_at)
    elif target.kind == TargetKind.WORKING_DAYS:
        due = _last_working_day(target.amount, calendar, at)
    else:
        left = target.amount * 60 - at.used
        return counting(calendar, target).add(at.mark, max(left, 0.0))
    return max(due, at.mark) if due else None


def statutory_due(target: Target, calendar: Calendar, started_at: datetime) -> datetime:
    """Return the end of the last day of a term set by statute: the midnight after it on the calendar's wall."""
    weeks, months = (target.amount, 0) if target.kind == TargetKind.WEEKS else (0, target.amount)
    last = legal_deadline(calendar.local_date(started_at), weeks=weeks, months=months, country=target.country)
    return calendar.midnight(last + timedelta(days=1))


def _last_working_day(days: int, calendar: Calendar, at: Progress) -> datetime | None:
    """Closing of the last day, moved by as much opening time as pauses have taken."""
    due = calendar.working_days(at.started_at, days)
    return calendar.add(due, at.lost) if due and at.lost else due

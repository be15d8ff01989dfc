"""What changed hours or targets would do to the running clocks of open tickets, reckoned from the stored ones alone.

Nothing is written and no event read: what a clock has used since it was judged last follows from the calendar that it
runs by. `sla.clocks.rebuild` with an edit for open tickets gives the same; a test holds them against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.sla.calendar import Calendar
from app.sla.due import Progress, counting, due_instant
from app.sla.facts import STATUTORY, Target


@dataclass(frozen=True, slots=True)
class Running:
    """A running clock as stored: seconds used, lost to pauses and gone by the wall when it was judged last."""

    started_at: datetime
    due_at: datetime | None
    paused_since: datetime | None
    used_s: int
    lost_s: int
    calendar_s: int
    target: Target


def due_after(
    clock: Running, calendar: Calendar, *, changed: Calendar, target: Target, now: datetime
) -> datetime | None:
    """Return when a clock that runs by `calendar` falls due if `changed` and `target` hold from `now` on.

    None while a pause keeps it off: what is used up already is due at once. A clock that is late already stays so, at
    the same instant. Right to the second. One set by statute is not told that its ticket waits, so for another kind of
    target it is taken to run on.
    """
    if clock.due_at is not None and clock.due_at < now:
        return clock.due_at
    due = due_instant(target, changed, _progress(clock, calendar, now))
    is_held_off = clock.paused_since is not None and target.kind not in STATUTORY
    return None if is_held_off and due is not None and due > now else due


def _progress(clock: Running, calendar: Calendar, now: datetime) -> Progress:
    judged_at = clock.started_at + timedelta(seconds=clock.calendar_s)
    since = counting(calendar, clock.target).elapsed(judged_at, now)
    used, lost = (since, 0.0) if clock.paused_since is None else (0.0, since)
    return Progress(clock.started_at, now, clock.used_s + used, clock.lost_s + lost)

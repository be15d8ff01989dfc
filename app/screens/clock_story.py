"""A ticket's clocks reckoned up to now, and the small time band of the one that matters next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, rebuild
from app.sla.due import counting
from app.sla.effects import facts
from app.sla.explain import Stretch, StretchKind, explain
from app.sla.facts import TargetKind
from app.sla.service import calendars_of
from app.tickets.models import Event

BAND_WIDTH = 480
GAP = 6
"""how wide a closed stretch is drawn, whatever its length"""


@dataclass(frozen=True)
class Bar:
    """A piece of the time band: `kind` is counted, paused or left."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class ClockStory:
    """One clock, its stretches up to now, and what is left in opening seconds (None without a due instant)."""

    clock: Clock
    stretches: tuple[Stretch, ...]
    left_s: float | None
    left_spans: tuple[tuple[datetime, datetime], ...] = ()
    """the opening hours that are left"""

    @property
    def target_s(self) -> float | None:
        """The target in seconds of what it counts; None when it is counted in days or set by statute."""
        target = self.clock.target
        return target.amount * 60 if target.kind in (TargetKind.MINUTES, TargetKind.CLOCK_MINUTES) else None

    @property
    def is_running(self) -> bool:
        """Whether it has not stopped."""
        return self.clock.stopped_at is None

    def band(self) -> list[Bar]:
        """The clock's life as bars of `BAND_WIDTH`; closed stretches are narrow gaps."""
        pieces = [(str(stretch.kind), stretch.seconds) for stretch in self.stretches]
        if self.is_running and self.left_s and self.left_s > 0:
            pieces.append(("left", self.left_s))
        return _bars(pieces)


def read_clocks(session: Session, events: Sequence[Event], *, now: datetime) -> list[ClockStory]:
    """All clocks of a ticket as they stand now, the running one that is due first in front."""
    told = facts(events)
    calendars = calendars_of(session, told)
    keys = [fact.calendar_key for fact in told if fact.calendar_key is not None]
    calendar = calendars.get(keys[-1]) if keys else None
    clocks = rebuild(told, calendars, now=now)
    stories = [_story(clock, explain(clock, told, calendars, now=now), calendar, now) for clock in clocks]
    return sorted(stories, key=_urgency)


def _story(clock: Clock, stretches: tuple[Stretch, ...], calendar: Calendar | None, now: datetime) -> ClockStory:
    if calendar is None or clock.due_at is None or clock.stopped_at is not None:
        return ClockStory(clock, stretches, None)
    calendar = counting(calendar, clock.target)
    if clock.due_at <= now:
        return ClockStory(clock, stretches, -calendar.elapsed(clock.due_at, now))
    left = tuple(calendar.intervals(now, clock.due_at))
    return ClockStory(clock, stretches, calendar.elapsed(now, clock.due_at), left)


def _urgency(story: ClockStory) -> tuple[bool, bool, float]:
    clock = story.clock
    at = clock.due_at or clock.stopped_at
    return not story.is_running, clock.due_at is None, at.timestamp() if at else 0


def _bars(pieces: list[tuple[str, float]]) -> list[Bar]:
    gaps = [kind == StretchKind.CLOSED for kind, _ in pieces]
    room = max(BAND_WIDTH - GAP * sum(gaps), BAND_WIDTH / 4)
    total = sum(seconds for (_, seconds), gap in zip(pieces, gaps, strict=True) if not gap) or 1
    bars, x = [], 0.0
    for (kind, seconds), gap in zip(pieces, gaps, strict=True):
        width = GAP if gap else room * seconds / total
        if not gap:
            bars.append(Bar(kind, round(x, 1), round(width, 1)))
        x += width
    return bars

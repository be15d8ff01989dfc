"""The report's figures worked out the slow way, straight from what happened: no table of intervals, no stored clock."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from app.reports.measures import Measure
from app.reports.period import Week
from app.sla.facts import Metric

SECOND = timedelta(seconds=1)
RESPONSES = ("replied", "call_answered")
MOVING = ("created", "transferred", "paused", "resumed", "resolved", "reopened")
"""of a resolution's clock: a due instant that a pause keeps off is looked at again only when one of these happens"""
Key = tuple[Measure, int, str, str]


@dataclass(frozen=True)
class Office:
    """A unit: windows in minutes after midnight by weekday, 0 = Monday; targets by channel and metric."""

    id: int
    zone: ZoneInfo
    windows: Mapping[int, Sequence[tuple[int, int]]]
    closed: frozenset[date]
    targets: Mapping[tuple[str, str], tuple[str, int]]

    def stretches(self, on: date) -> list[tuple[datetime, datetime]]:
        """The opening times of a local date as instants."""
        if on in self.closed:
            return []
        midnight = datetime.combine(on, time(), self.zone)
        wall = [tuple(midnight + timedelta(minutes=m) for m in pair) for pair in self.windows.get(on.weekday(), ())]
        return [(first.astimezone(UTC), last.astimezone(UTC)) for first, last in wall]

    def days(self, start: datetime) -> Iterator[date]:
        first = start.astimezone(self.zone).date()
        return (first + timedelta(days=n) for n in range(400))

    def add(self, start: datetime, seconds: float) -> datetime:
        left = timedelta(seconds=seconds)
        if not left:
            return start
        for on in self.days(start):
            for opens, closes in self.stretches(on):
                here = max(timedelta(), closes - max(opens, start))
                if here >= left:
                    return max(opens, start) + left
                left -= here
        raise AssertionError("never")

    def elapsed(self, start: datetime, end: datetime) -> float:
        total = timedelta()
        for on in self.days(start):
            for opens, closes in self.stretches(on):
                total += max(timedelta(), min(closes, end) - max(opens, start))
            if on > end.astimezone(self.zone).date():
                break
        return total.total_seconds()

    def closing(self, start: datetime, days: int) -> datetime:
        """When the so many-th open date after the date of `start` closes."""
        after = (on for on in islice(self.days(start), 1, None) if self.stretches(on))
        return self.stretches(next(islice(after, days - 1, None)))[-1][1]


@dataclass(frozen=True)
class Happening:
    """What happened to a ticket, as its event says."""

    at: datetime
    kind: str
    unit_id: int | None = None
    reason: str = ""
    message: int | None = None


@dataclass
class Story:
    """A ticket and all that happened to it, in order; the first is its creation."""

    id: int
    channel: str
    events: list[Happening] = field(default_factory=list)

    @property
    def arrived_at(self) -> datetime:
        return self.events[0].at

    def lasting(self) -> list[Happening]:
        """What happened, without what was undone."""
        undone = {event.message for event in self.events if event.kind == "reply_undone"}
        return [event for event in self.events if event.message is None or event.message not in undone]


@dataclass
class NaiveClock:
    """One metric's clock of one ticket, run from event to event."""

    metric: Metric
    story: Story
    offices: Mapping[int, Office]
    unit: int = 0
    used: float = 0.0
    lost: float = 0.0
    paused: bool = False
    due: tuple[datetime, int] | None = None
    stopped_at: datetime | None = None
    is_cancelled: bool = False

    def run(self, now: datetime) -> NaiveClock:
        events = self._seen()
        self.unit = events[0].unit_id or 0
        for before, event in pairwise([*events, Happening(now, "now")]):
            self._count(before.at, event)
            self._apply(event)
        return self

    def _seen(self) -> list[Happening]:
        """What can move the clock; a first response waits on through a closing that was taken back."""
        events = self.story.lasting()
        if self.metric is Metric.RESOLUTION:
            return [event for event in events if event.kind in MOVING]
        last = max((n for n, event in enumerate(events) if event.kind == "reopened"), default=0)
        return [event for n, event in enumerate(events) if event.kind != "resolved" or n > last]

    def _count(self, start: datetime, event: Happening) -> None:
        office = self.offices[self.unit]
        if self.stopped_at and self.metric is Metric.FIRST_RESPONSE:
            return
        if not self.stopped_at:
            self._settle(start, event)
        if self.stopped_at or self.paused:
            self.lost += office.elapsed(start, event.at)
        else:
            self.used += office.elapsed(start, event.at)

    def _settle(self, start: datetime, event: Happening) -> None:
        """Fix a due instant that came; a pause keeps off one that has not come yet, but takes none back."""
        due = self._due(start)
        if self.due or due is None or (self.paused and due > start):
            return
        if due < event.at or (due == event.at and event.kind != "transferred"):
            self.due = (due, self.unit)

    def _due(self, mark: datetime) -> datetime | None:
        office = self.offices[self.unit]
        target = office.targets.get((self.story.channel, self.metric))
        if target is None:
            return None
        kind, amount = target
        if kind == "minutes":
            return office.add(mark, max(0.0, amount * 60 - self.used))
        due = office.closing(self.story.arrived_at, amount)
        if self.lost:
            due = office.add(due, self.lost)
        return max(due, mark)

    def _apply(self, event: Happening) -> None:
        is_first = self.metric is Metric.FIRST_RESPONSE
        if event.kind == "transferred" and not self.stopped_at:
            self.unit = event.unit_id or 0
        elif event.kind in ("paused", "resumed") and not is_first:
            self.paused = event.kind == "paused" and event.reason == "citizen"
        elif event.kind == "reopened" and not is_first:
            self.stopped_at = None
        elif self.stopped_at is None and event.kind in (RESPONSES if is_first else ()):
            self.stopped_at = event.at
        elif self.stopped_at is None and event.kind == "resolved":
            self.stopped_at, self.is_cancelled = event.at, is_first


def counted(clock: NaiveClock, now: datetime) -> tuple[datetime, int, bool] | None:
    """When, for whom and whether within target the clock counts; None when it does not."""
    if clock.due and clock.due[0] < (clock.stopped_at or now):
        return *clock.due, False
    if clock.stopped_at is None or clock.is_cancelled:
        return None
    return clock.stopped_at, clock.unit, True


class Figures:
    """All tickets behind each cell, and the times of the finished clocks."""

    def __init__(self, stories: Iterable[Story], offices: Mapping[int, Office], weeks: Sequence[Week], now: datetime):
        self.offices, self.weeks, self.now = offices, weeks, now
        self.tickets: dict[Key, set[int]] = defaultdict(set)
        self.seconds: dict[Key, list[tuple[int, int]]] = defaultdict(list)
        for story in stories:
            self._tell(story)

    def _tell(self, story: Story) -> None:
        self._put(Measure.RECEIVED, story, story.arrived_at, story.events[0].unit_id or 0)
        self._put_open(story)
        names = {
            Metric.FIRST_RESPONSE: (Measure.ANSWERED, Measure.COUNTED, Measure.WITHIN, Measure.LATE),
            Metric.RESOLUTION: (
                Measure.RESOLVED,
                Measure.RESOLUTION_COUNTED,
                Measure.RESOLUTION_WITHIN,
                Measure.RESOLUTION_LATE,
            ),
        }
        for metric, (finished, all_counted, within, late) in names.items():
            clock = NaiveClock(metric, story, self.offices).run(self.now)
            if self.offices[clock.unit].targets.get((story.channel, metric)) is None:
                continue
            if clock.stopped_at and not clock.is_cancelled:
                key = self._put(finished, story, clock.stopped_at, clock.unit)
                took = (clock.stopped_at - story.arrived_at) // SECOND
                self.seconds[key].append((int(clock.used), took))
            if found := counted(clock, self.now):
                at, unit, is_within = found
                self._put(all_counted, story, at, unit)
                self._put(within if is_within else late, story, at, unit)

    def _put(self, measure: Measure, story: Story, at: datetime, unit: int) -> Key:
        year, number, _ = at.astimezone(self.offices[unit].zone).isocalendar()
        key = (measure, unit, story.channel, str(Week(year, number)))
        self.tickets[key].add(story.id)
        return key

    def _put_open(self, story: Story) -> None:
        for week in self.weeks:
            for unit, office in self.offices.items():
                monday = datetime.combine(week.monday + timedelta(days=7), time(), office.zone)
                known = [event for event in story.lasting() if event.at < monday]
                if known and _is_open(known) and _holder(known) == unit:
                    self.tickets[Measure.OPEN, unit, story.channel, str(week)].add(story.id)


def _is_open(events: Sequence[Happening]) -> bool:
    steps = [event.kind for event in events if event.kind in ("resolved", "reopened")]
    return not steps or steps[-1] == "reopened"


def _holder(events: Sequence[Happening]) -> int:
    return [event.unit_id for event in events if event.kind in ("created", "transferred")][-1] or 0


def nearest_rank(numbers: Iterable[int], share: float) -> int:
    """The number that so large a share of the numbers does not exceed."""
    ordered = sorted(numbers)
    return ordered[math.ceil(round(len(ordered) * share, 9)) - 1]

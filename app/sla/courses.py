"""What starts, ends and halts the clock of each metric, and the reading of a ticket's facts by these rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.sla.calendar import NEVER_OPEN, Calendar
from app.sla.facts import OPEN_TOO, RESPONSES, CalendarKey, Fact, FactKind, Metric, in_order
from app.sla.tally import Tally, Terms

_NONE: frozenset[FactKind] = frozenset()
_RESOLVED = frozenset({FactKind.RESOLVED})
_PAUSES = frozenset({FactKind.PAUSE, FactKind.RESUME})
_TERMS = frozenset({FactKind.CREATED, FactKind.TRANSFER, FactKind.POLICY_EDIT})


@dataclass(frozen=True, slots=True)
class Course:
    """The facts that move one metric's clock."""

    starts: frozenset[FactKind]
    stops: frozenset[FactKind]
    cancels: frozenset[FactKind] = _NONE
    resumes: frozenset[FactKind] = _NONE
    is_single: bool = False
    """one clock a ticket, not one a round"""
    is_pausable: bool = False
    is_after_response: bool = False
    """starts only once the citizen has had a first response"""


COURSES: Mapping[Metric, Course] = {
    Metric.FIRST_RESPONSE: Course(
        starts=frozenset({FactKind.CREATED}), stops=RESPONSES, cancels=_RESOLVED, is_single=True
    ),
    Metric.NEXT_RESPONSE: Course(
        starts=frozenset({FactKind.CITIZEN_MESSAGE}),
        stops=RESPONSES | _RESOLVED,
        is_after_response=True,
    ),
    Metric.UPDATE: Course(starts=RESPONSES, stops=RESPONSES | _RESOLVED, is_pausable=True),
    Metric.RESOLUTION: Course(
        starts=frozenset({FactKind.CREATED}),
        stops=_RESOLVED,
        resumes=frozenset({FactKind.REOPENED}),
        is_single=True,
        is_pausable=True,
    ),
}


@dataclass(frozen=True, slots=True)
class _Pause:
    since: datetime
    until: datetime | None


class Reading:
    """Reads facts in order and keeps the tallies of one metric."""

    def __init__(self, metric: Metric, calendars: Mapping[CalendarKey, Calendar], pause_on: Collection[str]) -> None:
        self.tallies: list[Tally] = []
        self._metric, self._course = metric, COURSES[metric]
        self._calendars = calendars
        self._terms = Terms(pause_on=frozenset(pause_on))
        self._pauses: dict[str, _Pause] = {}
        self._is_answered = False

    def read(self, fact: Fact) -> None:
        """Move the clock by one fact."""
        self._end_expired(fact.at)
        if fact.kind in _TERMS:
            self._change_terms(fact)
        elif fact.kind in _PAUSES:
            self._change_pauses(fact)
        elif fact.kind == FactKind.MERGE and fact.source_start_at and self._course.is_after_response:
            self._take_over(fact, fact.source_start_at)
        self._end(fact)
        self._begin(fact)
        self._is_answered |= fact.kind in RESPONSES

    def finish(self, at: datetime) -> list[Tally]:
        """Return the tallies that ever had a target, those still running counted up to `at`."""
        self._end_expired(at)
        if self._running:
            self._running.settle(at)
            self._running.advance(at)
        return [tally for tally in self.tallies if tally.terms.target]

    @property
    def _running(self) -> Tally | None:
        return self.tallies[-1] if self.tallies and self.tallies[-1].stopped_at is None else None

    def _change_terms(self, fact: Fact) -> None:
        if fact.kind == FactKind.POLICY_EDIT and fact.scope != OPEN_TOO:
            return
        was, key = self._terms, fact.calendar_key
        self._terms = Terms(
            unit_id=was.unit_id if fact.unit_id is None else fact.unit_id,
            calendar=was.calendar if key is None else self._calendars.get(key, NEVER_OPEN),
            calendar_key=was.calendar_key if key is None else key,
            target=fact.targets.get(self._metric, was.target),
            pause_on=was.pause_on if fact.pause_on is None else fact.pause_on,
        )
        if self._running:
            self._running.change(fact.at, self._terms)
            self._hold(self._running, fact.at)

    def _change_pauses(self, fact: Fact) -> None:
        if fact.kind == FactKind.RESUME:
            ended = [fact.reason] if fact.reason else list(self._pauses)
            for reason in ended:
                self._pauses.pop(reason, None)
        else:
            known = self._pauses.get(fact.reason)
            self._pauses[fact.reason] = _Pause(known.since if known else fact.at, fact.until)
        if self._running:
            self._hold(self._running, fact.at)

    def _end_expired(self, at: datetime) -> None:
        """End the pauses whose time is up by then, each at its own instant."""
        expired = [(pause.until, reason) for reason, pause in self._pauses.items() if pause.until and pause.until <= at]
        for until, reason in sorted(expired):
            del self._pauses[reason]
            if self._running:
                self._hold(self._running, max(until, self._running.mark))

    def _hold(self, tally: Tally, at: datetime) -> None:
        """Halt or release by the pauses in force; a halt keeps its beginning when one reason hands over to another."""
        if not self._course.is_pausable:
            return
        halting = ((reason, pause.since) for reason, pause in self._pauses.items() if self._terms.halts(reason))
        reason, since = next(halting, ("", at))
        if reason != tally.halt:
            tally.hold(at, reason, tally.halted_at or since)

    def _end(self, fact: Fact) -> None:
        running, course = self._running, self._course
        if running is not None and fact.kind == FactKind.MERGED_AWAY:
            running.merge(fact.at)
        if running is None or fact.kind not in course.stops | course.cancels:
            return
        if self._metric == Metric.UPDATE and fact.kind in _RESOLVED and running.started_at == fact.at:
            self.tallies.pop()  # answered and resolved in one: nobody waits for an update
        else:
            running.stop(fact.at, is_cancelled=fact.kind in course.cancels)

    def _begin(self, fact: Fact) -> None:
        if self._running:
            return
        if fact.kind in self._course.resumes and self.tallies:
            self.tallies[-1].restart(fact.at, self._terms)
            self._hold(self.tallies[-1], fact.at)
        elif fact.kind in self._course.starts and self._may_start():
            self._start(fact.at, fact.at)

    def _may_start(self) -> bool:
        if self._course.is_after_response:
            return self._is_answered
        return not (self._course.is_single and self.tallies)

    def _start(self, started_at: datetime, at: datetime) -> None:
        self.tallies.append(Tally(self._metric, started_at, self._terms, started_at))
        self._hold(self.tallies[-1], at)

    def _take_over(self, fact: Fact, waiting_since: datetime) -> None:
        """An unanswered contact of the ticket merged in: the older of the two waits decides."""
        if not self._is_answered:
            return
        if self._running is None:
            self._start(waiting_since, fact.at)
        elif waiting_since < self._running.started_at:
            self.tallies.pop()
            self._start(waiting_since, fact.at)


def tallies(
    metric: Metric,
    facts: Iterable[Fact],
    calendars: Mapping[CalendarKey, Calendar],
    *,
    pause_on: Collection[str],
    at: datetime,
) -> list[Tally]:
    """Return every clock of the metric that has a target, in order of start, as it stands at `at`."""
    reading = Reading(metric, calendars, pause_on)
    for fact in _as_seen_by(metric, tuple(facts)):
        reading.read(fact)
    return reading.finish(at)


def _as_seen_by(metric: Metric, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Facts with the start moved to an older contact merged in, and for the first response without closings taken back.

    A first response never pauses, so a ticket closed unanswered and reopened was never closed for it.
    """
    if metric == Metric.FIRST_RESPONSE:
        reopened_at = max((i for i, fact in enumerate(facts) if fact.kind == FactKind.REOPENED), default=0)
        facts = [fact for i, fact in enumerate(facts) if fact.kind not in _RESOLVED or i > reopened_at]
    if COURSES[metric].is_single:
        facts = _from_oldest_contact(facts, COURSES[metric])
    return facts


def _from_oldest_contact(facts: Sequence[Fact], course: Course) -> Sequence[Fact]:
    oldest, is_running = None, True
    for fact in facts:
        is_running = (is_running and fact.kind not in course.stops) or fact.kind in course.resumes
        if fact.kind == FactKind.MERGE and fact.source_start_at and is_running:
            oldest = min(oldest or fact.source_start_at, fact.source_start_at)
    if oldest is None:
        return facts
    return in_order(replace(fact, at=min(fact.at, oldest)) if fact.kind == FactKind.CREATED else fact for fact in facts)

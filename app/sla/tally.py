"""One clock while its facts are read: time used so far, and the instant at which it falls due.

`settle` is called before anything changes: a due instant that has come is fixed for good with the unit that then held
the clock, so that no later transfer, pause or edit can take a breach back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.sla.calendar import NEVER_OPEN, Calendar
from app.sla.due import Progress, counting, due_instant
from app.sla.facts import STATUTORY, CalendarKey, Metric, Target

RESOLVED = "resolved"
DEFAULT_PAUSES = frozenset({"citizen"})
"""waiting for another authority is our time towards the citizen"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is in force: the unit that holds the ticket, its calendar, and the target."""

    unit_id: int | None = None
    calendar: Calendar = NEVER_OPEN
    calendar_key: CalendarKey | None = None
    target: Target | None = None
    pause_on: frozenset[str] = DEFAULT_PAUSES

    @property
    def counting(self) -> Calendar:
        """The calendar whose open time is counted."""
        return counting(self.calendar, self.target)

    def halts(self, reason: str) -> bool:
        """Whether a pause for this reason halts the clock; one set by statute goes on whatever we wait for."""
        return reason in self.pause_on and (self.target is None or self.target.kind not in STATUTORY)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch under the same terms; `halt` says why its opening time is not counted, empty when it is."""

    started_at: datetime
    ended_at: datetime
    terms: Terms
    halt: str


@dataclass(slots=True)
class Tally:
    """The state of one clock at `mark`, the last instant read. `used` and `lost` are seconds of opening time."""

    metric: Metric
    started_at: datetime
    terms: Terms
    mark: datetime
    halt: str = ""
    halted_at: datetime | None = None
    used: float = 0.0
    lost: float = 0.0
    fixed: tuple[datetime, int | None] | None = None
    stopped_at: datetime | None = None
    is_cancelled: bool = False
    is_merged: bool = False
    """another ticket's clock carries the wait on, so this one is out of all figures, late or not"""
    spans: list[Span] = field(default_factory=list)

    def due(self) -> tuple[datetime | None, int | None]:
        """Return the due instant and the unit that holds the clock then; none while a pause still keeps it off."""
        if self.fixed:
            return self.fixed
        due = self._computed_due()
        return (None if self.halt and due and due > self.mark else due), self.terms.unit_id

    def settle(self, at: datetime, *, is_change: bool = False) -> None:
        """Fix a due instant that has come. Changed terms already hold at `at`, so one exactly then is still open."""
        due, unit_id = self.due()
        if due and (due < at or (due == at and not is_change)):
            self.fixed = (due, unit_id)

    def advance(self, at: datetime) -> None:
        """Count the time from the mark to `at` under the terms in force."""
        if at <= self.mark:
            return
        seconds = self.terms.counting.elapsed(self.mark, at)
        if self.halt:
            self.lost += seconds
        else:
            self.used += seconds
        self.spans.append(Span(self.mark, at, self.terms, self.halt))
        self.mark = at

    def change(self, at: datetime, terms: Terms) -> None:
        """Apply another unit, calendar or target from `at` on; used time stays."""
        self.settle(at, is_change=True)
        self.advance(at)
        self.terms = terms

    def hold(self, at: datetime, halt: str, halted_at: datetime | None) -> None:
        """Stop counting for the reason `halt`, or count again when it is empty."""
        self.settle(at)
        self.advance(at)
        self.halt = halt
        self.halted_at = max(halted_at, self.started_at) if halt and halted_at else None

    def stop(self, at: datetime, *, is_cancelled: bool) -> None:
        """End the clock, the thing done or (`is_cancelled`) given up."""
        self.settle(at)
        self.advance(at)
        self.stopped_at, self.is_cancelled = at, is_cancelled

    def merge(self, at: datetime) -> None:
        """End the clock, as another ticket goes on with it."""
        self.stop(at, is_cancelled=True)
        self.is_merged = True

    def restart(self, at: datetime, terms: Terms) -> None:
        """Go on where the clock stopped; the time between is not counted."""
        self.halt, self.stopped_at = RESOLVED, None
        self.advance(at)
        self.terms, self.halt, self.halted_at = terms, "", None

    def _computed_due(self) -> datetime | None:
        if self.terms.target is None:
            return None
        progress = Progress(self.started_at, self.mark, self.used, self.lost)
        return due_instant(self.terms.target, self.terms.calendar, progress)


def whole_seconds(span: timedelta) -> int:
    """Return the full seconds of a length of time."""
    return span // timedelta(seconds=1)

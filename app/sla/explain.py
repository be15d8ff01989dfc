"""Why a clock stands where it does: its life as counted, closed and paused stretches, each with its rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from app.sla.calendar import ALWAYS_OPEN, Calendar
from app.sla.clocks import Clock
from app.sla.courses import tallies
from app.sla.facts import CalendarKey, Fact, in_order, last_at
from app.sla.tally import DEFAULT_PAUSES, RESOLVED, Span

MOST_STRETCHES = 200


class StretchKind(StrEnum):
    """What the time of a stretch was worth."""

    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"


class Rule(StrEnum):
    """Why a stretch counted or not; the key of its text."""

    OPEN_HOURS = "open_hours"
    BY_THE_CLOCK = "by_the_clock"
    OUTSIDE_HOURS = "outside_hours"
    CLOSED_DAY = "closed_day"
    PAUSE = "pause"
    PAUSE_THIRD_PARTY = "pause_third_party"
    RESOLVED = "resolved"
    SUMMARY = "summary"


_HALTS = {RESOLVED: Rule.RESOLVED, "third_party": Rule.PAUSE_THIRD_PARTY}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a clock's life. `seconds` is its length, or the counted part of it when stretches were summed up.

    `detail` names the closed days or the pause's reason; `unit_id` held the clock.
    """

    started_at: datetime
    ended_at: datetime
    kind: StretchKind
    rule: Rule
    seconds: float
    detail: str = ""
    unit_id: int | None = None


def explain(
    clock: Clock,
    facts: Iterable[Fact],
    calendars: Mapping[CalendarKey, Calendar],
    *,
    pause_on: Collection[str] = DEFAULT_PAUSES,
    now: datetime | None = None,
) -> tuple[Stretch, ...]:
    """Return the clock's life from start to stop, or to `now`, without gaps and in at most 200 stretches.

    The seconds of the counted ones add up to the clock's used time. A life of more stretches is summed up evenly: a
    stretch then stands for several (rule `summary`). Empty when the facts know no such clock.
    """
    given = tuple(facts)
    at = now or last_at(given)
    if at is None:
        return ()
    found = tallies(clock.metric, in_order(given, now=at), calendars, pause_on=pause_on, at=at)
    spans = found[clock.instance - 1].spans if clock.instance <= len(found) else []
    return _bounded(_merged(stretch for span in spans for stretch in _stretches(span)))


def _stretches(span: Span) -> Iterator[Stretch]:
    if span.halt:
        yield _halted(span)
        return
    if span.terms.counting is ALWAYS_OPEN:
        yield _stretch(span, span.started_at, span.ended_at, StretchKind.COUNTED, Rule.BY_THE_CLOCK)
        return
    at = span.started_at
    for opens, closes in span.terms.calendar.intervals(span.started_at, span.ended_at):
        if at < opens:
            yield _closed(span, at, opens)
        yield _stretch(span, opens, closes, StretchKind.COUNTED, Rule.OPEN_HOURS)
        at = closes
    if at < span.ended_at:
        yield _closed(span, at, span.ended_at)


def _halted(span: Span) -> Stretch:
    rule = _HALTS.get(span.halt, Rule.PAUSE)
    detail = "" if rule == Rule.RESOLVED else span.halt
    return _stretch(span, span.started_at, span.ended_at, StretchKind.PAUSED, rule, detail)


def _closed(span: Span, start: datetime, end: datetime) -> Stretch:
    names = ", ".join(span.terms.calendar.named_days(start, end))
    rule = Rule.CLOSED_DAY if names else Rule.OUTSIDE_HOURS
    return _stretch(span, start, end, StretchKind.CLOSED, rule, names)


def _stretch(span: Span, start: datetime, end: datetime, kind: StretchKind, rule: Rule, detail: str = "") -> Stretch:
    return Stretch(start, end, kind, rule, (end - start).total_seconds(), detail, span.terms.unit_id)


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for stretch in stretches:
        if merged and _looks(merged[-1]) == _looks(stretch):
            last = merged.pop()
            stretch = replace(last, ended_at=stretch.ended_at, seconds=last.seconds + stretch.seconds)
        merged.append(stretch)
    return merged


def _looks(stretch: Stretch) -> tuple[object, ...]:
    return stretch.kind, stretch.rule, stretch.detail, stretch.unit_id


def _bounded(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    if len(stretches) <= MOST_STRETCHES:
        return tuple(stretches)
    cuts = [i * len(stretches) // MOST_STRETCHES for i in range(MOST_STRETCHES + 1)]
    return tuple(_summed(stretches[low:high]) for low, high in pairwise(cuts))


def _summed(part: Sequence[Stretch]) -> Stretch:
    """One stretch for several: counted if any of it is, else what most of its time is."""
    if len(part) == 1:
        return part[0]
    counted = [stretch for stretch in part if stretch.kind == StretchKind.COUNTED]
    weighed = counted or part
    longest = max(weighed, key=lambda stretch: stretch.seconds)
    return replace(
        longest,
        started_at=part[0].started_at,
        ended_at=part[-1].ended_at,
        rule=Rule.SUMMARY,
        seconds=sum(stretch.seconds for stretch in weighed),
        detail="",
    )

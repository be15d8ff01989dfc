"""A second, slow engine that looks at every minute on the wall clock: the fast one must agree with it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, Metric, Target, TargetKind, rebuild

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


def text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


WALKED = {
    "office": ("Europe/Stockholm", {day: [["08:00", "16:00"]] for day in DAYS[:5]}),
    "lunch": ("Europe/Helsinki", {day: [["08:00", "11:30"], ["12:30", "16:15"]] for day in DAYS}),
    "nights": ("Europe/Stockholm", {day: [["00:00", "02:30"], ["22:00", "24:00"]] for day in DAYS}),
    "always": ("Europe/Helsinki", {day: [["00:00", "24:00"]] for day in DAYS}),
    "sunday": ("Europe/Stockholm", {"sun": [["01:15", "02:45"], ["03:30", "05:00"]]}),
    "abroad": ("America/St_Johns", {day: [["01:00", "03:00"], ["09:00", "17:00"]] for day in DAYS}),
    "half-hour": ("Australia/Lord_Howe", {day: [["01:45", "20:00"]] for day in DAYS[3:]}),
}
SPRINGS_AND_AUTUMNS = (
    datetime(2026, 3, 3, tzinfo=UTC),
    datetime(2026, 3, 24, tzinfo=UTC),
    datetime(2026, 10, 1, tzinfo=UTC),
    datetime(2026, 10, 20, tzinfo=UTC),
    datetime(2026, 12, 18, tzinfo=UTC),
)
WALK_MINUTES = 16 * 1440


def walked_data(name: str) -> dict[str, Any]:
    tz, week = WALKED[name]
    special = {"2026-03-29": [["01:30", "03:10"], ["04:00", "04:20"]]} if name == "lunch" else {}
    return {"tz": tz, "week": week, "closed": {"2026-12-24": "eve", "2026-10-22": "closed"}, "special": special}


@cache
def open_minutes(name: str, first: datetime) -> tuple[bool, ...]:
    given_data = walked_data(name)
    zone = ZoneInfo(given_data["tz"])
    flags = []
    for i in range(WALK_MINUTES):
        wall = (first + i * MINUTE).astimezone(zone)
        day, clock = wall.date().isoformat(), text(wall.hour * 60 + wall.minute)
        pairs = given_data["special"].get(day, given_data["week"].get(DAYS[wall.weekday()], []))
        flags.append(day not in given_data["closed"] and any(a <= clock < b for a, b in pairs))
    return tuple(flags)


def walk_to(flags: tuple[bool, ...], start: int, minutes: int) -> int | None:
    for i in range(start, len(flags)):
        if minutes == 0:
            return i
        minutes -= flags[i]
    return None


@pytest.mark.parametrize("name", WALKED)
def test_the_table_agrees_with_a_walk_over_the_minutes(name: str) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    calendar = Calendar.from_data(walked_data(name))
    compared = 0
    while compared < 1200:
        first = rng.choice(SPRINGS_AND_AUTUMNS)
        flags = open_minutes(name, first)
        start, end = sorted(rng.randrange(WALK_MINUTES) for _ in range(2))
        minutes = rng.randrange(1, rng.choice((30, 600, 4000)))
        at = first + start * MINUTE
        assert calendar.elapsed(at, first + end * MINUTE) == 60 * sum(flags[start:end]), f"seed {seed}"
        assert calendar.is_open(at) == flags[start], f"seed {seed}"
        due = walk_to(flags, start, minutes)
        if due is not None:
            assert calendar.add(at, minutes * 60) == first + due * MINUTE, f"seed {seed}"
        compared += 1


UNITS = {1: "office", 2: "lunch", 3: "always"}
METRICS = (Metric.FIRST_RESPONSE, Metric.RESOLUTION)


def random_events(rng: random.Random, first: datetime) -> list[tuple[int, Fact]]:
    """A ticket's life in whole minutes: one event a minute at most."""
    minutes = sorted(rng.sample(range(6 * 1440), rng.randrange(1, 12)))
    kinds = ["transfer", "policy_edit", "pause", "resume", "note", "auto_reply", "citizen_message"]
    kinds += ["agent_reply", "call_attempt_unanswered"] if rng.random() < 0.6 else []
    events, is_resolved = [(minutes[0], fact_of(rng, "created", first + minutes[0] * MINUTE))], False
    for minute in minutes[1:]:
        kind = rng.choice([*kinds, "reopened" if is_resolved else "resolved"])
        is_resolved = kind == "resolved" or (is_resolved and kind != "reopened")
        events.append((minute, fact_of(rng, kind, first + minute * MINUTE)))
    return events


def fact_of(rng: random.Random, kind: str, at: datetime) -> Fact:
    targets = {metric: Target(TargetKind.MINUTES, rng.randrange(1, 1500)) for metric in METRICS}
    if kind in ("created", "transfer"):
        unit = rng.choice(list(UNITS))
        return Fact(at, kind, unit_id=unit, calendar_key=UNITS[unit], targets=targets)
    if kind == "policy_edit":
        return Fact(at, kind, targets=targets, scope=rng.choice(("open_too", "new_only")))
    return Fact(at, kind, reason=rng.choice(("citizen", "third_party", "other")) if kind in ("pause", "resume") else "")


class Walker:
    """The definition itself, one minute after the other; no shortcut, no interval."""

    def __init__(self, metric: Metric, first: datetime, events: list[tuple[int, Fact]]) -> None:
        self.metric, self.first, self.events = metric, first, events
        self.created = events[0][0]
        self.unit = self.target = self.used = 0
        self.due: int | None = None
        self.due_unit = self.stop_unit = 0
        self.stop: int | None = None
        self.cancelled = False
        self.pauses: set[str] = set()

    def walk(self, end: int) -> None:
        at = dict(self.events)
        for minute in range(self.created, end + 1):
            event = at.get(minute)
            if event and event.kind in ("created", "transfer", "policy_edit") and event.scope != "new_only":
                self.follow(event)
            self.judge(minute)
            if event:
                self.happen(minute, event)
            if minute < end and self.stop is None and not self.pauses:
                self.used += open_minutes(UNITS[self.unit], self.first)[minute]
        self.judge(end)

    def follow(self, event: Fact) -> None:
        self.unit = event.unit_id or self.unit
        self.target = event.targets[self.metric].amount

    def judge(self, minute: int) -> None:
        if self.stop is None and self.due is None and self.used >= self.target:
            self.due, self.due_unit = minute, self.unit

    def happen(self, minute: int, event: Fact) -> None:
        if self.metric is Metric.FIRST_RESPONSE:
            is_final = event.kind == "resolved" and not self.is_reopened_after(minute)
            if self.stop is None and (event.kind == "agent_reply" or is_final):
                self.stop, self.stop_unit, self.cancelled = minute, self.unit, event.kind == "resolved"
        elif event.kind == "resolved" and self.stop is None:
            self.stop, self.stop_unit = minute, self.unit
        elif event.kind == "reopened" and self.stop is not None:
            self.stop = None
            self.judge(minute)
        elif event.reason in ("citizen", "third_party"):
            (self.pauses.add if event.kind == "pause" else self.pauses.discard)(event.reason)

    def is_reopened_after(self, minute: int) -> bool:
        return any(at > minute and event.kind == "reopened" for at, event in self.events)

    def agrees(self, clock: Clock, end: int) -> bool:
        late = self.due is not None and (end if self.stop is None else self.stop) > self.due
        if self.stop is None:
            result = "overdue" if late else "paused" if self.pauses else "running"
        else:
            result = "missed" if late else "cancelled" if self.cancelled else "met"
        counted = self.due if late else None if self.cancelled else self.stop
        unit = self.due_unit if late else self.stop_unit
        same_due = self.due is None or clock.due_at == self.first + self.due * MINUTE
        not_yet_due = self.due is not None or clock.due_at is None or clock.due_at > self.first + end * MINUTE
        if self.stop is not None and self.due is None:
            not_yet_due = clock.due_at is None or clock.due_at > self.first + self.stop * MINUTE
        return (
            same_due
            and not_yet_due
            and clock.result == result
            and clock.elapsed_s == self.used * 60
            and clock.counted_at == (None if counted is None else self.first + counted * MINUTE)
            and clock.counted_unit_id == (None if counted is None else unit)
            and clock.breach_unit_id == (unit if late else None)
        )


def test_clocks_agree_with_a_walk_over_the_minutes_through_transfers_pauses_and_reopenings() -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    calendars = {name: Calendar.from_data(walked_data(name)) for name in UNITS.values()}
    seen: set[str] = set()
    for number in range(400):
        first = rng.choice(SPRINGS_AND_AUTUMNS)
        events = random_events(rng, first)
        end = rng.randrange(events[-1][0], 8 * 1440)
        facts = [fact for _, fact in events]
        rng.shuffle(facts)
        for clock in rebuild(facts, calendars, pause_on=("citizen", "third_party"), now=first + end * MINUTE):
            walker = Walker(clock.metric, first, events)
            walker.walk(end)
            assert walker.agrees(clock, end), f"seed {seed}, ticket {number}: {clock} {vars(walker)}"
            seen.add(clock.result)
    assert seen == {"met", "missed", "running", "overdue", "paused", "cancelled"}

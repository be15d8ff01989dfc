"""What must hold for every calendar and every instant, and agreement with a walk over the minutes."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, FactKind, Metric, Target, TargetKind, rebuild

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Stockholm", "Europe/Helsinki", "UTC", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo")
QUICK = settings(max_examples=80, deadline=None, database=None)


def text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def windows(draw: st.DrawFn) -> list[list[str]]:
    marks = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return [[text(opens), text(closes)] for opens, closes in zip(marks[::2], marks[1::2], strict=False)]


@st.composite
def data(draw: st.DrawFn) -> dict[str, Any]:
    spring_to_autumn = st.dates(date(2026, 3, 20), date(2026, 11, 5)).map(date.isoformat)
    closed = draw(st.dictionaries(spring_to_autumn, st.just("closed"), max_size=5))
    special = draw(st.dictionaries(spring_to_autumn, windows(), max_size=3))
    return {
        "tz": draw(st.sampled_from(ZONES)),
        "week": {day: draw(windows()) for day in DAYS},
        "closed": {day: name for day, name in closed.items() if day not in special},
        "special": special,
    }


instants = st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 5), timezones=st.just(UTC))  # noqa: DTZ001
seconds = st.integers(1, 200 * 3600)


@QUICK
@given(data(), instants, seconds)
def test_adding_and_measuring_undo_each_other(hours: dict[str, Any], start: datetime, length: int) -> None:
    calendar = Calendar.from_data(hours)
    due = calendar.add(start, length)
    if due is not None:
        assert calendar.elapsed(start, due) == length
        assert calendar.elapsed(start, due - timedelta(microseconds=1)) < length


@QUICK
@given(data(), instants, instants)
def test_time_used_leads_back_to_the_last_open_instant(hours: dict[str, Any], start: datetime, end: datetime) -> None:
    calendar = Calendar.from_data(hours)
    used = calendar.elapsed(start, end)
    due = calendar.add(start, used)
    assert due is not None
    assert due <= max(start, end)
    assert calendar.elapsed(due, end) == 0


@QUICK
@given(data(), instants, instants, seconds, seconds)
def test_a_later_start_or_a_larger_target_is_never_due_earlier(
    hours: dict[str, Any], one: datetime, other: datetime, short: int, long: int
) -> None:
    calendar = Calendar.from_data(hours)
    (first, second), (less, more) = sorted((one, other)), sorted((short, long))
    early, late, larger = calendar.add(first, less), calendar.add(second, less), calendar.add(first, more)
    if early and late and larger:
        assert early <= late
        assert early <= larger


@QUICK
@given(data(), instants, st.integers(1, 30), instants)
def test_more_working_days_are_due_strictly_later_and_all_lie_after_the_start(
    hours: dict[str, Any], start: datetime, days: int, other: datetime
) -> None:
    calendar = Calendar.from_data(hours)
    due, next_due = calendar.working_days(start, days), calendar.working_days(start, days + 1)
    if due and next_due:
        assert start < due < next_due
        assert calendar.next_closing(due) == due
        assert calendar.next_closing(due + timedelta(microseconds=1)) == next_due


@QUICK
@given(data(), instants, instants, instants)
def test_time_used_adds_up_and_equals_the_open_intervals(
    hours: dict[str, Any], one: datetime, two: datetime, three: datetime
) -> None:
    calendar = Calendar.from_data(hours)
    start, middle, end = sorted((one, two, three))
    whole = calendar.elapsed(start, end)
    assert calendar.elapsed(start, middle) + calendar.elapsed(middle, end) == pytest.approx(whole, abs=1e-5)
    intervals = calendar.intervals(start, end)
    assert sum(((till - since) for since, till in intervals), timedelta()).total_seconds() == pytest.approx(whole)
    assert all(calendar.is_open(since) and not calendar.is_open(till) for since, till in intervals[:-1])


@QUICK
@given(data(), instants, seconds, st.integers(1, 1439))
def test_splitting_a_window_changes_nothing(hours: dict[str, Any], start: datetime, length: int, cut: int) -> None:
    def split(pairs: list[list[str]]) -> list[list[str]]:
        halves = [[[a, text(cut)], [text(cut), b]] if a < text(cut) < b else [[a, b]] for a, b in pairs]
        return [pair for half in halves for pair in half]

    week = {day: split(pairs) for day, pairs in hours["week"].items()}
    whole, parts = Calendar.from_data(hours), Calendar.from_data({**hours, "week": week})
    assert whole.add(start, length) == parts.add(start, length)
    assert whole.working_days(start, 3) == parts.working_days(start, 3)
    assert whole.intervals(start, start + timedelta(days=40)) == parts.intervals(start, start + timedelta(days=40))


@QUICK
@given(data(), instants, seconds, st.sampled_from(ZONES))
def test_the_zone_an_instant_is_written_in_does_not_matter(
    hours: dict[str, Any], start: datetime, length: int, zone: str
) -> None:
    calendar, elsewhere = Calendar.from_data(hours), start.astimezone(ZoneInfo(zone))
    assert calendar.add(start, length) == calendar.add(elsewhere, length)
    assert calendar.working_days(start, 2) == calendar.working_days(elsewhere, 2)


@QUICK
@given(data(), instants, seconds, st.integers(-20, 20))
def test_shifting_zone_and_instants_alike_shifts_the_due_instant(
    hours: dict[str, Any], start: datetime, length: int, shift: int
) -> None:
    here = Calendar.from_data({**hours, "tz": "Etc/GMT"})
    there = Calendar.from_data({**hours, "tz": f"Etc/GMT{shift % 12 - 6:+d}"})
    moved = timedelta(hours=shift % 12 - 6)
    due = here.add(start, length)
    assert there.add(start + moved, length) == (due and due + moved)


@QUICK
@given(data(), instants, st.integers(1, 3000), instants, instants)
def test_a_pause_moves_the_due_instant_by_at_least_its_opening_time(
    hours: dict[str, Any], start: datetime, minutes: int, one: datetime, two: datetime
) -> None:
    calendar = Calendar.from_data(hours)
    pause, resume = sorted((max(start, one), max(start, two)))
    for target in (Target(TargetKind.MINUTES, minutes), Target(TargetKind.WORKING_DAYS, minutes // 300 + 1)):
        made = Fact(start, FactKind.CREATED, calendar_key="c", targets={Metric.RESOLUTION: target})
        paused = [Fact(pause, FactKind.PAUSE, reason="citizen"), Fact(resume, FactKind.RESUME, reason="citizen")]
        (plain,) = rebuild([made], {"c": calendar}, now=start)
        (later,) = rebuild([made, *paused], {"c": calendar}, now=max(resume, start))
        if plain.due_at and plain.due_at > pause and later.due_at:
            assert calendar.elapsed(plain.due_at, later.due_at) >= calendar.elapsed(pause, resume)
        else:
            assert plain.due_at == later.due_at or later.due_at is None


# A second, slow engine: every minute is looked at on the wall clock.

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

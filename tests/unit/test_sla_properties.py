"""What must hold for every calendar and every instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sla.calendar import Calendar
from app.sla.clocks import Fact, FactKind, Metric, Target, TargetKind, rebuild

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
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
        assert calendar.elapsed(start, due) < calendar.elapsed(start, next_due)


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

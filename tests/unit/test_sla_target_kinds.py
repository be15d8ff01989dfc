"""Targets by the clock and by statute, pauses that end by themselves, and edits that open tickets follow."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from app.sla.clocks import Metric, Result, Target, TargetKind
from app.sla.statutory import legal_deadline
from tests.sla_facts import CALENDARS, RESOLUTION, at, clock_of, created, days, fact, minutes, transfer


def by_clock(amount: int) -> dict[Metric, Target]:
    return {RESOLUTION: Target(TargetKind.CLOCK_MINUTES, amount)}


def months(amount: int, country: str = "SE") -> dict[Metric, Target]:
    return {RESOLUTION: Target(TargetKind.MONTHS, amount, country)}


def test_a_target_by_the_clock_counts_nights_and_weekends() -> None:
    clock = clock_of(RESOLUTION, created("fri 15:00", by_clock(48 * 60)), now="mon2 08:00")
    assert clock.due_at == at("fri 15:00") + (at("wed 15:00") - at("mon 15:00"))
    assert (clock.result, clock.elapsed_s) == (Result.OVERDUE, 65 * 3600)


def test_a_pause_moves_a_target_by_the_clock_by_its_whole_length() -> None:
    paused = [fact("mon 20:00", "pause", reason="citizen"), fact("tue 06:00", "resume")]
    clock = clock_of(RESOLUTION, created("mon 18:00", by_clock(6 * 60)), *paused, now="tue 07:00")
    assert clock.due_at == at("tue 10:00")


def test_a_move_between_units_keeps_what_was_used_under_either_count() -> None:
    moved = transfer("tue 08:00", minutes(20 * 60, RESOLUTION))
    clock = clock_of(RESOLUTION, created("mon 16:00", by_clock(48 * 60)), moved, now="tue 09:00")
    assert clock.elapsed_s == 17 * 3600
    assert clock.due_at == at("tue 12:00")


def test_a_statutory_term_ends_with_its_last_day_and_no_pause_moves_it() -> None:
    paused = [fact("tue 09:00", "pause", reason="citizen"), fact("fri 09:00", "resume")]
    clock = clock_of(RESOLUTION, created("mon 09:00", months(1)), *paused, now="fri 10:00")
    assert clock.due_at == datetime.fromisoformat("2027-03-02T00:00+01:00")
    assert (clock.result, clock.paused_since) == (Result.RUNNING, None)


def test_while_we_wait_a_statutory_clock_still_tells_its_last_day() -> None:
    clock = clock_of(RESOLUTION, created("mon 09:00", months(1)), fact("tue 09:00", "pause", reason="citizen"))
    assert (clock.due_at is not None, clock.result) == (True, Result.RUNNING)


def test_a_resolving_on_the_last_day_is_in_time_and_one_after_it_is_not() -> None:
    start = created("mon 09:00", {RESOLUTION: Target(TargetKind.WEEKS, 1, "SE")})
    assert clock_of(RESOLUTION, start, fact("mon2 23:59", "resolved")).result == Result.MET
    assert clock_of(RESOLUTION, start, fact("tue2 00:01", "resolved")).result == Result.MISSED


@pytest.mark.parametrize(
    ("start", "weeks", "country", "last"),
    [
        (date(2026, 11, 16), 4, "SE", date(2026, 12, 14)),
        (date(2026, 11, 26), 4, "SE", date(2026, 12, 28)),  # Christmas Eve, and then the weekend
        (date(2026, 12, 3), 4, "FI", date(2026, 12, 31)),  # New Year's Eve is a working day in Finland only
        (date(2026, 12, 3), 4, "SE", date(2027, 1, 4)),
    ],
)
def test_terms_in_weeks_move_on_from_days_off(start: date, weeks: int, country: str, last: date) -> None:
    assert legal_deadline(start, weeks=weeks, country=country) == last


def test_a_statutory_target_names_a_country_and_no_other_one_does() -> None:
    with pytest.raises(ValueError, match="country"):
        Target(TargetKind.MONTHS, 6)
    with pytest.raises(ValueError, match="country"):
        Target(TargetKind.MINUTES, 6, "SE")
    assert Target.from_data(months(6)[RESOLUTION].to_data()) == months(6)[RESOLUTION]


def test_a_pause_with_an_end_ends_there_by_itself() -> None:
    pause = fact("mon 10:00", "pause", reason="citizen", until=at("mon 12:00"))
    clock = clock_of(RESOLUTION, created("mon 08:00", minutes(240, RESOLUTION)), pause, now="mon 13:00")
    assert (clock.result, clock.due_at, clock.elapsed_s) == (Result.RUNNING, at("mon 14:00"), 3 * 3600)


def test_an_end_told_later_replaces_the_first_and_a_resume_before_it_wins() -> None:
    start = created("mon 08:00", minutes(480, RESOLUTION))
    first = fact("mon 09:00", "pause", reason="citizen", until=at("mon 10:00"))
    longer = fact("mon 09:30", "pause", reason="citizen", until=at("mon 12:00"))
    early = fact("mon 11:00", "resume")
    again = fact("mon 11:30", "pause", reason="citizen")
    assert clock_of(RESOLUTION, start, first, longer, now="mon 13:00").elapsed_s == 2 * 3600
    clock = clock_of(RESOLUTION, start, first, longer, early, again, now="mon 15:00")
    assert (clock.result, clock.elapsed_s) == (Result.PAUSED, 5400)


def test_the_end_of_one_pause_leaves_another_one_in_force() -> None:
    pauses = (
        fact("mon 09:00", "pause", reason="citizen", until=at("mon 10:00")),
        fact("mon 09:30", "pause", reason="third_party"),
    )
    start = created("mon 08:00", minutes(480, RESOLUTION))
    clock = clock_of(RESOLUTION, start, *pauses, now="mon 12:00", pause_on=("citizen", "third_party"))
    assert (clock.result, clock.paused_since, clock.elapsed_s) == (Result.PAUSED, at("mon 09:00"), 3600)


def test_the_reasons_of_the_unit_that_holds_the_ticket_decide_what_halts() -> None:
    start = created("mon 08:00", minutes(480, RESOLUTION))
    pause = fact("mon 09:00", "pause", reason="third_party")
    moved = fact("mon 11:00", "transfer", unit_id=20, pause_on=frozenset({"third_party"}))
    clock = clock_of(RESOLUTION, start, pause, moved, now="mon 14:00")
    assert (clock.result, clock.elapsed_s) == (Result.PAUSED, 3 * 3600)


def test_an_edit_for_open_tickets_brings_targets_hours_and_reasons_from_then_on() -> None:
    edit = {"unit_id": 10, "calendar_key": "late", "targets": days(1, RESOLUTION)}
    start = created("mon 09:00", minutes(60, RESOLUTION))
    kept = clock_of(RESOLUTION, start, fact("mon 09:30", "policy_edit", scope="new_only", **edit), now="mon 09:40")
    moved = clock_of(RESOLUTION, start, fact("mon 09:30", "policy_edit", scope="open_too", **edit), now="mon 09:40")
    assert kept.due_at == at("mon 10:00")
    assert moved.due_at == at("tue 20:00")
    assert CALENDARS["late"].is_open(at("mon 19:00"))


def test_a_ticket_that_comes_back_after_it_was_resolved_while_waiting_waits_no_more() -> None:
    told = (
        fact("mon 09:00", "pause", reason="citizen"),
        fact("mon 10:00", "resolved"),
        fact("mon 10:30", "resume"),
        fact("mon 11:00", "reopened"),
    )
    clock = clock_of(RESOLUTION, created("mon 08:00", minutes(480, RESOLUTION)), *told, now="mon 12:00")
    assert (clock.result, clock.paused_since, clock.elapsed_s) == (Result.RUNNING, None, 2 * 3600)

"""Pauses, resolving and reopening: when a resolution clock stands still, and what it shows then."""

from __future__ import annotations

from tests.sla_facts import FIRST, NORTH, RESOLUTION, SOUTH, at, clock_of, created, days, fact, minutes, transfer


def test_resolution_stands_still_while_the_citizen_is_waited_for() -> None:
    facts = [created("mon 09:00", minutes(480)), fact("mon 10:00", "pause", reason="citizen")]
    paused = clock_of(RESOLUTION, *facts, now="tue 10:00")
    assert (paused.result, paused.due_at, paused.paused_since) == ("paused", None, at("mon 10:00"))
    assert (paused.elapsed_s, paused.calendar_s) == (3600, 25 * 3600)
    running = clock_of(RESOLUTION, *facts, fact("tue 12:00", "resume", reason="citizen"), now="tue 13:00")
    assert (running.result, running.due_at, running.paused_since) == ("running", at("wed 11:00"), None)


def test_waiting_for_another_authority_does_not_stop_the_citizens_clock() -> None:
    facts = (created("mon 09:00", minutes(60)), fact("mon 09:10", "pause", reason="third_party"))
    assert clock_of(RESOLUTION, *facts, now="mon 09:30").due_at == at("mon 10:00")
    assert clock_of(RESOLUTION, *facts, now="mon 09:30", pause_on=("third_party",)).result == "paused"


def test_a_resume_without_a_reason_ends_every_pause() -> None:
    facts = (
        created("mon 09:00", minutes(240)),
        fact("mon 10:00", "pause", reason="citizen"),
        fact("mon 10:30", "pause", reason="third_party"),
        fact("mon 11:00", "resume"),
    )
    clock = clock_of(RESOLUTION, *facts, pause_on=("citizen", "third_party"))
    assert (clock.due_at, clock.paused_since) == (at("mon 14:00"), None)


def test_overlapping_pauses_are_one_and_begin_with_the_first() -> None:
    facts = (
        created("mon 09:00", minutes(240)),
        fact("mon 10:00", "pause", reason="citizen"),
        fact("mon 10:30", "pause", reason="third_party"),
        fact("mon 11:00", "resume", reason="citizen"),
    )
    clock = clock_of(RESOLUTION, *facts, pause_on=("citizen", "third_party"), now="mon 12:00")
    assert (clock.result, clock.paused_since, clock.elapsed_s) == ("paused", at("mon 10:00"), 3600)


def test_a_pause_never_hides_an_overdue_clock() -> None:
    facts = (created("mon 09:00", minutes(60)), fact("mon 11:00", "pause", reason="citizen"))
    clock = clock_of(RESOLUTION, *facts, now="tue 09:00")
    assert (clock.result, clock.due_at, clock.breach_unit_id) == ("overdue", at("mon 10:00"), NORTH)


def test_a_pause_at_the_very_due_instant_comes_too_late_to_move_it() -> None:
    facts = (created("mon 09:00", minutes(60)), fact("mon 10:00", "pause", reason="citizen"))
    assert clock_of(RESOLUTION, *facts, now="mon 10:00").due_at == at("mon 10:00")
    assert clock_of(RESOLUTION, *facts, now="mon 10:01").result == "overdue"


def test_a_transfer_in_a_pause_to_a_target_already_used_up_is_due_there_and_then() -> None:
    facts = (
        created("mon 09:00", minutes(480)),
        fact("mon 12:00", "pause", reason="citizen"),
        transfer("mon 13:00", minutes(60)),
    )
    clock = clock_of(RESOLUTION, *facts, now="mon 14:00")
    assert (clock.due_at, clock.result, clock.breach_unit_id) == (at("mon 13:00"), "overdue", SOUTH)


def test_a_ticket_resolved_while_paused_is_met() -> None:
    facts = (
        created("mon 09:00", minutes(120)),
        fact("mon 10:00", "pause", reason="citizen"),
        fact("fri 10:00", "resolved"),
    )
    clock = clock_of(RESOLUTION, *facts)
    assert (clock.result, clock.elapsed_s, clock.counted_at) == ("met", 3600, at("fri 10:00"))
    assert (clock.due_at, clock.paused_since) == (None, None)


def test_reopening_goes_on_with_the_resolution_clock_under_the_terms_then_in_force() -> None:
    facts = [created("mon 09:00", minutes(240)), fact("mon 11:00", "resolved")]
    assert clock_of(RESOLUTION, *facts).result == "met"
    facts += [transfer("mon 12:00", minutes(300), calendar="late"), fact("tue 12:00", "reopened")]
    clock = clock_of(RESOLUTION, *facts, now="tue 13:00")
    assert (clock.started_at, clock.due_at, clock.unit_id) == (at("mon 09:00"), at("tue 15:00"), SOUTH)
    assert (clock.instance, clock.elapsed_s, clock.counted_at) == (1, 180 * 60, None)


def test_a_resolution_missed_before_the_reopening_stays_missed() -> None:
    facts = (
        created("mon 09:00", minutes(60)),
        fact("mon 11:00", "resolved"),
        transfer("mon 12:00", minutes(2400)),
        fact("mon 13:00", "reopened"),
    )
    clock = clock_of(RESOLUTION, *facts, now="mon 13:00")
    assert (clock.result, clock.due_at, clock.breach_unit_id) == ("overdue", at("mon 10:00"), NORTH)


def test_a_resolution_at_the_very_due_instant_keeps_it_when_reopened() -> None:
    facts = (created("mon 09:00", minutes(60)), fact("mon 10:00", "resolved"), fact("mon 13:00", "reopened"))
    assert clock_of(RESOLUTION, *facts[:2]).result == "met"
    assert clock_of(RESOLUTION, *facts, now="mon 14:00").due_at == at("mon 10:00")


def test_working_days_are_due_at_closing_and_a_transfer_counts_them_from_the_same_arrival() -> None:
    facts = [created("mon 09:00", days(2))]
    assert clock_of(FIRST, *facts).due_at == at("wed 16:00")
    facts.append(transfer("tue 09:00", days(3), calendar="late"))
    assert clock_of(FIRST, *facts).due_at == at("thu 20:00")


def test_working_days_used_up_before_a_transfer_are_overdue_from_it() -> None:
    clock = clock_of(FIRST, created("mon 09:00", days(5)), transfer("thu 09:00", days(1)), now="thu 10:00")
    assert (clock.due_at, clock.breach_unit_id) == (at("thu 09:00"), SOUTH)


def test_working_days_paused_are_due_as_much_opening_time_later() -> None:
    facts = (
        created("mon 09:00", days(2)),
        fact("tue 10:00", "pause", reason="citizen"),
        fact("wed 12:00", "resume", reason="citizen"),
    )
    assert clock_of(RESOLUTION, *facts).due_at == at("fri 10:00")
    assert clock_of(RESOLUTION, *facts[:2], now="thu 12:00").due_at is None


def test_a_pause_over_the_last_working_day_never_looks_overdue_while_it_lasts() -> None:
    facts = (created("mon 09:00", days(2)), fact("wed 12:00", "pause", reason="citizen"))
    judged = [clock_of(RESOLUTION, *facts, now=now) for now in ("wed 15:59", "wed 17:00", "thu 09:00", "fri 15:00")]
    assert [(clock.due_at, clock.result) for clock in judged] == [(None, "paused")] * 4
    resumed = clock_of(RESOLUTION, *facts, fact("fri 10:00", "resume", reason="citizen"))
    assert resumed.due_at == at("fri 14:00")

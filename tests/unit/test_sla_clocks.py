"""A ticket's clocks from its facts: what starts, halts, moves and ends them, and who answers for a breach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from app.sla.clocks import Clock, Fact, FactKind, Target, TargetKind, rebuild, state_at
from tests.sla_facts import (
    CALENDARS,
    FIRST,
    NORTH,
    RESOLUTION,
    SOUTH,
    at,
    clock_of,
    created,
    fact,
    minutes,
    transfer,
)


def test_a_clock_tells_everything_about_itself() -> None:
    facts = (created("mon 09:00", minutes(240)), fact("tue 08:30", "agent_reply"))
    assert clock_of(FIRST, *facts) == Clock(
        metric=FIRST,
        instance=1,
        started_at=at("mon 09:00"),
        due_at=at("mon 13:00"),
        stopped_at=at("tue 08:30"),
        result="missed",  # type: ignore[arg-type]
        elapsed_s=450 * 60,
        calendar_s=(23 * 60 + 30) * 60,
        lost_s=0,
        calendar_key="office",
        target=Target(TargetKind.MINUTES, 240),
        unit_id=NORTH,
        counted_at=at("mon 13:00"),
        counted_unit_id=NORTH,
        breach_unit_id=NORTH,
        paused_since=None,
    )


@pytest.mark.parametrize("kind", ["auto_reply", "note", "call_attempt_unanswered", "citizen_message", "pause", "split"])
def test_only_a_person_of_ours_ends_the_first_response(kind: str) -> None:
    facts = (created("mon 09:00", minutes(60)), fact("mon 09:10", kind, reason="citizen"))
    assert clock_of(FIRST, *facts, now="mon 09:30").result == "running"
    assert clock_of(FIRST, *facts, now="mon 11:00").result == "overdue"


def test_a_response_at_the_due_instant_is_met_and_a_moment_later_missed() -> None:
    start, due = created("mon 09:00", minutes(60)), at("mon 10:00")
    on_time = rebuild([start, Fact(due, FactKind.CALL_ANSWERED)], CALENDARS)[0]
    late = rebuild([start, Fact(due + timedelta(microseconds=1), FactKind.CALL_ANSWERED)], CALENDARS)[0]
    assert (on_time.result, on_time.counted_at, on_time.breach_unit_id) == ("met", due, None)
    assert (late.result, late.counted_at, late.breach_unit_id) == ("missed", due, NORTH)


def test_a_response_after_closing_to_a_target_used_up_at_closing_is_missed() -> None:
    clock = clock_of(FIRST, created("mon 15:00", minutes(60)), fact("mon 18:00", "agent_reply"))
    assert (clock.due_at, clock.result, clock.elapsed_s) == (at("mon 16:00"), "missed", 3600)


def test_a_running_clock_is_counted_only_once_its_due_instant_has_passed() -> None:
    start = created("mon 09:00", minutes(60))
    exactly = clock_of(FIRST, start, now="mon 10:00")
    after = clock_of(FIRST, start, now="mon 10:01")
    assert (exactly.result, exactly.counted_at, exactly.counted_unit_id) == ("running", None, None)
    assert (after.result, after.counted_at, after.counted_unit_id) == ("overdue", at("mon 10:00"), NORTH)


def test_closing_unanswered_before_due_cancels_and_counts_nowhere() -> None:
    clock = clock_of(FIRST, created("mon 09:00", minutes(240)), fact("mon 10:00", "resolved"))
    assert (clock.result, clock.stopped_at, clock.elapsed_s) == ("cancelled", at("mon 10:00"), 3600)
    assert (clock.counted_at, clock.counted_unit_id, clock.breach_unit_id) == (None, None, None)


def test_closing_unanswered_after_due_stays_a_breach() -> None:
    clock = clock_of(FIRST, created("mon 09:00", minutes(60)), fact("mon 11:00", "resolved"))
    assert (clock.result, clock.counted_at, clock.breach_unit_id) == ("missed", at("mon 10:00"), NORTH)


def test_closing_unanswered_and_reopening_does_not_rid_anyone_of_the_first_response() -> None:
    facts = [created("mon 09:00", minutes(240)), fact("mon 10:00", "resolved"), fact("mon 11:00", "reopened")]
    assert clock_of(FIRST, *facts, now="mon 10:30").result == "cancelled"
    assert clock_of(FIRST, *facts, now="mon 12:00").due_at == at("mon 13:00")
    answered = clock_of(FIRST, *facts, fact("mon 12:30", "agent_reply"), fact("mon 12:31", "resolved"))
    assert (answered.result, answered.elapsed_s) == ("met", 210 * 60)


def test_used_time_is_kept_and_the_new_units_hours_apply_from_the_transfer_on() -> None:
    facts = (created("mon 14:00", minutes(240)), transfer("mon 15:00", minutes(300), calendar="late"))
    clock = clock_of(FIRST, *facts, now="mon 15:30")
    assert (clock.started_at, clock.due_at, clock.unit_id) == (at("mon 14:00"), at("mon 19:00"), SOUTH)
    assert clock.elapsed_s == 90 * 60
    assert clock.target.amount == 300


def test_a_transfer_without_a_target_keeps_the_promise_made() -> None:
    clock = clock_of(FIRST, created("mon 09:00", minutes(120)), transfer("mon 10:00", {}), now="mon 10:30")
    assert (clock.due_at, clock.unit_id) == (at("mon 11:00"), SOUTH)


def test_a_breach_stays_with_the_unit_that_held_the_clock() -> None:
    facts = (created("mon 09:00", minutes(60)), transfer("mon 12:00", minutes(480)), fact("mon 13:00", "agent_reply"))
    clock = clock_of(FIRST, *facts)
    assert (clock.due_at, clock.result, clock.unit_id) == (at("mon 10:00"), "missed", SOUTH)
    assert (clock.breach_unit_id, clock.counted_unit_id) == (NORTH, NORTH)


def test_a_shorter_target_already_used_up_is_overdue_from_the_transfer_for_its_new_unit() -> None:
    facts = (
        created("mon 09:00", minutes(480)),
        transfer("mon 12:00", minutes(60)),
        transfer("mon 13:00", minutes(900)),
    )
    clock = clock_of(FIRST, *facts, now="mon 14:00")
    assert (clock.due_at, clock.result, clock.breach_unit_id) == (at("mon 12:00"), "overdue", SOUTH)


def test_terms_changed_at_the_very_due_instant_decide_about_it() -> None:
    facts = (created("mon 09:00", minutes(60)), transfer("mon 10:00", minutes(120)))
    assert clock_of(FIRST, *facts, now="mon 10:30").due_at == at("mon 11:00")


def test_a_unit_that_answers_and_then_passes_on_is_the_one_counted() -> None:
    facts = (
        created("mon 09:00", minutes(60)),
        fact("mon 09:30", "agent_reply"),
        transfer("mon 09:30", minutes(60)),
        fact("mon 09:50", "resolved"),
    )
    assert clock_of(FIRST, *facts).counted_unit_id == NORTH
    assert clock_of(RESOLUTION, *facts).counted_unit_id == SOUTH


@pytest.mark.parametrize(("scope", "due"), [("new_only", "mon 13:00"), ("open_too", "mon 11:00")])
def test_a_policy_edit_touches_open_tickets_only_when_told_to(scope: str, due: str) -> None:
    facts = (created("mon 09:00", minutes(240)), fact("mon 10:00", "policy_edit", targets=minutes(120), scope=scope))
    assert clock_of(FIRST, *facts).due_at == at(due)


def test_a_transfer_brings_the_first_target_of_a_ticket_and_the_time_before_counts() -> None:
    facts = (created("mon 09:00", {}), transfer("mon 10:00", minutes(120)))
    assert rebuild(facts[:1], CALENDARS) == ()
    assert clock_of(FIRST, *facts).due_at == at("mon 11:00")


def test_an_unknown_calendar_never_falls_due_and_ends_met() -> None:
    start = created("mon 09:00", minutes(60), calendar="missing")
    running = clock_of(FIRST, start, now="fri 09:00")
    assert (running.due_at, running.result, running.elapsed_s) == (None, "running", 0)
    assert clock_of(FIRST, start, fact("fri 09:00", "agent_reply")).result == "met"


def test_an_undone_reply_never_stopped_a_clock() -> None:
    facts = [created("mon 09:00", minutes(60)), fact("mon 09:30", "agent_reply", message_id=7)]
    undone = fact("mon 09:31", "reply_undone", message_id=7)
    assert clock_of(FIRST, *facts).result == "met"
    assert clock_of(FIRST, *facts, undone) == clock_of(FIRST, facts[0], now="mon 09:31")
    assert clock_of(FIRST, *facts, undone, now="mon 09:30").result == "met"


def test_what_the_undone_sending_did_besides_is_undone_with_it() -> None:
    facts = [
        created("mon 09:00", minutes(60)),
        fact("mon 09:30", "agent_reply", message_id=7),
        fact("mon 09:30", "resolved", message_id=7),
        fact("mon 09:31", "reply_undone", message_id=7),
    ]
    assert rebuild(facts, CALENDARS, now=at("mon 11:00")) == rebuild(facts[:1], CALENDARS, now=at("mon 11:00"))
    sent = [*facts, fact("mon 09:50", "agent_reply", message_id=8), fact("mon 09:50", "resolved")]
    assert [clock.result for clock in rebuild(sent, CALENDARS)] == ["met", "met"]
    assert {clock.stopped_at for clock in rebuild(sent, CALENDARS)} == {at("mon 09:50")}


def test_an_undoing_without_a_message_takes_nothing_back() -> None:
    facts = (created("mon 09:00", minutes(60)), fact("mon 09:30", "agent_reply"), fact("mon 09:31", "reply_undone"))
    assert clock_of(FIRST, *facts).result == "met"


def test_the_order_in_which_facts_are_given_does_not_matter_and_later_ones_are_not_yet_known() -> None:
    facts = (
        created("mon 09:00", minutes(120)),
        fact("mon 09:00", "call_answered"),
        transfer("mon 10:00", minutes(180)),
        fact("mon 11:00", "resolved"),
        fact("tue 11:00", "reopened"),
    )
    expected = rebuild(facts[:4], CALENDARS)
    for order in permutations(facts):
        assert rebuild(order, CALENDARS, now=at("mon 11:00")) == expected


def test_kinds_may_be_given_as_plain_text_and_no_facts_give_no_clocks() -> None:
    start = Fact(at("mon 09:00"), "created", calendar_key="office", targets=minutes(60))
    assert rebuild([start, Fact(at("mon 09:30"), "agent_reply")], CALENDARS)[0].result == "met"
    assert rebuild([], CALENDARS) == ()
    assert rebuild([fact("mon 09:00", "note")], CALENDARS, now=at("mon 10:00")) == ()


def test_a_stored_clock_is_judged_later_without_its_facts() -> None:
    facts = [created("mon 09:00", minutes(60))]
    clock = clock_of(FIRST, *facts)
    assert [state_at(clock, at(text)) for text in ("mon 10:00", "mon 10:01")] == ["running", "overdue"]
    paused = clock_of(RESOLUTION, *facts, fact("mon 09:30", "pause", reason="citizen"))
    assert state_at(paused, at("fri 09:00")) == "paused"
    met = clock_of(FIRST, *facts, fact("mon 09:30", "agent_reply"))
    assert state_at(met, at("fri 09:00")) == "met"
    for text in ("mon 09:20", "mon 10:00", "tue 09:00"):
        assert state_at(clock, at(text)) == clock_of(FIRST, *facts, now=text).result


def test_fractions_of_a_second_are_counted_and_never_rounded_up() -> None:
    start = Fact(datetime(2027, 2, 1, 9, 0, 0, 600_000, UTC), "created", calendar_key="office", targets=minutes(60))
    clock = rebuild([start], CALENDARS, now=datetime(2027, 2, 1, 9, 0, 2, 500_000, UTC))[0]
    assert (clock.elapsed_s, clock.calendar_s) == (1, 1)
    assert clock.due_at == datetime(2027, 2, 1, 10, 0, 0, 600_000, UTC)


def test_a_target_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Target(TargetKind.MINUTES, 0)

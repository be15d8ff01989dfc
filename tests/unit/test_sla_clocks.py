"""A ticket's clocks from its facts: what starts, halts, moves and ends them, and who answers for a breach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, FactKind, Metric, Target, TargetKind, rebuild, state_at

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
FIRST, NEXT, UPDATE, RESOLUTION = Metric
NORTH, SOUTH = 10, 20


def office(opens: str = "08:00", closes: str = "16:00") -> Calendar:
    return Calendar.from_data({"tz": "Europe/Stockholm", "week": {day: [[opens, closes]] for day in WEEKDAYS}})


CALENDARS: dict[str | int, Calendar] = {"office": office(), "late": office("10:00", "20:00")}


def at(text: str) -> datetime:
    """ "mon 09:30" in a week of February 2027, "mon2" in the next one."""
    day, clock = text.split()
    number = WEEKDAYS.index(day[:3]) + 7 * (int(day[3:] or 1) - 1)
    return datetime.fromisoformat(f"2027-02-01T{clock}+01:00") + timedelta(days=number)


def minutes(amount: int, *metrics: Metric) -> dict[Metric, Target]:
    return dict.fromkeys(metrics or (FIRST, RESOLUTION), Target(TargetKind.MINUTES, amount))


def days(amount: int, *metrics: Metric) -> dict[Metric, Target]:
    return dict.fromkeys(metrics or (FIRST, RESOLUTION), Target(TargetKind.WORKING_DAYS, amount))


def fact(text: str, kind: str, **more: Any) -> Fact:
    return Fact(at(text), FactKind(kind), **more)


def created(text: str, targets: dict[Metric, Target], unit: int = NORTH, calendar: str = "office") -> Fact:
    return fact(text, "created", unit_id=unit, calendar_key=calendar, targets=targets)


def transfer(text: str, targets: dict[Metric, Target], unit: int = SOUTH, calendar: str = "office") -> Fact:
    return fact(text, "transfer", unit_id=unit, calendar_key=calendar, targets=targets)


def clock_of(metric: Metric, *facts: Fact, now: str | None = None, **more: Any) -> Clock:
    (clock,) = clocks_of(metric, *facts, now=now, **more)
    return clock


def clocks_of(metric: Metric, *facts: Fact, now: str | None = None, **more: Any) -> list[Clock]:
    clocks = rebuild(facts, CALENDARS, now=at(now) if now else None, **more)
    return [clock for clock in clocks if clock.metric == metric]


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


def test_working_days_paused_are_made_up_for_to_the_closing_of_a_day() -> None:
    facts = (
        created("mon 09:00", days(2)),
        fact("tue 10:00", "pause", reason="citizen"),
        fact("wed 12:00", "resume", reason="citizen"),
    )
    assert clock_of(RESOLUTION, *facts).due_at == at("fri 16:00")
    assert clock_of(RESOLUTION, *facts[:2], now="thu 12:00").due_at is None


def test_an_unknown_calendar_never_falls_due_and_ends_met() -> None:
    start = created("mon 09:00", minutes(60), calendar="missing")
    running = clock_of(FIRST, start, now="fri 09:00")
    assert (running.due_at, running.result, running.elapsed_s) == (None, "running", 0)
    assert clock_of(FIRST, start, fact("fri 09:00", "agent_reply")).result == "met"


def test_an_older_contact_merged_in_moves_the_start_and_what_follows_from_it() -> None:
    merge = fact("mon 14:00", "merge", source_start_at=at("mon 09:00"))
    facts = (created("mon 12:00", minutes(240)), merge)
    for metric in (FIRST, RESOLUTION):
        clock = clock_of(metric, *facts, now="mon 14:00")
        assert (clock.started_at, clock.due_at, clock.result) == (at("mon 09:00"), at("mon 13:00"), "overdue")


def test_a_contact_merged_in_after_the_answer_asks_for_the_next_response() -> None:
    facts = (
        created("mon 12:00", minutes(240, FIRST, NEXT)),
        fact("mon 12:30", "agent_reply"),
        fact("mon 13:00", "citizen_message"),
        fact("mon 14:00", "merge", source_start_at=at("mon 09:00")),
    )
    assert clock_of(FIRST, *facts).started_at == at("mon 12:00")
    assert clock_of(NEXT, *facts).started_at == at("mon 09:00")
    assert clock_of(NEXT, *facts[:2], facts[3]).due_at == at("mon 13:00")


def test_next_response_runs_from_the_oldest_unanswered_message_round_by_round() -> None:
    facts = (
        created("mon 09:00", minutes(60, FIRST, NEXT)),
        fact("mon 09:05", "citizen_message"),
        fact("mon 09:30", "agent_reply"),
        fact("mon 09:40", "citizen_autoreply"),
        fact("mon 10:00", "citizen_message"),
        fact("mon 10:50", "citizen_message"),
        fact("mon 11:30", "call_answered"),
        fact("mon 12:00", "citizen_message"),
        fact("mon 12:10", "resolved"),
    )
    one, two = clocks_of(NEXT, *facts)
    assert (one.instance, one.started_at, one.due_at, one.result) == (1, at("mon 10:00"), at("mon 11:00"), "missed")
    assert (two.instance, two.started_at, two.stopped_at, two.result) == (2, at("mon 12:00"), at("mon 12:10"), "met")


def test_updates_are_owed_after_each_response_until_the_ticket_is_resolved() -> None:
    facts = (
        created("mon 09:00", minutes(120, UPDATE)),
        fact("mon 10:00", "agent_reply"),
        fact("mon 11:00", "agent_reply"),
        fact("mon 14:00", "agent_reply", message_id=5),
        fact("mon 14:00", "resolved", message_id=5),
    )
    assert [(clock.started_at, clock.result) for clock in clocks_of(UPDATE, *facts)] == [
        (at("mon 10:00"), "met"),
        (at("mon 11:00"), "missed"),
    ]


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

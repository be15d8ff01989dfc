"""The later rounds of a ticket: next responses, updates, and contacts merged in."""

from __future__ import annotations

from app.sla.facts import unanswered_since
from tests.sla_facts import (
    FIRST,
    NEXT,
    RESOLUTION,
    UPDATE,
    at,
    clock_of,
    clocks_of,
    created,
    fact,
    minutes,
)


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


def test_a_ticket_that_is_merged_away_counts_for_nothing_late_or_not() -> None:
    for moved in ("mon 09:30", "thu 09:00"):
        for clock in clocks_of(
            FIRST, created("mon 09:00", minutes(60, FIRST)), fact(moved, "merged_away"), now="fri 09:00"
        ):
            assert (clock.result, clock.stopped_at, clock.counted_at) == ("merged", at(moved), None)


def test_what_was_judged_before_a_merging_stands() -> None:
    answered = [created("mon 09:00", minutes(60, FIRST)), fact("mon 12:00", "agent_reply")]
    clock = clock_of(FIRST, *answered, fact("mon 13:00", "merged_away"))
    assert (clock.result, clock.stopped_at) == ("missed", at("mon 12:00"))


def test_a_message_that_left_was_never_asked_here() -> None:
    told = [
        created("mon 09:00", minutes(60, NEXT)),
        fact("mon 09:30", "agent_reply"),
        fact("mon 10:00", "citizen_message", message_id=7),
        fact("mon 12:00", "citizen_message", message_id=8),
    ]
    assert clock_of(NEXT, *told, now="mon 13:00").started_at == at("mon 10:00")
    assert unanswered_since(told) == at("mon 10:00")
    left = fact("mon 13:00", "split", message_id=7)
    assert clock_of(NEXT, *told, left).started_at == at("mon 12:00")
    assert unanswered_since([*told, left]) == at("mon 12:00")
    assert clocks_of(NEXT, *told, left, fact("mon 13:00", "split", message_id=8)) == []


def test_what_nobody_has_answered_is_known_without_any_target() -> None:
    asked = [created("mon 09:00", {}), fact("mon 10:00", "citizen_message"), fact("mon 10:30", "auto_reply")]
    assert unanswered_since(asked) == at("mon 09:00")
    assert unanswered_since([*asked, fact("mon 11:00", "agent_reply")]) is None
    merged = fact("mon 12:00", "merge", source_start_at=at("mon 08:30"))
    assert unanswered_since([*asked, fact("mon 11:00", "agent_reply"), merged]) == at("mon 08:30")
    assert unanswered_since([*asked, fact("mon 11:00", "resolved"), fact("mon 12:00", "reopened")]) is None

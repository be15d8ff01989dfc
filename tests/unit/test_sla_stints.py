"""Who held an open ticket, and when."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from app.sla.facts import Fact, FactKind
from app.sla.stints import Stint, stints

MONDAY = datetime(2027, 2, 1, 8, tzinfo=UTC)


def hour(number: float) -> datetime:
    return MONDAY + timedelta(hours=number)


def fact(number: float, kind: str, unit: int | None = None, message: int | None = None) -> Fact:
    return Fact(hour(number), FactKind(kind), unit_id=unit, message_id=message)


def test_a_ticket_has_one_stint_for_each_stretch_open_at_one_unit() -> None:
    facts = (
        fact(0, "created", 1),
        fact(1, "note", 9),
        fact(2, "transfer", 2),
        fact(3, "resolved"),
        fact(5, "reopened"),
        fact(6, "transfer", 1),
    )
    assert stints(facts) == (
        Stint(1, hour(0), hour(2)),
        Stint(2, hour(2), hour(3)),
        Stint(2, hour(5), hour(6)),
        Stint(1, hour(6), None),
    )


def test_what_happens_to_a_resolved_ticket_is_nobodys_time_until_it_is_reopened() -> None:
    facts = (
        fact(0, "created", 1),
        fact(1, "resolved"),
        fact(2, "transfer", 2),
        fact(3, "resolved"),
        fact(4, "reopened"),
    )
    assert stints(facts) == (Stint(1, hour(0), hour(1)), Stint(2, hour(4), None))
    assert stints(facts, now=hour(3.5)) == (Stint(1, hour(0), hour(1)),)


def test_a_transfer_to_the_same_unit_or_a_second_reopening_begins_nothing_new() -> None:
    facts = (fact(0, "created", 1), fact(1, "transfer", 1), fact(2, "reopened"))
    assert stints(facts) == (Stint(1, hour(0), None),)


def test_a_unit_that_passes_on_at_once_has_no_stint_but_one_that_resolves_at_once_has() -> None:
    assert stints((fact(0, "created", 1), fact(0, "transfer", 2))) == (Stint(2, hour(0), None),)
    assert stints((fact(0, "created", 1), fact(0, "resolved"))) == (Stint(1, hour(0), hour(0)),)


def test_a_resolving_that_was_undone_with_its_reply_ended_nothing() -> None:
    facts = [fact(0, "created", 1), fact(1, "agent_reply", message=4), fact(1, "resolved", message=4)]
    assert stints(facts) == (Stint(1, hour(0), hour(1)),)
    assert stints([*facts, fact(1.1, "reply_undone", message=4)]) == (Stint(1, hour(0), None),)


def test_no_facts_no_stints() -> None:
    assert stints(()) == ()


def test_stints_cover_exactly_the_time_in_which_the_ticket_is_open_and_name_who_holds_it() -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    for _ in range(300):
        hours = sorted(rng.sample(range(100), rng.randrange(1, 12)))
        kinds = ["created", *rng.choices(("transfer", "resolved", "reopened", "note", "agent_reply"), k=len(hours) - 1)]
        facts = [fact(at, kind, rng.randrange(1, 4)) for at, kind in zip(hours, kinds, strict=True)]
        found = stints(rng.sample(facts, len(facts)))
        unit, is_open = 0, False
        for number in range(101):
            for known in facts:
                if known.at == hour(number):
                    unit = known.unit_id or 0 if known.kind in ("created", "transfer") else unit
                    is_open = (is_open or known.kind in ("created", "reopened")) and known.kind != "resolved"
            at = hour(number)
            holders = [s.unit_id for s in found if s.started_at <= at and (s.ended_at is None or at < s.ended_at)]
            assert holders == ([unit] if is_open else []), f"seed {seed}"

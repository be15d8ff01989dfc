"""The effect of changed hours or targets, reckoned from stored clocks, against the clocks rebuilt with the edit."""

from __future__ import annotations

import random
from datetime import timedelta

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, Metric, Target, TargetKind, rebuild
from app.sla.facts import STATUTORY
from app.sla.preview import Running, due_after
from tests.sla_facts import at, office

CALENDARS: dict[str | int, Calendar] = {1: office(), 2: office("10:00", "20:00"), 3: office("07:00", "12:00")}
SECOND = timedelta(seconds=1)


def some_target(chance: random.Random) -> Target:
    kind = chance.choice([*TargetKind])
    amount = chance.randrange(1, 3_000) if kind.endswith("minutes") else chance.randrange(1, 6)
    return Target(kind, amount, "SE" if kind in STATUTORY else "")


def some_facts(chance: random.Random) -> list[Fact]:
    """A ticket that is moved, waits, is resolved and comes back, at random seconds of its first days."""
    clock = at("mon 08:00") + timedelta(seconds=chance.randrange(5 * 86_400))
    terms = {"calendar_key": 1, "targets": {Metric.RESOLUTION: some_target(chance)}}
    told = [Fact(clock, "created", unit_id=1, **terms)]
    for kind in chance.sample(["pause", "resume", "transfer", "resolved", "reopened", "pause", "resume"], 5):
        clock += timedelta(seconds=chance.randrange(1, 40_000))
        moved = {"calendar_key": chance.choice((1, 2)), "targets": {Metric.RESOLUTION: some_target(chance)}}
        more = {"unit_id": 2, **moved} if kind == "transfer" else {"reason": "citizen"} if kind == "pause" else {}
        told.append(Fact(clock, kind, **more))
    return told


def stored(clock: Clock) -> Running:
    spans = (clock.elapsed_s, clock.lost_s, clock.calendar_s)
    return Running(clock.started_at, clock.due_at, clock.paused_since, *spans, clock.target)


def test_a_preview_tells_what_an_edit_for_open_tickets_then_does() -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance, compared, kinds = random.Random(seed), 0, set()
    for number in range(4_000):
        told, target = some_facts(chance), some_target(chance)
        (clock,) = rebuild(told, CALENDARS)
        now = told[-1].at + timedelta(seconds=chance.randrange(0, 200_000))
        if clock.stopped_at is not None:
            continue
        assert isinstance(clock.calendar_key, int)
        calendar = CALENDARS[clock.calendar_key]
        foretold = due_after(stored(clock), calendar, changed=CALENDARS[3], target=target, now=now)
        edit = Fact(now, "policy_edit", calendar_key=3, targets={Metric.RESOLUTION: target}, scope="open_too")
        (edited,) = rebuild([*told, edit], CALENDARS)
        if clock.target.kind in STATUTORY and edited.paused_since is not None:
            continue  # not told that the ticket waits
        case = f"seed {seed}, ticket {number}: {foretold}, {edited}"
        assert (foretold is None) == (edited.due_at is None), case
        assert foretold is None or edited.due_at is None or abs(foretold - edited.due_at) <= SECOND, case
        compared, kinds = compared + 1, kinds | {(clock.target.kind, target.kind)}
    assert compared > 1_000
    assert len(kinds) == len(TargetKind) ** 2

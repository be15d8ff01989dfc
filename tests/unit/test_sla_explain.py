"""The reasons behind a clock, stretch by stretch."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import pairwise

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, Metric, Target, TargetKind, rebuild
from app.sla.explain import MOST_STRETCHES, Stretch, explain

WEEK = {day: [["08:00", "12:00"], ["13:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDARS: dict[str | int, Calendar] = {
    "split": Calendar.from_data({"tz": "Europe/Stockholm", "week": WEEK, "closed": {"2027-01-06": "Trettondedag jul"}}),
    "late": Calendar.from_data({"tz": "Europe/Helsinki", "week": {"tue": [["12:00", "20:00"]]}}),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-01-{text}+01:00")


def promise(minutes: int) -> dict[Metric, Target]:
    return {metric: Target(TargetKind.MINUTES, minutes) for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION)}


CREATED = Fact(at("04T11:00"), "created", unit_id=1, calendar_key="split", targets=promise(600))


def shape(stretches: tuple[Stretch, ...]) -> list[tuple[str, str, str, float]]:
    return [
        (f"{s.started_at.astimezone(at('04T00:00').tzinfo):%d %H:%M}", s.kind, s.rule, s.seconds / 3600)
        for s in stretches
    ]


def of(metric: Metric, facts: list[Fact], now: datetime | None = None) -> tuple[Clock, tuple[Stretch, ...]]:
    (clock,) = (clock for clock in rebuild(facts, CALENDARS, now=now) if clock.metric == metric)
    return clock, explain(clock, facts, CALENDARS, now=now)


def test_each_stretch_tells_whether_it_counted_and_by_which_rule() -> None:
    facts = [
        CREATED,
        Fact(at("04T14:00"), "pause", reason="citizen"),
        Fact(at("05T09:00"), "resume", reason="citizen"),
        Fact(at("05T15:00"), "resolved"),
        Fact(at("07T09:00"), "reopened"),
    ]
    _, stretches = of(Metric.RESOLUTION, facts, now=at("07T10:00"))
    assert shape(stretches) == [
        ("04 11:00", "counted", "open_hours", 1),
        ("04 12:00", "closed", "outside_hours", 1),
        ("04 13:00", "counted", "open_hours", 1),
        ("04 14:00", "paused", "pause", 19),
        ("05 09:00", "counted", "open_hours", 3),
        ("05 12:00", "closed", "outside_hours", 1),
        ("05 13:00", "counted", "open_hours", 2),
        ("05 15:00", "paused", "resolved", 42),
        ("07 09:00", "counted", "open_hours", 1),
    ]
    assert stretches[3].detail == "citizen"


def test_a_closed_day_is_named() -> None:
    _, stretches = of(Metric.FIRST_RESPONSE, [CREATED], now=at("07T09:00"))
    (closed,) = (stretch for stretch in stretches if stretch.rule == "closed_day")
    assert (closed.detail, closed.started_at, closed.ended_at) == ("Trettondedag jul", at("05T16:00"), at("07T08:00"))


def test_a_pause_is_nothing_to_the_first_response() -> None:
    facts = [CREATED, Fact(at("04T14:00"), "pause", reason="citizen")]
    _, stretches = of(Metric.FIRST_RESPONSE, facts, now=at("04T15:00"))
    assert shape(stretches)[-1] == ("04 13:00", "counted", "open_hours", 2)


def test_stretches_change_hands_with_the_ticket() -> None:
    facts = [CREATED, Fact(at("04T11:30"), "transfer", unit_id=2, calendar_key="late", targets=promise(600))]
    _, stretches = of(Metric.FIRST_RESPONSE, facts, now=at("05T12:00"))
    assert [(*row, s.unit_id) for row, s in zip(shape(stretches), stretches, strict=True)] == [
        ("04 11:00", "counted", "open_hours", 0.5, 1),
        ("04 11:30", "closed", "outside_hours", 23.5, 2),
        ("05 11:00", "counted", "open_hours", 1, 2),
    ]


def test_a_stopped_clock_is_explained_to_its_stop_and_events_between_do_not_cut() -> None:
    facts = [CREATED, Fact(at("04T11:10"), "note"), Fact(at("04T11:30"), "agent_reply"), Fact(at("04T15:00"), "note")]
    clock, stretches = of(Metric.FIRST_RESPONSE, facts)
    assert shape(stretches) == [("04 11:00", "counted", "open_hours", 0.5)]
    assert stretches[-1].ended_at == clock.stopped_at


def test_a_long_life_is_summed_up_without_gaps_and_its_counted_time_stays() -> None:
    clock, stretches = of(Metric.FIRST_RESPONSE, [CREATED], now=datetime.fromisoformat("2028-06-01T12:00+02:00"))
    assert len(stretches) == MOST_STRETCHES
    assert all(before.ended_at == after.started_at for before, after in pairwise(stretches))
    assert sum(stretch.seconds for stretch in stretches if stretch.kind == "counted") == clock.elapsed_s
    assert {stretch.rule for stretch in stretches} >= {"summary"}


def test_a_clock_that_the_facts_do_not_know_is_not_explained() -> None:
    clock, _ = of(Metric.FIRST_RESPONSE, [CREATED], now=at("04T12:00"))
    assert explain(clock, [Fact(at("04T11:00"), "created")], CALENDARS) == ()
    assert explain(clock, [], CALENDARS) == ()


def test_stretches_always_cover_the_clocks_life_and_add_up_to_its_used_time() -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    for _ in range(200):
        facts, moment = [CREATED], CREATED.at
        for kind in rng.choices(("pause", "resume", "transfer", "resolved", "reopened", "note"), k=8):
            moment += timedelta(minutes=rng.randrange(1, 3000))
            unit, key = rng.choice(((1, "split"), (2, "late")))
            terms = {"unit_id": unit, "calendar_key": key, "targets": promise(900)} if kind == "transfer" else {}
            facts.append(Fact(moment, kind, reason="citizen", **terms))
        for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION):
            clock, stretches = of(metric, facts, now=moment + timedelta(hours=30))
            end = clock.stopped_at or moment + timedelta(hours=30)
            assert (stretches[0].started_at, stretches[-1].ended_at) == (clock.started_at, end), f"seed {seed}"
            assert all(before.ended_at == after.started_at for before, after in pairwise(stretches)), f"seed {seed}"
            counted = sum(stretch.seconds for stretch in stretches if stretch.kind == "counted")
            assert counted == clock.elapsed_s, f"seed {seed}"

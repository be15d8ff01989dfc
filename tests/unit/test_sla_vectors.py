"""The worked cases that were checked by hand, read from the folder beside the project."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.sla.calendar import Calendar
from app.sla.clocks import Clock, Fact, Metric, Target, TargetKind, rebuild
from app.sla.statutory import legal_deadline

SOURCE = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "sla_vectors.json"
VECTORS: dict[str, Any] = json.loads(SOURCE.read_text("utf-8")) if SOURCE.is_file() else {"calendars": {}, "cases": []}
CALENDARS = {name: Calendar.from_data(data) for name, data in VECTORS["calendars"].items()}

LEFT_TO_LATER = {
    "let-03-mailbox-first-emptying": "the deemed date of a letter belongs to the letter channel's dates",
    "let-06-finland-same-day": "the deemed date of a letter belongs to the letter channel's dates",
}

pytestmark = pytest.mark.skipif(
    not SOURCE.is_file(), reason="the worked cases (../shared/data) are not beside the project"
)


def cases_of(*kinds: str) -> list[Any]:
    found = [case for case in VECTORS["cases"] if case["kind"] in kinds]
    return [pytest.param(case, id=case["id"]) for case in found] or [pytest.param(None, id="absent")]


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def fact(event: dict[str, Any], case: dict[str, Any]) -> Fact:
    given = {**case, **event} if event["type"] == "created" else event
    minutes = given.get("target_minutes")
    source_start = event.get("source_start")
    return Fact(
        datetime.fromisoformat(event["at"]),
        event["type"],
        calendar_key=given.get("calendar"),
        targets={Metric(case["metric"]): Target(TargetKind.MINUTES, minutes)} if minutes else {},
        reason=event.get("reason", ""),
        scope=event.get("scope", ""),
        source_start_at=instant(source_start),
    )


def outcome(clock: Clock) -> dict[str, Any]:
    return {
        "start": clock.started_at,
        "due": clock.due_at,
        "stop": clock.stopped_at,
        "elapsed": clock.elapsed_s / 60,
        "result": clock.result,
    }


def typed(expected: dict[str, Any]) -> dict[str, Any]:
    return {key: instant(value) if key in ("start", "due", "stop") else value for key, value in expected.items()}


@pytest.mark.parametrize("case", cases_of("add"))
def test_a_due_instant_is_as_worked_out_by_hand(case: dict[str, Any]) -> None:
    due = CALENDARS[case["calendar"]].add(datetime.fromisoformat(case["start"]), case["minutes"] * 60)
    assert due == instant(case["expect"]["due"]), case["why"]


@pytest.mark.parametrize("case", cases_of("elapsed"))
def test_used_time_is_as_worked_out_by_hand(case: dict[str, Any]) -> None:
    start, end = (datetime.fromisoformat(case[key]) for key in ("from", "to"))
    assert CALENDARS[case["calendar"]].elapsed(start, end) == case["expect"]["minutes"] * 60, case["why"]


@pytest.mark.parametrize("case", cases_of("working_days"))
def test_working_days_are_as_worked_out_by_hand(case: dict[str, Any]) -> None:
    due = CALENDARS[case["calendar"]].working_days(datetime.fromisoformat(case["start"]), case["days"])
    assert due == instant(case["expect"]["due"]), case["why"]


@pytest.mark.parametrize("case", cases_of("clock"))
def test_clocks_are_as_worked_out_by_hand(case: dict[str, Any]) -> None:
    facts = [fact(event, case) for event in case["events"]]
    clocks = rebuild(facts, CALENDARS, pause_on=case["pause_on"], now=instant(case.get("now")))
    assert [outcome(clock) for clock in clocks] == [typed(expected) for expected in case["expect"]], case["why"]


@pytest.mark.parametrize("case", cases_of("legal_deadline"))
def test_statutory_last_days_are_as_worked_out_by_hand(case: dict[str, Any]) -> None:
    country = case["calendar"][:2]
    last = legal_deadline(date.fromisoformat(case["start_date"]), months=case["months"], country=country)
    assert last.isoformat() == case["expect"]["date"], case["why"]


def test_every_case_is_tried_or_named_with_the_reason_why_not() -> None:
    tried = {"add", "elapsed", "working_days", "clock", "legal_deadline"}
    assert {case["id"] for case in VECTORS["cases"] if case["kind"] not in tried} == set(LEFT_TO_LATER)

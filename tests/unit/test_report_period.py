"""The weeks of the report, where daylight saving and the turn of the year make them odd."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.core.errors import InvalidInputError
from app.reports.period import Week, last_weeks

STOCKHOLM, HELSINKI = ZoneInfo("Europe/Stockholm"), ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("week", "start", "end", "hours"),
    [
        (Week(2026, 13), datetime(2026, 3, 22, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC), 167),
        (Week(2026, 43), datetime(2026, 10, 18, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC), 169),
        (Week(2026, 46), datetime(2026, 11, 8, 23, tzinfo=UTC), datetime(2026, 11, 15, 23, tzinfo=UTC), 168),
    ],
)
def test_a_week_runs_from_midnight_to_midnight_on_the_units_wall(
    week: Week, start: datetime, end: datetime, hours: int
) -> None:
    assert week.bounds(STOCKHOLM) == (start, end)
    assert end - start == timedelta(hours=hours)


def test_units_in_two_zones_begin_the_same_week_at_different_instants() -> None:
    assert Week(2026, 46).bounds(HELSINKI)[0] == Week(2026, 46).bounds(STOCKHOLM)[0] - timedelta(hours=1)


def test_weeks_follow_each_other_without_gap_or_overlap_for_years_in_odd_zones() -> None:
    for zone in map(ZoneInfo, ("Europe/Stockholm", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe")):
        weeks = last_weeks(160, until=Week(2028, 5))
        for before, after in pairwise(weeks):
            assert before.bounds(zone)[1] == after.bounds(zone)[0]
            assert Week.at(after.bounds(zone)[0], zone) == after
            assert Week.at(after.bounds(zone)[0] - timedelta(microseconds=1), zone) == before


def test_a_week_with_a_short_or_missing_day_is_as_long_as_it_really_was() -> None:
    west = ZoneInfo("America/Campo_Grande")  # on Sunday 2018-11-04 the wall jumped from 00:00 to 01:00
    start, end = Week(2018, 44).bounds(west)
    assert end - start == timedelta(hours=167)
    samoa = ZoneInfo("Pacific/Apia")  # had no Friday 30 December 2011
    start, end = Week(2011, 52).bounds(samoa)
    assert end - start == timedelta(hours=144)


def test_the_week_at_the_turn_of_the_year_belongs_to_the_year_of_its_thursday() -> None:
    assert str(Week.at(datetime(2027, 1, 3, 12, tzinfo=UTC), STOCKHOLM)) == "2026-W53"
    assert Week(2026, 53).sunday == date(2027, 1, 3)
    assert Week(2026, 53).back(-1) == Week(2027, 1)


def test_the_last_weeks_come_oldest_first_and_cross_the_year() -> None:
    assert [str(week) for week in last_weeks(3, until=Week(2027, 1))] == ["2026-W52", "2026-W53", "2027-W01"]


def test_a_week_is_read_back_from_its_text() -> None:
    assert Week.parse("2026-W46") == Week(2026, 46)
    assert str(Week.parse("2026-W06")) == "2026-W06"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-46",
        "2026-W00",
        "2025-W53",
        "2026-W99",
        "2026-W4",
        "2026-w46",
        "٢٠٢٦-W46",
        "0000-W01",
        "9999-W52",
    ],
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidInputError, match="2026-W46"):
        Week.parse(text)


def test_a_week_before_this_century_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Week.parse("1970-W05")

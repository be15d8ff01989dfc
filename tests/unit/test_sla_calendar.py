"""Opening hours: reading them, and counting by them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.errors import LuukkuError
from app.sla.calendar import NEVER_OPEN, Calendar, CalendarError
from app.sla.intervals import build
from app.sla.windows import Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = [["09:00", "17:00"]]


def calendar(
    windows: list[list[str]] | None = None,
    *,
    days: tuple[str, ...] = DAYS[:5],
    closed: tuple[str, ...] = (),
    special: dict[str, list[list[str]]] | None = None,
    tz: str = "Europe/Stockholm",
) -> Calendar:
    week = dict.fromkeys(days, OFFICE if windows is None else windows)
    data = {"tz": tz, "week": week, "closed": dict.fromkeys(closed, "Planning day"), "special": special or {}}
    return Calendar.from_data(data)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


NIGHT = calendar([["00:00", "06:00"], ["22:00", "24:00"]], days=DAYS)
AROUND_THE_CLOCK = calendar([["00:00", "24:00"]], days=DAYS)
HALF_DAY = calendar(special={"2027-03-25": [["09:00", "12:00"]], "2027-03-27": [["10:00", "11:00"]]})
SPLIT_DAY = calendar([["09:00", "11:00"], ["13:00", "15:00"]])
GAP = calendar([["02:30", "04:00"]], days=("sun",))
IN_GAP = calendar([["02:00", "03:00"]], days=("sun",))
BEIRUT = calendar([["00:00", "02:00"]], days=("sun",), tz="Asia/Beirut")
KOLKATA = calendar(tz="Asia/Kolkata")
LORD_HOWE = calendar([["00:00", "24:00"]], days=("sun",), tz="Australia/Lord_Howe")

ADDITIONS = {
    "inside a window": (calendar(), "2027-02-01T10:00+01:00", 90, "2027-02-01T11:30+01:00"),
    "used up at closing is due at closing": (calendar(), "2027-02-01T16:00+01:00", 60, "2027-02-01T17:00+01:00"),
    "one minute past closing is next morning": (calendar(), "2027-02-01T16:00+01:00", 61, "2027-02-02T09:01+01:00"),
    "at closing starts next morning": (calendar(), "2027-02-01T17:00+01:00", 1, "2027-02-02T09:01+01:00"),
    "over the weekend": (calendar(), "2027-02-05T16:30+01:00", 60, "2027-02-08T09:30+01:00"),
    "over a closed day": (calendar(closed=("2027-02-02",)), "2027-02-01T16:30+01:00", 60, "2027-02-03T09:30+01:00"),
    "half day": (HALF_DAY, "2027-03-25T11:00+01:00", 120, "2027-03-26T10:00+01:00"),
    "special day opens a Saturday": (HALF_DAY, "2027-03-26T17:00+01:00", 30, "2027-03-27T10:30+01:00"),
    "over the midday break": (SPLIT_DAY, "2027-02-01T10:30+01:00", 60, "2027-02-01T13:30+01:00"),
    "used up at the midday break": (SPLIT_DAY, "2027-02-01T10:00+01:00", 60, "2027-02-01T11:00+01:00"),
    "overnight as two windows": (NIGHT, "2027-02-01T23:00+01:00", 120, "2027-02-02T01:00+01:00"),
    "an odd zone": (KOLKATA, "2027-02-01T03:00+00:00", 60, "2027-02-01T10:00+05:30"),
    "nothing to add": (calendar(), "2027-02-06T12:00+01:00", 0, "2027-02-06T12:00+01:00"),
    "spring night has 23 hours": (AROUND_THE_CLOCK, "2027-03-27T12:00+01:00", 1440, "2027-03-28T13:00+02:00"),
    "autumn night has 25 hours": (AROUND_THE_CLOCK, "2027-10-30T12:00+02:00", 1440, "2027-10-31T11:00+01:00"),
    "window that begins in the hour skipped": (GAP, "2027-03-28T00:00+01:00", 60, "2027-03-28T04:00+02:00"),
    "window wholly skipped": (IN_GAP, "2027-03-28T00:00+01:00", 30, "2027-04-04T02:30+02:00"),
    "window wholly repeated": (IN_GAP, "2027-10-31T00:00+02:00", 120, "2027-10-31T03:00+01:00"),
    "midnight skipped": (BEIRUT, "2027-03-27T12:00+02:00", 60, "2027-03-28T02:00+03:00"),
    "half an hour of daylight saving": (LORD_HOWE, "2027-04-04T00:00+11:00", 1470, "2027-04-05T00:00+10:30"),
}

ELAPSED = {
    "within a window": (calendar(), "2027-02-01T10:00+01:00", "2027-02-01T10:07+01:00", 7),
    "a week": (calendar(), "2027-02-01T00:00+01:00", "2027-02-08T00:00+01:00", 2400),
    "closed throughout": (calendar(), "2027-02-06T08:00+01:00", "2027-02-07T20:00+01:00", 0),
    "backwards": (calendar(), "2027-02-02T10:00+01:00", "2027-02-01T10:00+01:00", 0),
    "spring night": (NIGHT, "2027-03-27T22:00+01:00", "2027-03-28T06:00+02:00", 420),
    "autumn night": (NIGHT, "2027-10-30T22:00+02:00", "2027-10-31T06:00+01:00", 540),
    "over New Year": (AROUND_THE_CLOCK, "2027-12-31T23:00+01:00", "2028-01-01T01:00+01:00", 120),
    "over years not asked for before": (AROUND_THE_CLOCK, "1999-12-31T23:00+00:00", "2050-01-01T00:00+00:00", 26298780),
}

WORKING_DAYS = {
    "arrival is day 0": (calendar(), "2027-02-01T09:00+01:00", 2, "2027-02-03T17:00+01:00"),
    "late at night is still its date": (calendar(), "2027-02-01T23:59+01:00", 1, "2027-02-02T17:00+01:00"),
    "the date is the zone's": (calendar(), "2027-02-01T23:30+00:00", 1, "2027-02-03T17:00+01:00"),
    "over a weekend and a closed day": (
        calendar(closed=("2027-02-08",)),
        "2027-02-04T10:00+01:00",
        3,
        "2027-02-10T17:00+01:00",
    ),
    "closes early on a half day": (HALF_DAY, "2027-03-24T10:00+01:00", 1, "2027-03-25T12:00+01:00"),
    "a special Saturday is a working day": (HALF_DAY, "2027-03-26T10:00+01:00", 1, "2027-03-27T11:00+01:00"),
    "the last of several windows closes the day": (SPLIT_DAY, "2027-02-01T10:00+01:00", 1, "2027-02-02T15:00+01:00"),
    "closing at midnight": (AROUND_THE_CLOCK, "2027-02-01T10:00+01:00", 1, "2027-02-03T00:00+01:00"),
    "a window skipped by daylight saving is no open day": (
        IN_GAP,
        "2027-03-27T10:00+01:00",
        1,
        "2027-04-04T03:00+02:00",
    ),
}


@pytest.mark.parametrize("case", ADDITIONS.values(), ids=ADDITIONS)
def test_time_added_ends_at(case: tuple[Calendar, str, int, str]) -> None:
    hours, start, minutes, due = case
    assert hours.add(at(start), minutes * 60) == at(due)


@pytest.mark.parametrize("case", ELAPSED.values(), ids=ELAPSED)
def test_time_used_is(case: tuple[Calendar, str, str, int]) -> None:
    hours, start, end, minutes = case
    assert hours.elapsed(at(start), at(end)) == minutes * 60


@pytest.mark.parametrize("case", WORKING_DAYS.values(), ids=WORKING_DAYS)
def test_working_days_end_at(case: tuple[Calendar, str, int, str]) -> None:
    hours, start, days, due = case
    assert hours.working_days(at(start), days) == at(due)


def test_a_calendar_that_never_opens_gives_no_due_instant_and_no_endless_loop() -> None:
    start = at("2027-02-01T10:00+01:00")
    assert (NEVER_OPEN.add(start, 1), NEVER_OPEN.working_days(start, 1)) == (None, None)
    assert NEVER_OPEN.elapsed(start, start + timedelta(days=4000)) == 0


def test_a_calendar_open_on_special_days_only_ends_with_them() -> None:
    hours = calendar([], special={"2031-05-05": [["09:00", "10:00"]]})
    start = at("2027-02-01T10:00+01:00")
    assert hours.add(start, 3600) == at("2031-05-05T10:00+02:00")
    assert hours.working_days(start, 1) == at("2031-05-05T10:00+02:00")
    assert hours.add(start, 3601) is None
    assert hours.working_days(start, 2) is None


def test_a_target_beyond_the_years_counted_gives_no_due_instant() -> None:
    assert AROUND_THE_CLOCK.add(at("2027-02-01T10:00+01:00"), 300 * 366 * 86_400) is None


@pytest.mark.parametrize("year", [1, 1969, 2250, 9999])
def test_instants_outside_the_years_counted_raise_nothing(year: int) -> None:
    far = datetime(year, 6, 1, tzinfo=UTC)
    hours = calendar()
    assert hours.elapsed(far, far + timedelta(days=30)) == 0
    assert hours.is_open(far) is False


def test_it_is_open_from_the_opening_until_just_before_the_closing() -> None:
    hours = calendar()
    texts = ("08:59:59.999999", "09:00", "16:59:59.999999", "17:00")
    assert [hours.is_open(at(f"2027-02-01T{text}+01:00")) for text in texts] == [False, True, True, False]


def test_intervals_are_cut_at_both_ends_and_joined_where_they_touch() -> None:
    assert SPLIT_DAY.intervals(at("2027-02-01T10:00+01:00"), at("2027-02-01T14:00+01:00")) == (
        (at("2027-02-01T10:00+01:00"), at("2027-02-01T11:00+01:00")),
        (at("2027-02-01T13:00+01:00"), at("2027-02-01T14:00+01:00")),
    )
    assert NIGHT.intervals(at("2027-02-01T12:00+01:00"), at("2027-02-02T12:00+01:00")) == (
        (at("2027-02-01T22:00+01:00"), at("2027-02-02T06:00+01:00")),
    )
    assert SPLIT_DAY.intervals(at("2027-02-01T11:00+01:00"), at("2027-02-01T13:00+01:00")) == ()


def test_answers_are_aware_and_in_utc_whatever_zone_was_asked_in() -> None:
    due = calendar().add(at("2027-02-01T10:00+01:00"), 1.5)
    assert due == datetime(2027, 2, 1, 9, 0, 1, 500_000, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(TypeError):
        calendar().add(datetime(2027, 2, 1, 10), 60)  # noqa: DTZ001


def test_fewer_than_one_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="0 working days"):
        calendar().working_days(at("2027-02-01T10:00+01:00"), 0)


def test_equal_hours_share_one_table_and_names_do_not_matter() -> None:
    one, other = calendar(closed=("2027-02-02",)), calendar(closed=("2027-02-02",))
    renamed = Calendar.from_data({**one.to_data(), "closed": {"2027-02-02": "Strike"}})
    assert one == other
    assert one != renamed
    assert one._index is other._index is renamed._index
    assert one._index is not calendar()._index


def test_data_survives_the_way_through_a_calendar() -> None:
    data = calendar(
        [["22:00", "24:00"], ["00:00", "06:00"]], closed=("2027-01-01",), special={"2027-01-05": []}
    ).to_data()
    assert data["week"] == {day: [["00:00", "06:00"], ["22:00", "24:00"]] if day in DAYS[:5] else [] for day in DAYS}
    assert Calendar.from_data(data).to_data() == data


FAULTY: dict[str, Any] = {
    "tz": "Europe/Stokholm",
    "week": {"mon": [["08:00", "08:00"]], "tue": [["08:00", "25:00"]], "wed": "08-16", "mån": [], "thu": [["9:00"]]},
    "closed": {"2027-02-30": "Nobody's day", "2027-12-24": "Christmas Eve", "2027-12-25": 7},
    "special": {"2027-12-24": [["08:00", "12:00"], ["11:00", "13:00"]], "soon": []},
    "weeks": {},
}


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar.from_data(FAULTY)
    named = "\n".join(caught.value.faults)
    expected = (
        "Stokholm", "08:00, ", "25:00", "08-16", "mån", "9:00", "2027-02-30", "12-25 needs a name",
        "overlap at 11:00", "both closed and special", "'soon'", "'weeks'",
    )  # fmt: skip
    assert [text for text in expected if text.rstrip(", ") not in named] == []
    assert len(caught.value.faults) == len(expected)
    assert isinstance(caught.value, LuukkuError)


@pytest.mark.parametrize(
    "data", [{}, {"tz": None, "week": None}, {"tz": "../etc", "week": []}, {"tz": "Europe", "week": 1}]
)
def test_data_of_another_shape_is_a_calendar_error_and_nothing_else(data: dict[str, object]) -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar.from_data(data)
    assert len(caught.value.faults) == 2


def test_a_table_grows_by_building_few_times() -> None:
    hours = calendar([["09:00", "09:01"]], days=("mon",), tz="Europe/Oslo")
    built: list[tuple[int, int]] = []
    frame = sys.modules["app.sla.opening_index"]

    def counting(given: Hours, first: int, last: int) -> Any:
        built.append((first, last))
        return build(given, first, last)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "build", counting)
        assert hours.add(at("2027-02-01T10:00+01:00"), 60 * 52 * 40) is not None
        hours.elapsed(at("2027-02-01T10:00+01:00"), at("2060-02-01T10:00+01:00"))
        for year in (2027, 2060, 1990, 2027, 1990, 2060):
            hours.is_open(datetime(year, 6, 1, tzinfo=UTC))
    assert len(built) <= 7


def test_a_closed_date_is_named_only_where_it_is_touched() -> None:
    hours = calendar(closed=("2027-02-02",))
    assert hours.named_days(at("2027-02-01T20:00+01:00"), at("2027-02-02T00:00+01:00")) == ()
    assert hours.named_days(at("2027-02-01T20:00+01:00"), at("2027-02-02T00:01+01:00")) == ("Planning day",)
    assert hours.named_days(at("2027-02-02T23:00+01:00"), at("2027-02-05T00:00+01:00")) == ("Planning day",)
    assert hours.named_days(at("2027-02-03T00:00+01:00"), at("2027-02-05T00:00+01:00")) == ()

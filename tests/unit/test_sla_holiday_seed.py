"""Holidays as a seed for calendars: the dates, the traps, and the unit's own days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.sla.calendar import Calendar
from app.sla.holiday_seed import calendar_data, holiday_dates
from app.sla.statutory import legal_deadline

WEEK: dict[str, Any] = {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
SWEDEN_2027 = {
    "01-01", "01-06", "03-26", "03-29", "05-06", "05-01", "06-06", "06-25", "06-26", "11-06", "12-24", "12-25", "12-26",
    "12-31", "03-28", "05-16",
}  # fmt: skip
FINLAND_2027 = SWEDEN_2027 - {"06-06", "12-31"} | {"12-06"}


@pytest.mark.parametrize(("country", "expected"), [("SE", SWEDEN_2027), ("FI", FINLAND_2027)])
def test_the_days_off_of_a_year_are_those_of_the_almanac(country: str, expected: set[str]) -> None:
    assert {f"{day:%m-%d}" for day in holiday_dates(country, 2027)} == expected


def test_eves_are_closed_in_sweden_and_new_years_eve_is_a_working_day_in_finland() -> None:
    sweden, finland = holiday_dates("SE", 2028), holiday_dates("FI", 2028)
    assert (sweden[date(2028, 6, 23)], finland[date(2028, 6, 23)]) == ("Midsommarafton", "Juhannusaatto")
    assert (sweden[date(2028, 12, 24)], finland[date(2028, 12, 24)]) == ("Julafton", "Jouluaatto")
    assert sweden[date(2028, 12, 31)] == "Nyårsafton"
    assert date(2028, 12, 31) not in finland


@pytest.mark.parametrize("language", ["en_US", "uk_UA", "th_TH"])
def test_names_do_not_follow_the_language_of_the_machine(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, language)
    assert holiday_dates("FI", 2027)[date(2027, 12, 6)] == "Itsenäisyyspäivä"
    assert holiday_dates("SE", 2027)[date(2027, 6, 6)] == "Nationaldagen"


def test_another_country_is_refused() -> None:
    with pytest.raises(ValueError, match="'NO'"):
        holiday_dates("NO", 2027)


def test_a_units_own_days_win_over_holidays() -> None:
    data = calendar_data(
        WEEK,
        {"2027-01-06": "Moving day", "2027-02-01": "Strike"},
        {"2027-12-31": [["08:00", "10:00"]]},
        "SE",
        (2027, 2028),
    )
    calendar = Calendar.from_data(data)
    closed = dict(calendar.closed)
    assert closed[date(2027, 1, 6)] == "Moving day"
    assert closed[date(2027, 2, 1)] == "Strike"
    assert date(2027, 12, 31) not in closed
    assert closed[date(2028, 12, 31)] == "Nyårsafton"
    assert calendar.tz == "Europe/Stockholm"
    assert WEEK.keys() == set(data["week"])  # type: ignore[call-overload]


def test_the_zone_is_the_countrys_unless_one_is_named() -> None:
    assert calendar_data(WEEK, {}, {}, "FI", (2027,))["tz"] == "Europe/Helsinki"
    assert calendar_data(WEEK, {}, {}, "FI", (2027,), tz="Europe/Mariehamn")["tz"] == "Europe/Mariehamn"


@pytest.mark.parametrize(
    ("start_on", "months", "country", "last"),
    [
        (date(2027, 3, 10), 6, "SE", date(2027, 9, 10)),
        (date(2027, 8, 31), 6, "SE", date(2028, 2, 29)),
        (date(2026, 12, 25), 6, "SE", date(2027, 6, 28)),
        (date(2027, 6, 30), 6, "SE", date(2027, 12, 30)),
        (date(2026, 12, 31), 12, "SE", date(2028, 1, 3)),
        (date(2026, 12, 31), 12, "FI", date(2027, 12, 31)),
        (date(2027, 6, 6), 6, "FI", date(2027, 12, 7)),
        (date(2027, 11, 15), 14, "FI", date(2029, 1, 15)),
    ],
)
def test_a_term_of_months_ends_on_a_working_day(start_on: date, months: int, country: str, last: date) -> None:
    assert legal_deadline(start_on, months=months, country=country) == last

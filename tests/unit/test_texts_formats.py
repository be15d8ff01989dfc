"""Durations, instants, weeks and figures in Swedish, Finnish and English."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.texts.formats import (
    day,
    duration,
    instant,
    left,
    masked_address,
    number,
    paused,
    percent,
    reference,
    remaining,
    short_day,
    spelled_out,
    week_title,
    zone_words,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 16, 8, 41, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("seconds", "sv", "fi", "en"),
    [
        (-5, "0 min", "0 min", "0 min"),
        (0, "0 min", "0 min", "0 min"),
        (0.5, "under 1 min", "alle 1 min", "under 1 min"),
        (59, "under 1 min", "alle 1 min", "under 1 min"),
        (119, "1 min", "1 min", "1 min"),
        (46 * 60, "46 min", "46 min", "46 min"),
        (3600, "1 h", "1 h", "1 h"),
        (7800, "2 h 10 min", "2 h 10 min", "2 h 10 min"),
        (86399, "23 h 59 min", "23 h 59 min", "23 h 59 min"),
        (86400, "1 dag", "1 päivä", "1 day"),
        (86400 + 4 * 3600 + 3599, "1 dag 4 h", "1 päivä 4 h", "1 day 4 h"),
        (2 * 86400 + 60, "2 dagar", "2 päivää", "2 days"),
        (4 * 86400 - 1, "3 dagar", "3 päivää", "3 days"),
    ],
)
def test_a_duration_rounds_down_to_what_its_size_needs(seconds: float, sv: str, fi: str, en: str) -> None:
    assert [duration(seconds, language) for language in ("sv", "fi", "en")] == [sv, fi, en]


def test_time_in_opening_hours_never_becomes_days() -> None:
    assert duration(40 * 3600 + 600, "sv", style="hours") == "40 h 10 min"


@pytest.mark.parametrize(
    ("seconds", "sv", "fi", "en"),
    [
        (30, "mindre än en minut", "alle minuutti", "less than a minute"),
        (3660, "1 timme 1 minut", "1 tunti 1 minuutti", "1 hour 1 minute"),
        (7800, "2 timmar 10 minuter", "2 tuntia 10 minuuttia", "2 hours 10 minutes"),
        (86400 + 7200, "1 dag 2 timmar", "1 päivä 2 tuntia", "1 day 2 hours"),
    ],
)
def test_a_duration_in_words_is_inflected(seconds: float, sv: str, fi: str, en: str) -> None:
    assert [duration(seconds, language, style="words") for language in ("sv", "fi", "en")] == [sv, fi, en]


def test_what_remains_says_how_much_and_until_when() -> None:
    due_at = datetime(2026, 11, 16, 9, 20, tzinfo=UTC)
    texts = [remaining(due_at, now=NOW, tz=STOCKHOLM, language=language) for language in ("sv", "fi", "en")]
    assert texts == ["39 min kvar, senast 10:20", "39 min jäljellä, viimeistään 10.20", "39 min left, by 10:20"]


def test_what_is_late_says_by_how_much_and_since_when() -> None:
    due_at = datetime(2026, 11, 16, 8, 6, tzinfo=UTC)
    texts = [remaining(due_at, now=NOW, tz=STOCKHOLM, language=language) for language in ("sv", "fi", "en")]
    assert texts == [
        "Försenad 35 min, förföll 09:06",
        "Myöhässä 35 min, määräaika oli 9.06",
        "Late by 35 min, was due 09:06",
    ]


def test_a_clock_in_opening_hours_tells_its_own_seconds_not_those_on_the_wall() -> None:
    due_at = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
    text = remaining(due_at, now=NOW, tz=STOCKHOLM, language="sv", seconds=28140, opening_time=True)
    assert text == "7 h 49 min öppettid kvar, senast tis 17 nov. 09:30"


def test_a_due_instant_that_is_now_is_not_late_yet() -> None:
    assert left(0, "en") == "0 min left"
    assert left(-1, "en") == "Late by under 1 min"


def test_a_pause_tells_its_reason_and_what_is_left() -> None:
    texts = [paused(50400, language, reason="x") for language in ("sv", "fi", "en")]
    assert texts == ["Pausad: x, 14 h kvar", "Keskeytetty: x, 14 h jäljellä", "Paused: x, 14 h left"]
    assert paused(-60, "sv") == "Pausad, försenad 1 min"


@pytest.mark.parametrize(
    ("at", "sv", "fi", "en"),
    [
        (datetime(2026, 11, 16, 8, 5, tzinfo=UTC), "09:05", "9.05", "09:05"),
        (datetime(2026, 11, 17, 9, 20, tzinfo=UTC), "tis 17 nov. 10:20", "ti 17.11. klo 10.20", "Tue 17 Nov 10:20"),
        (
            datetime(2027, 1, 4, 9, 20, tzinfo=UTC),
            "mån 4 jan. 2027 10:20",
            "ma 4.1.2027 klo 10.20",
            "Mon, 4 Jan 2027 10:20",
        ),
    ],
)
def test_an_instant_says_as_much_of_its_day_as_is_needed(at: datetime, sv: str, fi: str, en: str) -> None:
    assert [instant(at, STOCKHOLM, language, NOW) for language in ("sv", "fi", "en")] == [sv, fi, en]


def test_an_instant_before_and_after_midnight_belongs_to_the_day_of_the_unit_not_of_utc() -> None:
    late = datetime(2026, 11, 16, 22, 30, tzinfo=UTC)
    assert instant(late, STOCKHOLM, "sv", NOW) == "23:30"
    assert instant(late, HELSINKI, "fi", NOW) == "ti 17.11. klo 0.30"


def test_an_instant_is_right_on_both_sides_of_the_clock_change() -> None:
    now = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    before, after = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert instant(before, STOCKHOLM, "sv", now) == "02:30"
    assert instant(after, STOCKHOLM, "sv", now) == "02:30"
    spring = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert instant(spring, STOCKHOLM, "sv", spring) == "03:00"


def test_a_zone_may_be_given_by_its_name() -> None:
    at = datetime(2026, 11, 17, 9, 20, tzinfo=UTC)
    assert instant(at, "Europe/Helsinki", "fi", NOW) == instant(at, HELSINKI, "fi", NOW) == "ti 17.11. klo 11.20"
    assert zone_words("Europe/Helsinki", "sv") == "finländsk tid"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        instant(datetime(2026, 11, 16, 9, 0), STOCKHOLM, "sv", NOW)  # noqa: DTZ001


def test_an_instant_is_spelled_out_for_running_text() -> None:
    at = datetime(2026, 11, 17, 9, 20, tzinfo=UTC)
    assert [spelled_out(at, STOCKHOLM, language) for language in ("sv", "fi", "en")] == [
        "tisdag 17 november kl. 10:20",
        "tiistaina 17. marraskuuta klo 10.20",
        "Tuesday 17 November at 10:20",
    ]


def test_a_reader_abroad_learns_whose_time_it_is() -> None:
    assert [zone_words(STOCKHOLM, language) for language in ("sv", "fi", "en")] == [
        "svensk tid",
        "Ruotsin aikaa",
        "Swedish time",
    ]
    assert zone_words(ZoneInfo("Europe/London"), "en") == "United Kingdom Time"


def test_days_are_written_as_in_each_language() -> None:
    on = date(2026, 11, 17)
    assert [day(on, language) for language in ("sv", "fi", "en")] == [
        "17 november 2026",
        "17. marraskuuta 2026",
        "17 November 2026",
    ]
    assert day(on, "fi", with_weekday=True) == "tiistaina 17. marraskuuta 2026"
    assert [short_day(on, language) for language in ("sv", "fi", "en")] == ["17 nov. 2026", "17.11.2026", "17 Nov 2026"]


@pytest.mark.parametrize(
    ("year", "week", "sv", "fi", "en"),
    [
        (
            2026,
            46,
            "Vecka 46, 9–15 november 2026",
            "Viikko 46, 9.–15. marraskuuta 2026",
            "Week 46, 9–15 November 2026",
        ),
        (
            2026,
            49,
            "Vecka 49, 30 november – 6 december 2026",
            "Viikko 49, 30. marraskuuta – 6. joulukuuta 2026",
            "Week 49, 30 November – 6 December 2026",
        ),
        (
            2026,
            53,
            "Vecka 53, 28 december 2026 – 3 januari 2027",
            "Viikko 53, 28. joulukuuta 2026 – 3. tammikuuta 2027",
            "Week 53, 28 December 2026 – 3 January 2027",
        ),
    ],
)
def test_a_week_names_its_days_across_months_and_years(year: int, week: int, sv: str, fi: str, en: str) -> None:
    assert [week_title(year, week, language) for language in ("sv", "fi", "en")] == [sv, fi, en]


def test_a_week_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="week"):
        week_title(2027, 53, "sv")


def test_a_share_is_a_percentage_with_the_languages_space() -> None:
    assert [percent(0.92, language) for language in ("sv", "fi", "en")] == [f"92{NBSP}%", f"92{NBSP}%", "92%"]
    assert percent(0.9234, "sv", digits=1) == f"92,3{NBSP}%"


@pytest.mark.parametrize(("share", "shown"), [(0, "0%"), (0.0001, "1%"), (0.9996, "99%"), (1, "100%"), (1.2, "120%")])
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, shown: str) -> None:
    assert percent(share, "en") == shown


def test_numbers_have_the_languages_marks() -> None:
    assert [number(1234567.5, language, digits=1) for language in ("sv", "fi", "en")] == [
        f"1{NBSP}234{NBSP}567,5",
        f"1{NBSP}234{NBSP}567,5",
        "1,234,567.5",
    ]
    assert number(670, "sv") == "670"


def test_a_reference_is_grouped_and_stays_on_one_line() -> None:
    assert reference("4417092638") == f"4417{NBSP}0926{NBSP}38"


@pytest.mark.parametrize("wrong", ["", "441709263", "44170926380", "4417 0926 38", "44170926３8"])
def test_anything_but_ten_digits_is_no_reference(wrong: str) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        reference(wrong)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("samira@example.se", "s***@example.se"),
        ("s@example.se", "s***@example.se"),
        ('"a@b"@example.se', '"***@example.se'),
        ("åsa@exempel.example.se", "å***@exempel.example.se"),
        ("not an address", "***"),
        ("@example.se", "***"),
        ("a@", "***"),
        ("a@b\r\nBcc: c@d e", "***"),
        ("", "***"),
    ],
)
def test_a_masked_address_shows_one_letter_and_the_domain(address: str, shown: str) -> None:
    assert masked_address(address) == shown

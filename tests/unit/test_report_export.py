"""The report as CSV."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from app.accounts.models import Unit
from app.reports.export import COLUMNS, Labels, service_level_csv
from app.reports.figures import Judged, Spread, Times
from app.reports.period import Week
from app.reports.service_level import Level, Row
from channels.contract import ChannelName

TIMES = Times(40, Spread(3600, 9000), Spread(70_000, 200_000))
FULL = Level(Judged(50, 40), 0.9, TIMES)
EMPTY = Level(Judged(0, 0), None)


def unit(name: str) -> Unit:
    return Unit(id=3, key="north", names={"sv": name}, language="sv", timezone="Europe/Stockholm")


def written(name: str = "Enhet Norr", first: Level = FULL, last: Level = EMPTY) -> bytes:
    row = Row(3, ChannelName.EMAIL, Week(2026, 53), 55, 7, first, last)
    return service_level_csv([row, row], Labels({3: unit(name)}, "sv"))


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_line_has_the_figures_under_stable_names() -> None:
    line, again = read(written())
    assert line == again
    assert {name: line[name] for name in COLUMNS[:10]} == {
        "unit_key": "north",
        "unit": "Enhet Norr",
        "channel": "email",
        "week": "2026-W53",
        "first_day": "2026-12-28",
        "last_day": "2027-01-03",
        "timezone": "Europe/Stockholm",
        "received": "55",
        "open_at_end": "7",
        "first_response_finished": "40",
    }
    assert line["first_response_counted"] == "50"
    assert line["first_response_share"] == "0.8000"
    assert line["first_response_share_low_95"] == "0.6696"
    assert line["first_response_verdict"] == "missed"
    assert line["first_response_median_business_s"] == "3600"
    assert line["first_response_p90_calendar_s"] == "200000"


def test_what_there_is_not_is_empty_and_not_zero() -> None:
    line = read(written())[0]
    assert (line["resolution_share"], line["resolution_goal"], line["resolution_p90_business_s"]) == ("", "", "")
    assert line["resolution_finished"] == "0"


def test_the_file_is_utf_8_with_a_mark_and_lines_end_as_in_rfc_4180() -> None:
    data = written('Ärende, "kö"\nåäö')
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == 3
    assert read(data)[0]["unit"] == 'Ärende, "kö"\nåäö'


@pytest.mark.parametrize("name", ["=1+1", "+46", "-2", "@sum", "\tx", "  =cmd|' /C calc'!A0", "＝1", "\r=1"])
def test_a_name_that_begins_like_a_formula_is_defused(name: str) -> None:
    assert read(written(name))[0]["unit"] == f"'{name}"

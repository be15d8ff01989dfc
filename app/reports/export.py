"""The report as a file for a spreadsheet or a statistician: CSV after RFC 4180, UTF-8 with a byte order mark."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO

from app.accounts.models import Unit
from app.reports.service_level import Level, Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
_LEVEL = (
    "finished",
    "counted",
    "within_target",
    "share",
    "share_low_95",
    "share_high_95",
    "goal",
    "verdict",
    "median_business_s",
    "p90_business_s",
    "median_calendar_s",
    "p90_calendar_s",
)
COLUMNS = (
    "unit_key",
    "unit",
    "channel",
    "week",
    "first_day",
    "last_day",
    "timezone",
    "received",
    "open_at_end",
    *(f"first_response_{name}" for name in _LEVEL),
    *(f"resolution_{name}" for name in _LEVEL),
)
"""The file's first line, the same in every language and never renamed; times are in seconds, shares from 0 to 1."""


@dataclass(frozen=True)
class Labels:
    """What a file says of the units beside their figures."""

    units: Mapping[int, Unit]
    language: str


def service_level_csv(rows: Iterable[Row], labels: Labels) -> bytes:
    """The whole file: a line for each unit, channel and week; what there is not is empty.

    Spreadsheets run texts that begin like a formula (CWE-1236): such a text gets an apostrophe before it.
    """
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_plain(value) for value in _row(row, labels)] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _row(row: Row, labels: Labels) -> tuple[object, ...]:
    unit = labels.units[row.unit_id]
    return (
        unit.key,
        unit.name(labels.language),
        row.channel.value,
        str(row.week),
        row.week.monday.isoformat(),
        row.week.sunday.isoformat(),
        unit.timezone,
        row.received,
        row.open,
        *_level(row.first_response),
        *_level(row.resolution),
    )


def _level(level: Level) -> tuple[object, ...]:
    interval, times = level.interval, level.times
    spreads = (times.business, times.calendar) if times else ()
    seconds = [figure for spread in spreads for figure in (spread.median, spread.p90)]
    return (
        level.finished,
        level.judged.n,
        level.judged.within,
        _share(level.share),
        _share(interval.low if interval else None),
        _share(interval.high if interval else None),
        _share(level.goal),
        level.verdict.value,
        *(seconds or ("",) * 4),
    )


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _plain(value: object) -> object:
    is_formula = isinstance(value, str) and value.lstrip(" \u00a0").startswith(_FORMULA)
    return f"'{value}" if is_formula else value

"""Last days set by statute, in weeks or months from a date: they move from a day off to the next working day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from app.sla.holiday_seed import holiday_dates


def legal_deadline(start_on: date, *, months: int = 0, weeks: int = 0, country: str) -> date:
    """Return the last day of a term that many months and weeks long; the start day itself is not counted.

    The term ends on the same day of the month (or on the month's last) or of the week. A Saturday, Sunday, public
    holiday or (by the country's rule) eve moves it on. Sweden: lag (1930:173) 1-2 §§, which name midsummer, Christmas
    and New Year's Eve. Finland: laki (150/1930) 3-5 §§, which do not name New Year's Eve.
    """
    last = _months_later(start_on, months) + timedelta(weeks=weeks)
    while last.weekday() >= 5 or last in holiday_dates(country, last.year):
        last += timedelta(days=1)
    return last


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

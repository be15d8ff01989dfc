"""Public holidays of Sweden and Finland as a seed for calendars: computed here, then data that a person edits.

Sweden closes on its public holidays and on the eves that are holidays in fact only: midsommarafton, julafton and
nyårsafton. In Finland juhannusaatto and jouluaatto are public holidays, New Year's Eve is a working day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from holidays import country_holidays


@dataclass(frozen=True, slots=True)
class _Source:
    """What to ask of the library; without a language it would answer in that of the machine."""

    categories: tuple[str, ...]
    language: str
    tz: str


_SOURCES = {
    "SE": _Source(("public", "de_facto"), "sv", "Europe/Stockholm"),
    "FI": _Source(("public",), "fi", "Europe/Helsinki"),
}


COUNTRIES = tuple(_SOURCES)
"""whose days off are known"""


def holiday_dates(country: str, year: int) -> dict[date, str]:
    """Return the days on which offices of SE or FI are closed in a year, with their names in its main language.

    Another country raises ValueError.
    """
    source = _source(country)
    found = country_holidays(country, years=year, categories=source.categories, language=source.language)
    return {day: str(found[day]) for day in sorted(found)}


def calendar_data(
    week: Mapping[str, object],
    closed: Mapping[str, str],
    special: Mapping[str, object],
    country: str,
    years: Iterable[int],
    *,
    tz: str | None = None,
) -> dict[str, object]:
    """Return data for `Calendar.from_data`: a unit's week, its own days, and the holidays of the years.

    The unit's own closed and special days win over a holiday of the same date. The zone is that of the country's
    capital unless `tz` names one.
    """
    holidays = {
        day.isoformat(): name
        for year in years
        for day, name in holiday_dates(country, year).items()
        if day.isoformat() not in special
    }
    return {
        "tz": tz or _source(country).tz,
        "week": dict(week),
        "closed": dict(sorted((holidays | dict(closed)).items())),
        "special": dict(special),
    }


def _source(country: str) -> _Source:
    if country not in _SOURCES:
        raise ValueError(f"no holidays are known for {country!r}, only for {', '.join(_SOURCES)}")
    return _SOURCES[country]

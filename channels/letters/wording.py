"""The few words printed around a letter's text, in the language of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sv": {"date": "Datum", "reference": "Ärendenummer", "page": "Sida", "letter": "Brev"},
        "fi": {"date": "Päiväys", "reference": "Asianumero", "page": "Sivu", "letter": "Kirje"},
        "en": {"date": "Date", "reference": "Reference", "page": "Page", "letter": "Letter"},
    }
)
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def labels_for(language: str) -> Mapping[str, str]:
    """The labels "date", "reference", "page" and "letter"; English where there are none in that language."""
    return _LABELS.get(language, _LABELS["en"])


def written_date(day: date, language: str) -> str:
    """The date as letters of that language carry it: 2026-11-22, 22.11.2026 or 22 November 2026."""
    if language == "sv":
        return day.isoformat()
    if language == "fi":
        return f"{day.day}.{day.month}.{day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

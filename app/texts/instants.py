"""Instants, days and weeks as people of each language write them.

Dates follow CLDR through Babel; English is British, because the readers live in Europe. Instants come in aware and in
UTC and go out in the time zone of the unit, never in the server's; a zone may be given by its name, "Europe/Stockholm".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_timezone_name

from app.texts.catalogue import N_, supported, translator

Zone = tzinfo | str
_LOCALES = {"sv": "sv", "fi": "fi", "en": "en_GB"}
_DATE_AND_TIME = {"sv": "{day} {time}", "fi": "{day} klo {time}", "en": "{day} {time}"}
_SPELLED_OUT = {"sv": "EEEE d MMMM 'kl.' HH:mm", "fi": "EEEE d. MMMM 'klo' H.mm", "en": "EEEE d MMMM 'at' HH:mm"}
_ZONES = {"Europe/Stockholm": N_("Swedish time"), "Europe/Helsinki": N_("Finnish time")}


@cache
def babel_locale(language: str) -> Locale:
    """Babel's locale for a language of the catalogues."""
    return Locale.parse(_LOCALES[supported(language)])


def instant(at: datetime, tz: Zone, language: str, now: datetime) -> str:
    """A short local time: "10:20" today, "tis 17 nov. 10:20" another day, with the year when it is not this year's."""
    local, today = _local(at, tz), _local(now, tz)
    locale = babel_locale(language)
    time = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
    if local.date() == today.date():
        return time
    skeleton = "MMMEd" if local.year == today.year else "yMMMEd"
    day_text = format_skeleton(skeleton, local, tzinfo=local.tzinfo, locale=locale)
    return _DATE_AND_TIME[supported(language)].format(day=day_text, time=time)


def spelled_out(at: datetime, tz: Zone, language: str) -> str:
    """A local time for running text: "tisdag 17 november kl. 10:20", "tiistaina 17. marraskuuta klo 10.20"."""
    local = _local(at, tz)
    return format_datetime(local, _SPELLED_OUT[supported(language)], tzinfo=local.tzinfo, locale=babel_locale(language))


def zone_words(tz: Zone, language: str) -> str:
    """Whose time it is, for a reader abroad: "svensk tid", "Suomen aikaa"; other zones by Babel's name."""
    known = _ZONES.get(str(tz))
    return translator(language).gettext(known) if known else get_timezone_name(_zone(tz), locale=babel_locale(language))


def day(on: date, language: str, *, with_weekday: bool = False) -> str:
    """A date in full: "17 november 2026", "17. marraskuuta 2026"; Finnish weekdays stand in the essive, "tiistaina"."""
    locale = babel_locale(language)
    if not with_weekday:
        return format_date(on, "long", locale=locale)
    pattern = "EEEE d. MMMM y" if supported(language) == "fi" else "EEEE d MMMM y"
    return format_date(on, pattern, locale=locale)


def short_day(on: date, language: str) -> str:
    """A date for tables: "17 nov. 2026", "17.11.2026", "17 Nov 2026"."""
    return format_date(on, "medium", locale=babel_locale(language))


def week_title(year: int, week: int, language: str) -> str:
    """An ISO 8601 week with its days: "Vecka 46, 9–15 november 2026". Raises ValueError where there is none."""
    monday = date.fromisocalendar(year, week, 1)
    days = _span(monday, monday + timedelta(days=6), language)
    return translator(language).gettext("Week %(week)s, %(days)s", week=week, days=days)


def _local(at: datetime, tz: Zone) -> datetime:
    if at.tzinfo is None:
        message = "instants are aware"
        raise ValueError(message)
    return at.astimezone(_zone(tz))


def _zone(tz: Zone) -> tzinfo:
    return ZoneInfo(tz) if isinstance(tz, str) else tz


def _span(first: date, last: date, language: str) -> str:
    dot = "." if supported(language) == "fi" else ""
    whole = f"d{dot} MMMM y"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{dot}–{format_date(last, whole, locale=babel_locale(language))}"
    shorter = whole if first.year != last.year else f"d{dot} MMMM"
    return " – ".join(
        format_date(on, pattern, locale=babel_locale(language)) for on, pattern in ((first, shorter), (last, whole))
    )

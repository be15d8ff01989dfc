"""The formats of `app.texts` as filters of the templates, in the page's language and the desk's time zone."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache

from babel.dates import format_skeleton, format_time
from flask import Flask
from markupsafe import Markup

from app.texts import figures, instants
from app.texts.durations import duration, left
from app.texts.plain import linked
from app.web.context import language, request_at
from app.web.desk.surroundings import zone
from app.web.language import gettext
from channels.phone.numbers import display_number


def install(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(
        instant=instant,
        day=day,
        day_of=day_of,
        short_day=short_day,
        full_instant=full_instant,
        time_of_day=time_of_day,
        seconds_time=seconds_time,
        day_mark=day_mark,
        reference=figures.reference,
        masked=figures.masked_address,
        number=lambda value: figures.number(value, language()),
        duration=lambda seconds, style="short": duration(seconds, language(), style=style),
        time_left=time_left,
        phone=display_number,
        linked=linked,
        lines=lines,
        size=size,
        iso=lambda at: at.isoformat(),
        said=gettext,
    )


def instant(at: datetime) -> str:
    """A short local time: "10:20" today, with its day otherwise."""
    return instants.instant(at, zone(), language(), request_at())


def time_of_day(at: datetime) -> str:
    """The local time alone: "10:20"."""
    return _clock_time(at.astimezone(zone()).time().replace(second=0, microsecond=0), language())


@lru_cache(maxsize=2 * 24 * 60)
def _clock_time(at: time, tag: str) -> str:
    """Few of them are shown again and again."""
    return str(format_time(at, "short", locale=instants.babel_locale(tag)))


def seconds_time(at: datetime) -> str:
    """The local time to the second: "10:20:05"."""
    return str(format_time(at, "medium", tzinfo=zone(), locale=instants.babel_locale(language())))


def day_mark(at: datetime) -> str:
    """A word for the day of an instant beside its time: "" today, "Tue" within a week, "24 Nov" else."""
    here = zone()
    on, today = at.astimezone(here).date(), request_at().astimezone(here).date()
    if on == today:
        return ""
    return _date("E" if abs((on - today).days) < 7 else "MMMd", on, language())


@lru_cache(maxsize=2000)
def _date(skeleton: str, on: date, tag: str) -> str:
    return str(format_skeleton(skeleton, on, locale=instants.babel_locale(tag)))


def day(at: datetime) -> str:
    """The local day of an instant as a word where there is one: "today", "12 Nov", with the year when it is another."""
    on, today = at.astimezone(zone()).date(), request_at().astimezone(zone()).date()
    words = {0: gettext("today"), -1: gettext("yesterday"), 1: gettext("tomorrow")}
    if (days := (on - today).days) in words:
        return words[days]
    return _date("MMMd" if on.year == today.year else "yMMMd", on, language())


def day_of(on: date) -> str:
    """A day with its weekday: "Thu 12 Nov"."""
    return _date("MMMEd", on, language())


def short_day(on: date) -> str:
    """A date for tables."""
    return instants.short_day(on, language())


def full_instant(at: datetime) -> str:
    """A local date with its year and the time, for paper: "17 Nov 2026 10:20"."""
    return f"{short_day(at.astimezone(zone()).date())} {time_of_day(at)}"


def time_left(seconds: int) -> str:
    """What a clock still has, or how much it is over."""
    return _left(seconds, language())


@lru_cache(maxsize=4000)
def _left(seconds: int, tag: str) -> str:
    return left(seconds, tag)


def lines(text: str) -> Markup:
    """Text as it was typed: escaped, addresses as links, line breaks kept by the style sheet."""
    return linked(text)


def size(octets: int) -> str:
    """The size of a file: "12 kB"."""
    if octets < 1000:
        return f"{octets} B"
    for unit, step in (("kB", 1000), ("MB", 1000**2), ("GB", 1000**3)):
        if octets < step * 1000 or unit == "GB":
            value = octets / step
            break
    return f"{figures.number(round(value, 1) if value < 10 else round(value), language())} {unit}"

"""How long something takes, in words a citizen or an agent reads: "2 h 10 min", "39 min left, by 10:20".

Rounding, everywhere: whole minutes below a day, whole hours below three days, whole days from there, always down, so
that nothing promises more time than there is. What is more than nothing and less than a minute says so. "h" and "min"
are the symbols of the SI and the same in all three languages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from babel.units import format_unit

from app.texts.catalogue import Translator, translator
from app.texts.instants import Zone, babel_locale, instant

Style = Literal["short", "hours", "words"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_DAYS_ALONE = 3 * _DAY


def duration(seconds: float, language: str, *, style: Style = "short") -> str:
    """A length of time; below nothing counts as nothing.

    `short`: "46 min", "2 h 10 min", "1 dag 4 h", "3 dagar". `hours`: never days, for time counted in opening hours,
    where a day is not 24 hours: "40 h 10 min". `words`: "2 timmar 10 minuter", for letters, mails, screen readers.
    """
    whole = max(0, int(seconds))
    if 0 < seconds < _MINUTE:
        return _under_a_minute(language, style)
    parts = _parts(whole, days_allowed=style != "hours")
    return " ".join(_part(count, unit, language, style) for unit, count in parts)


def left(seconds: float, language: str, *, opening_time: bool = False, style: Style | None = None) -> str:
    """What a clock still has, "39 min left", or how much it is over, "Late by 35 min".

    `opening_time` says that the seconds are counted in opening hours: no days are made of them and the words say so.
    """
    words = translator(language)
    chosen = style or ("hours" if opening_time else "short")
    amount = duration(abs(seconds), language, style=chosen)
    if seconds < 0:
        return words.gettext("Late by %(duration)s", duration=amount)
    if opening_time:
        return words.gettext("%(duration)s of opening time left", duration=amount)
    return words.gettext("%(duration)s left", duration=amount)


def remaining(
    due_at: datetime,
    *,
    now: datetime,
    tz: Zone,
    language: str,
    seconds: float | None = None,
    opening_time: bool = False,
) -> str:
    """How much is left and until when: "39 min kvar, senast 10:20"; past due: "Försenad 35 min, förföll 9:06".

    `seconds` is what the clock has left where that is not the plain difference to `now`, negative when it is over.
    """
    has = (due_at - now).total_seconds() if seconds is None else seconds
    amount = left(has, language, opening_time=opening_time)
    return _with_time(amount, instant(due_at, tz, language, now), translator(language), is_over=has < 0)


def paused(seconds: float, language: str, *, reason: str = "", opening_time: bool = False) -> str:
    """A stopped clock, why it stands and what it has left: "Pausad: väntar på medborgaren, 14 h kvar"."""
    words = translator(language)
    amount = left(seconds, language, opening_time=opening_time)
    if not reason:
        return words.gettext("Paused, %(left)s", left=_lower_first(amount))
    return words.gettext("Paused: %(reason)s, %(left)s", reason=reason, left=_lower_first(amount))


def _with_time(amount: str, time: str, words: Translator, *, is_over: bool) -> str:
    if is_over:
        return words.gettext("%(amount)s, was due %(time)s", amount=amount, time=time)
    return words.gettext("%(amount)s, by %(time)s", amount=amount, time=time)


def _parts(seconds: int, *, days_allowed: bool) -> list[tuple[str, int]]:
    if days_allowed and seconds >= _DAYS_ALONE:
        return [("day", seconds // _DAY)]
    if days_allowed and seconds >= _DAY:
        return _not_nothing([("day", seconds // _DAY), ("hour", seconds % _DAY // _HOUR)])
    return _not_nothing([("hour", seconds // _HOUR), ("minute", seconds % _HOUR // _MINUTE)])


def _not_nothing(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [part for part in parts if part[1]] or parts[-1:]


def _part(count: int, unit: str, language: str, style: Style) -> str:
    if unit == "day":
        return translator(language).ngettext("%(num)s day", "%(num)s days", count, num=count)
    if style == "words":
        return format_unit(count, f"duration-{unit}", length="long", locale=babel_locale(language))
    return f"{count} {'h' if unit == 'hour' else 'min'}"


def _under_a_minute(language: str, style: Style) -> str:
    words = translator(language)
    return words.gettext("less than a minute") if style == "words" else words.gettext("under 1 min")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]

"""The one door to every format that screens, mails, letters and reports share."""

from __future__ import annotations

from app.texts.durations import Style, duration, left, paused, remaining
from app.texts.figures import masked_address, number, percent, reference
from app.texts.instants import Zone, babel_locale, day, instant, short_day, spelled_out, week_title, zone_words

__all__ = [
    "Style",
    "Zone",
    "babel_locale",
    "day",
    "duration",
    "instant",
    "left",
    "masked_address",
    "number",
    "paused",
    "percent",
    "reference",
    "remaining",
    "short_day",
    "spelled_out",
    "week_title",
    "zone_words",
]

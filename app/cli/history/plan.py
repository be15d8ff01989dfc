"""Draws the six weeks that a new demo has behind it: who asked what, when, by which door, and how long it took.

Answers take a drawn share of the unit's target in its own opening time, so that most are in time, some are late, and
what would have been answered after now still waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from app.cli.history.writing import Asker, Pen, Question
from app.sla.calendar import Calendar

WEEKS = 6
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "sv": ("sv", "sv", "sv", "sv", "sv", "en"),
    "fi": ("fi", "fi", "fi", "fi", "fi", "sv"),
    "en": ("en",),
}
"""what a unit of each language is asked in"""
USUAL_PACE, SPREAD = 0.43, 0.6
"""the share of the target that an answer takes where nothing else is told, and how much it scatters"""
WAITING_NOW = (-7, -4, -2, -1, -0.3, 0.4, 0.7, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 7.5)
"""the opening hours left to inquiries that nobody has answered; fewer than none: late by them"""


@dataclass(frozen=True)
class Desk:
    """A unit as the plan needs it; `targets` are first responses in seconds of opening time, by channel."""

    key: str
    language: str
    mailbox: str
    phone: str
    calendar: Calendar
    targets: Mapping[str, int]
    agents: tuple[str, ...]
    """mail addresses"""
    inquiries: int
    """how many came in the six weeks"""
    pace: float = USUAL_PACE


@dataclass(frozen=True)
class Inquiry:
    """One inquiry of the past. `answer_at` is None when it still waits; `lot`, 0 to 1, decides what else happens."""

    desk: Desk
    channel: str
    asker: Asker
    question: Question
    arrives_at: datetime
    answer_at: datetime | None
    agent: str
    lot: float


def draw(desks: Sequence[Desk], pen: Pen, lot: Random, *, now: datetime) -> list[Inquiry]:
    """All inquiries, oldest first."""
    past = [_past(desk, pen, lot, now) for desk in desks for _ in range(desk.inquiries)]
    open_now = [_waiting(desk, pen, lot, now, hours) for desk, hours in _spread(desks, lot)]
    return sorted([*past, *open_now], key=lambda inquiry: inquiry.arrives_at)


def _past(desk: Desk, pen: Pen, lot: Random, now: datetime) -> Inquiry:
    channel = lot.choices(("email", "phone", "letter"), (62, 31, 7))[0]
    arrives_at = _arrival(desk, channel, lot, now)
    if channel == "phone":
        waits = min(lot.expovariate(1 / 240) * desk.pace / USUAL_PACE, 2400.0)
        answer_at: datetime | None = arrives_at + timedelta(seconds=5 + waits)
    else:
        share = lot.lognormvariate(0, SPREAD) * desk.pace
        answer_at = desk.calendar.add(arrives_at, desk.targets[channel] * share)
    return _inquiry(desk, pen, lot, channel, arrives_at, answer_at if answer_at and answer_at < now else None)


def _arrival(desk: Desk, channel: str, lot: Random, now: datetime) -> datetime:
    """Calls come while the unit is open, mails by day, letters with the morning's post of an open day."""
    while True:
        at = now - timedelta(seconds=lot.uniform(1800, WEEKS * 7 * 86400))
        if channel == "letter":
            at = at.replace(hour=8, minute=lot.randrange(60))
        is_day = 5 <= at.hour < 21 and (at.weekday() < 5 or lot.random() < 0.35)
        if at < now and (desk.calendar.is_open(at) if channel == "phone" else is_day):
            return at


def _waiting(desk: Desk, pen: Pen, lot: Random, now: datetime, hours: float) -> Inquiry:
    """A mail that nobody has answered, with so many opening hours left; fewer than none: it is late by them."""
    used = max(desk.targets["email"] - 3600 * hours - lot.uniform(0, 1200), 600)
    low, high = now - timedelta(days=21), now
    while high - low > timedelta(seconds=20):
        middle = low + (high - low) / 2
        low, high = (middle, high) if desk.calendar.elapsed(middle, now) > used else (low, middle)
    return _inquiry(desk, pen, lot, "email", low, None)


def _inquiry(
    desk: Desk, pen: Pen, lot: Random, channel: str, arrives_at: datetime, answer_at: datetime | None
) -> Inquiry:
    language = lot.choice(LANGUAGES[desk.language])
    asker, question = pen.asker(language), pen.question(language)
    return Inquiry(desk, channel, asker, question, arrives_at, answer_at, lot.choice(desk.agents), lot.random())


def _spread(desks: Sequence[Desk], lot: Random) -> Iterator[tuple[Desk, float]]:
    """Each due hour at a unit; the first unit, where newcomers log in, has more than its share."""
    for number, hours in enumerate(WAITING_NOW):
        yield desks[0] if number % 2 else lot.choice(desks), hours

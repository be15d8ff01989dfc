"""How a ticket's clock looks at an instant: the stored due instant and result, and nothing more, decide."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.sla.clocks import Result


class Look(StrEnum):
    """The looks of a clock; weight rises with urgency."""

    OVERDUE = "late"
    SOON = "soon"
    OK = "ok"
    PAUSED = "hold"
    NONE = "none"


class ClockFace(NamedTuple):
    """What to show of a clock. `seconds` are left by the wall until due, negative when it is over; 0 without due.

    They are those of whole minutes, towards zero: faces of one minute are equal. Less than a minute is 1 or -1.
    """

    look: Look
    metric: str | None
    due_at: datetime | None
    soon_at: datetime | None
    seconds: int


def face(
    due_at: datetime | None, soon_at: datetime | None, metric: str | None, result: str | None, *, now: datetime
) -> ClockFace:
    """The face of a ticket's mirrored clock."""
    if due_at is None:
        look = Look.PAUSED if result == Result.PAUSED else Look.NONE
        return ClockFace(look, metric, None, None, 0)
    if now > due_at:
        look = Look.OVERDUE
    elif soon_at is not None and now >= soon_at:
        look = Look.SOON
    else:
        look = Look.OK
    return ClockFace(look, metric, due_at, soon_at, _whole_minutes((due_at - now).total_seconds()))


def _whole_minutes(seconds: float) -> int:
    return int(seconds / 60) * 60 or (1 if seconds >= 0 else -1)

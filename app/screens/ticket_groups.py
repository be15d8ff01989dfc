"""The headings of a list of tickets, and the instants that part them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, func, select

from app.core.db import UtcDateTime
from app.screens.ticket_filter import HOUR, HOUR_ON, NOW
from app.tickets.models import Ticket


class Group(StrEnum):
    """The headings of a list."""

    OVERDUE = "overdue"
    HOUR = "hour"
    TODAY = "today"
    TOMORROW = "tomorrow"
    LATER = "later"
    STILL = "still"
    """paused, or without a clock"""
    CHANGED = "changed"
    """the one group of a list by change"""


@dataclass(frozen=True)
class Times:
    """The instants that part the groups, on the wall clock of `zone`."""

    now: datetime
    hour: datetime
    today: datetime
    tomorrow: datetime

    @classmethod
    def at(cls, now: datetime, zone: ZoneInfo) -> Times:
        """The groups' borders as seen at `now`."""
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        return cls(now, now + HOUR, midnight + timedelta(days=1), midnight + timedelta(days=2))

    def group(self, due_at: datetime | None) -> Group:
        """The group of a due instant."""
        if due_at is None:
            return Group.STILL
        borders = (
            (self.now, Group.OVERDUE),
            (self.hour, Group.HOUR),
            (self.today, Group.TODAY),
            (self.tomorrow, Group.TOMORROW),
        )
        return next((group for border, group in borders if due_at < border), Group.LATER)

    def asked(self) -> dict[str, datetime]:
        """What a query with `counts_in_sql` is asked with."""
        return {"now": self.now, "hour_on": self.hour, "today": self.today, "tomorrow": self.tomorrow}


def counts_in_sql() -> Select[*tuple[int, ...]]:
    """How many tickets are due before each border, later than all, and never: `counts_of` makes groups of them."""
    borders = (NOW, HOUR_ON, bindparam("today", type_=UtcDateTime()), bindparam("tomorrow", type_=UtcDateTime()))
    before = (func.count().filter(Ticket.due_at < border) for border in borders)
    return select(*before, func.count(Ticket.due_at), func.count(Ticket.id))


def counts_of(row: Sequence[int]) -> dict[Group, int]:
    """The number of tickets in each group, by the decision of `Times.group`; groups without any are left out."""
    names = (Group.OVERDUE, Group.HOUR, Group.TODAY, Group.TOMORROW, Group.LATER, Group.STILL)
    up_to = (0, *row)
    return {name: up_to[nth + 1] - up_to[nth] for nth, name in enumerate(names) if up_to[nth + 1] > up_to[nth]}

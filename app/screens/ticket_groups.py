"""The headings of a list of tickets, and the instants that part them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case

from app.screens.ticket_filter import HOUR
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

    def group_in_sql(self) -> ColumnElement[str]:
        """The same decision as an expression over tickets."""
        return case(
            (Ticket.due_at.is_(None), Group.STILL),
            (Ticket.due_at < self.now, Group.OVERDUE),
            (Ticket.due_at < self.hour, Group.HOUR),
            (Ticket.due_at < self.today, Group.TODAY),
            (Ticket.due_at < self.tomorrow, Group.TOMORROW),
            else_=Group.LATER,
        )

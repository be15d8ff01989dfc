"""The days until which a ticket is put aside, on the wall clock of the person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from app.web.context import request_at
from app.web.desk.surroundings import zone

OPENS = time(8)
"""a ticket comes back when the day's work begins"""


def install(app: Flask) -> None:
    """Give the templates `days_to_come`."""
    app.jinja_env.globals["days_to_come"] = days_to_come


def morning(text: str, of: ZoneInfo) -> datetime | None:
    """The morning of a day written as 2026-11-30; None for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(text), OPENS, of)
    except ValueError:
        return None


def days_to_come() -> list[date]:
    """The days that are offered: tomorrow, in three days, next Monday, in two weeks."""
    today = request_at().astimezone(zone()).date()
    monday = today + timedelta(days=7 - today.weekday())
    return sorted({today + timedelta(days=1), today + timedelta(days=3), monday, today + timedelta(days=14)})

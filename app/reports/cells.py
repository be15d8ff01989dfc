"""The tickets behind a number: a cell of the report, its text in an address, and its condition for the desk's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.reports.measures import Measure, sources
from app.reports.period import Week
from app.tickets.models import Ticket
from channels.contract import ChannelName

_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the report; its text is like "received.3.email.2026-W46"."""

    measure: Measure
    unit_id: int
    channel: ChannelName
    week: Week

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cell that an address names. Raises InvalidInputError when it names none."""
        parts = text.split(".")
        try:
            measure, unit_id, channel, week = parts
            return cls(Measure(measure), _unit_id(unit_id), ChannelName(channel), Week.parse(week))
        except ValueError as error:
            raise InvalidInputError({"cell": "The report has no such number."}) from error

    def __str__(self) -> str:
        return f"{self.measure}.{self.unit_id}.{self.channel}.{self.week}"


def behind(session: Session, cell: Cell, *, now: datetime | None = None) -> ColumnElement[bool]:
    """The condition on Ticket that selects exactly the tickets a cell counts. Raises NotFoundError for no such unit.

    It asks for no rights: who may see the figures of a unit may see these tickets in the list.
    """
    timezone = session.scalar(select(Unit.timezone).where(Unit.id == cell.unit_id))
    if timezone is None:
        raise NotFoundError("There is no such unit.")
    return cell_clause(cell, zone=ZoneInfo(timezone), now=now or clock.now())


def cell_clause(cell: Cell, *, zone: tzinfo, now: datetime) -> ColumnElement[bool]:
    """The same for a caller who knows the zone of the cell's unit; `now` decides what has fallen due."""
    start, end = cell.week.bounds(zone)
    ids = [
        select(source.ticket_id).where(
            source.unit_id == cell.unit_id, source.channel == cell.channel, source.within(start, end), source.where
        )
        for source in sources(cell.measure, now=now)
    ]
    return Ticket.id.in_(union_all(*ids))


def _unit_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _LARGEST_ID):
        raise ValueError(f"{text[:20]!r} is no id")
    return int(text)

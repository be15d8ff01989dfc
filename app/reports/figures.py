"""The report's figures by unit, channel and week: one statement a measure, whatever there is to count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Select, String, Subquery, case, column, func, select, union_all, values
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.core.db import UtcDateTime
from app.reports.measures import IS_WITHIN, Source
from app.reports.period import Week
from app.sla.facts import Metric
from app.sla.models import ClockRow, PolicyRow
from app.sla.policy import Policy

Key = tuple[int, str, str]
"""unit, channel and week, as in the database and in addresses"""


@dataclass(frozen=True, slots=True)
class Spread:
    """How long it took, in whole seconds: half of the clocks took at most `median`, nine in ten at most `p90`.

    Nearest rank: each figure is a time that one ticket really took, the one at place ceil(n * share) by size.
    """

    median: int
    p90: int


@dataclass(frozen=True, slots=True)
class Times:
    """The clocks stopped in a period, and how long they took in opening time and by the wall."""

    n: int
    business: Spread
    calendar: Spread


@dataclass(frozen=True, slots=True)
class Judged:
    """The clocks counted in a period, and how many of them were within the target."""

    n: int
    within: int


class Grid:
    """The units and weeks asked for, each unit's weeks on its own wall. Reads the units' zones once."""

    def __init__(self, session: Session, unit_ids: Collection[int], weeks: Collection[Week]) -> None:
        self.session = session
        self.unit_ids = tuple(unit_ids)
        query = select(Unit.id, Unit.timezone).where(Unit.id.in_(self.unit_ids))
        units = [(unit_id, zone) for unit_id, zone in session.execute(query)]
        zones = sorted({zone for _, zone in units})
        frames = [(zone, str(week), *week.bounds(ZoneInfo(zone))) for zone in zones for week in weeks]
        self.is_empty = not frames
        self._ends = {
            unit_id: [(week, end) for place, week, _, end in frames if place == zone] for unit_id, zone in units
        }
        self._bounds = [(start, end) for _, _, start, end in frames]
        self._frames = _frames(frames)

    def counts(self, source: Source) -> dict[Key, int]:
        """How many rows of the source each cell has."""
        rows = self._rows(source).subquery()
        query = select(rows.c.unit_id, rows.c.channel, rows.c.week, func.count()).group_by(*_key(rows))
        return {(unit, channel, week): n for unit, channel, week, n in self.session.execute(query)}

    def judged(self, clocks: Iterable[Source]) -> dict[Key, Judged]:
        """How many clocks of the sources each cell has, and how many of them were within the target."""
        is_within = case((IS_WITHIN, 1), else_=0).label("is_within")
        rows = union_all(*(self._rows(source, is_within) for source in clocks)).subquery()
        query = select(*_key(rows), func.count(), func.sum(rows.c.is_within)).group_by(*_key(rows))
        return {
            (unit, channel, week): Judged(n, int(within))
            for unit, channel, week, n, within in self.session.execute(query)
        }

    def times(self, clocks: Source) -> dict[Key, Times]:
        """How many clocks each cell has, and how long they took: the database ranks, only the ranks asked for come."""
        rows = self._rows(clocks, ClockRow.elapsed_s.label("business"), ClockRow.calendar_s.label("calendar"))
        ranked = _ranked(rows.subquery()).subquery()
        picks = [
            func.max(case((ranked.c[f"{kind}_rank"] == _rank(ranked.c.n, percent), ranked.c[kind])))
            for kind in ("business", "calendar")
            for percent in (50, 90)
        ]
        query = select(*_key(ranked), func.max(ranked.c.n), *picks).group_by(*_key(ranked))
        return {
            (unit, channel, week): Times(n, Spread(*found[:2]), Spread(*found[2:]))
            for unit, channel, week, n, *found in self.session.execute(query)
        }

    def goals(self) -> dict[Metric, dict[Key, float]]:
        """The share that each cell's unit promised when the week ended, by metric; a later policy changes no past.

        A unit's first policy stands for the time before it, too.
        """
        found: dict[Metric, dict[Key, float]] = {metric: {} for metric in Metric}
        for unit_id, versions in self._policies().items():
            for week, end in self._ends[unit_id]:
                policy = _in_force(versions, end)
                for (channel, metric), promise in policy.promises.items():
                    found[metric][unit_id, channel, week] = promise.share
        return found

    def _policies(self) -> dict[int, list[tuple[datetime, Policy]]]:
        """Each unit's policies, oldest first."""
        query = select(PolicyRow.unit_id, PolicyRow.created_at, PolicyRow.data).order_by(PolicyRow.id)
        found: dict[int, list[tuple[datetime, Policy]]] = {}
        for unit_id, created_at, data in self.session.execute(query.where(PolicyRow.unit_id.in_(self.unit_ids))):
            found.setdefault(unit_id, []).append((created_at, Policy.from_data(data)))
        return found

    def _rows(self, source: Source, *columns: ColumnElement[int]) -> Select[tuple[object, ...]]:
        frames = self._frames.c
        return (
            select(source.unit_id.label("unit_id"), source.channel.label("channel"), frames.week, *columns)
            .select_from(self._frames)
            .join(Unit, Unit.timezone == frames.timezone)
            .join(
                source.ticket_id.class_,
                (source.unit_id == Unit.id) & source.within(frames.start_at, frames.end_at),
            )
            .where(Unit.id.in_(self.unit_ids), source.near(self._bounds), source.where)
        )


def _frames(rows: Sequence[tuple[str, str, datetime, datetime]]) -> CTE:
    """The weeks' bounds in each zone as a table that the database joins with."""
    columns = (
        column("timezone", String),
        column("week", String),
        column("start_at", UtcDateTime()),
        column("end_at", UtcDateTime()),
    )
    return values(*columns, name="frame").data(rows).cte("frame")


def _in_force(versions: Sequence[tuple[datetime, Policy]], at: datetime) -> Policy:
    """The last policy made before the instant, else the first of all."""
    return next((policy for made_at, policy in reversed(versions) if made_at < at), versions[0][1])


def _key(rows: Subquery) -> tuple[ColumnElement[int], ColumnElement[str], ColumnElement[str]]:
    return rows.c.unit_id, rows.c.channel, rows.c.week


def _ranked(rows: Subquery) -> Select[tuple[object, ...]]:
    """Each clock with its place by size within its cell, once for either kind of time, and the cell's number."""
    cell = _key(rows)
    return select(
        *rows.c,
        func.count().over(partition_by=cell).label("n"),
        *(
            func.row_number().over(partition_by=cell, order_by=rows.c[kind]).label(f"{kind}_rank")
            for kind in ("business", "calendar")
        ),
    )


def _rank(n: ColumnElement[int], percent: int) -> ColumnElement[int]:
    """The nearest rank, n * percent / 100 rounded up, in whole numbers."""
    return (n * percent + 99) // 100

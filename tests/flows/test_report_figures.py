"""Each number of the report, against a naive reading of the events, and the tickets behind it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.core.db import Database
from app.core.errors import NotFoundError
from app.reports.cells import Cell, behind
from app.reports.measures import Measure
from app.reports.period import Week, last_weeks
from app.reports.service_level import Level, Row, courses, service_level
from app.sla.service import forget_calendars
from app.tickets.models import Ticket
from channels.contract import ChannelName
from tests.queries import count_queries
from tests.report_naive import Figures, nearest_rank
from tests.report_world import NOW, OFFICES, World, store

WEEKS = last_weeks(6, until=Week(2026, 46))
TICKETS = 2_000


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    forget_calendars()
    opened = Database(database_url, pool_size=2)
    yield opened
    opened.dispose()
    forget_calendars()


def numbers(row: Row) -> dict[Measure, int]:
    first, last = row.first_response, row.resolution
    return {
        Measure.RECEIVED: row.received,
        Measure.OPEN: row.open,
        Measure.ANSWERED: first.finished,
        Measure.COUNTED: first.judged.n,
        Measure.WITHIN: first.judged.within,
        Measure.LATE: first.judged.n - first.judged.within,
        Measure.RESOLVED: last.finished,
        Measure.RESOLUTION_COUNTED: last.judged.n,
        Measure.RESOLUTION_WITHIN: last.judged.within,
        Measure.RESOLUTION_LATE: last.judged.n - last.judged.within,
    }


def test_each_cell_of_2000_random_tickets_is_what_the_events_say_and_opens_exactly_its_tickets(
    database: Database,
) -> None:
    seed = int(__import__("os").environ.get("SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}")
    stories = World(seed).stories(TICKETS)
    store(database, stories)
    naive = Figures(stories, OFFICES, WEEKS, NOW)
    with database.read() as session:
        rows = service_level(session, unit_ids=list(OFFICES), weeks=WEEKS, now=NOW)
        assert len(rows) == len(OFFICES) * len(ChannelName) * len(WEEKS)
        for row in rows:
            for measure, n in numbers(row).items():
                cell = row.cell(measure)
                expected = naive.tickets[measure, row.unit_id, row.channel, str(row.week)]
                assert n == len(expected), f"seed {seed}: {cell}"
                found = session.scalars(select(Ticket.id).where(behind(session, Cell.parse(str(cell)), now=NOW)))
                assert sorted(found) == sorted(expected), f"seed {seed}: {cell}"
            for measure, level in ((Measure.ANSWERED, row.first_response), (Measure.RESOLVED, row.resolution)):
                seconds = naive.seconds[measure, row.unit_id, row.channel, str(row.week)]
                assert spreads(level) == naive_spreads(seconds), f"seed {seed}: {row.cell(measure)}"


def spreads(level: Level) -> list[tuple[int, int]]:
    if level.times is None:
        return []
    return [(spread.median, spread.p90) for spread in (level.times.business, level.times.calendar)]


def naive_spreads(seconds: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kinds = zip(*seconds, strict=True)
    return [(nearest_rank(kind, 0.5), nearest_rank(kind, 0.9)) for kind in kinds]

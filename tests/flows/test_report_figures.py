"""Each number of the report, against a naive reading of the events, and the tickets behind it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core.db import Database
from app.core.errors import NotFoundError
from app.reports.cells import Cell, behind
from app.reports.measures import Measure
from app.reports.period import Week, last_weeks
from app.reports.service_level import Level, Row, courses, service_level
from app.sla.models import PolicyRow
from app.sla.policy import Policy
from app.sla.service import policy_in_force
from app.tickets.models import Ticket
from channels.contract import ChannelName
from tests.queries import count_queries
from tests.report_naive import Figures, Happening, Story, nearest_rank
from tests.report_world import NOW, OFFICES, World, store

WEEKS = last_weeks(6, until=Week(2026, 46))
TICKETS = 2_000


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


def test_each_cell_of_2000_random_tickets_is_what_the_events_say_and_opens_just_these(database: Database) -> None:
    seed = random.SystemRandom().randrange(10**6)
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


def test_the_number_of_statements_depends_on_neither_tickets_nor_units_nor_weeks(database: Database) -> None:
    stories = World(1).stories(120)
    store(database, stories[:4])
    few, few_weekly = statements(database, [1], WEEKS[-1:])
    store(database, stories[4:])
    assert statements(database, list(OFFICES), WEEKS) == (few, few_weekly) == (8, 3)


def statements(database: Database, unit_ids: list[int], weeks: tuple[Week, ...]) -> tuple[int, int]:
    with database.read() as session:
        with count_queries(database.engine) as report:
            service_level(session, unit_ids=unit_ids, weeks=weeks, now=NOW)
        with count_queries(database.engine) as chart:
            courses(session, unit_ids=unit_ids, weeks=weeks, now=NOW)
    return report.count, chart.count


def test_the_chart_draws_the_same_shares_as_the_table(database: Database) -> None:
    store(database, World(2).stories(150))
    with database.read() as session:
        rows = service_level(session, unit_ids=list(OFFICES), weeks=WEEKS, now=NOW)
        drawn = courses(session, unit_ids=list(OFFICES), weeks=WEEKS, now=NOW)
    table = {(row.unit_id, row.channel, row.week): row.first_response for row in rows}
    for course in drawn:
        assert [week for week, _ in course.weeks] == list(WEEKS)
        for week, level in course.weeks:
            shown = table[course.unit_id, course.channel, week]
            assert (level.judged, level.goal) == (shown.judged, shown.goal)
    assert {(course.unit_id, course.channel) for course in drawn} == {(u, c) for u, c, _ in table}


def test_a_clock_that_ran_out_since_the_last_event_counts_for_the_holder_at_once(database: Database) -> None:
    arrived = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
    store(database, [Story(1, "email", [Happening(arrived, "created", 1)])])
    due = datetime(2026, 11, 11, 8, 0, tzinfo=UTC)  # 480 minutes of a day from 8 to 16 in Stockholm, begun at 9
    before, after = (first_response_at(database, due + timedelta(seconds=late)) for late in (0, 1))
    assert (before.judged.n, after.judged.n, after.judged.within) == (0, 1, 0)
    assert (after.finished, after.times) == (0, None)


def first_response_at(database: Database, now: datetime) -> Level:
    with database.read() as session:
        (row,) = [
            row
            for row in service_level(session, unit_ids=[1], weeks=WEEKS[-1:], now=now)
            if row.channel is ChannelName.EMAIL
        ]
        return row.first_response


def test_a_letter_of_monday_is_received_in_its_week_and_not_open_at_the_end_of_the_one_before(
    database: Database,
) -> None:
    monday = datetime(2026, 10, 25, 23, 0, tzinfo=UTC)  # 00:00 in Stockholm, the day after summer time ended
    store(database, [Story(1, "letter", [Happening(monday, "created", 1)])])
    with database.read() as session:
        rows = service_level(session, unit_ids=[1], weeks=[Week(2026, 43), Week(2026, 44)], now=NOW)
    letters = [row for row in rows if row.channel is ChannelName.LETTER]
    assert [(row.received, row.open) for row in letters] == [(0, 0), (1, 1)]


def test_a_closing_without_an_answer_is_no_first_response_even_when_it_was_late(database: Database) -> None:
    arrived = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
    closed = arrived + timedelta(days=2)
    store(database, [Story(1, "email", [Happening(arrived, "created", 1), Happening(closed, "resolved")])])
    level = first_response_at(database, NOW)
    assert (level.finished, level.judged.n, level.judged.within) == (0, 1, 0)


def test_units_that_do_not_exist_have_no_rows_and_their_cells_no_tickets(database: Database) -> None:
    with database.read() as session:
        assert service_level(session, unit_ids=[], weeks=WEEKS) == ()
        assert courses(session, unit_ids=[77], weeks=WEEKS) == ()
        with pytest.raises(NotFoundError):
            behind(session, Cell(Measure.OPEN, 77, ChannelName.EMAIL, WEEKS[0]))


def spreads(level: Level) -> list[tuple[int, int]]:
    if level.times is None:
        return []
    return [(spread.median, spread.p90) for spread in (level.times.business, level.times.calendar)]


def naive_spreads(seconds: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kinds = zip(*seconds, strict=True)
    return [(nearest_rank(kind, 0.5), nearest_rank(kind, 0.9)) for kind in kinds]


def test_a_later_policy_changes_the_goal_of_no_week_that_is_over(database: Database) -> None:
    store(database, World(3).stories(200))
    with database.read() as session:
        before = service_level(session, unit_ids=list(OFFICES), weeks=WEEKS, now=NOW)
    changed_at = WEEKS[3].bounds(UTC)[1] - timedelta(days=2)
    with database.begin() as session:
        for unit_id in OFFICES:
            row = policy_in_force(session, unit_id)
            assert row is not None
            policy = Policy.from_data(row.data)
            stricter = {place: replace(promise, share=0.99) for place, promise in policy.promises.items()}
            data = replace(policy, promises=stricter).to_data()
            session.add(PolicyRow(unit_id=unit_id, created_at=changed_at, data=data))
    with database.read() as session:
        after = service_level(session, unit_ids=list(OFFICES), weeks=WEEKS, now=NOW)
    over = set(WEEKS[:3])
    assert [row for row in after if row.week in over] == [row for row in before if row.week in over]
    goals = {row.first_response.goal for row in after if row.week not in over}
    assert goals == {0.99}

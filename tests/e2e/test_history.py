"""The six weeks that a new demo has behind it: lively, believable, and nothing of it left to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.cli.demo_content import load
from app.cli.history.make import make_history
from app.core import clock
from app.core.config import Settings, complete
from app.core.system import System, create_system
from app.sla.service import forget_calendars
from migrations.run import upgrade

pytestmark = pytest.mark.demo


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("past")
    settings = complete(Settings(data_dir=folder, secret_key="only for this test", demo=True))
    upgrade(settings.database_url)
    forget_calendars()
    system = create_system(settings)
    load(system)
    make_history(system)
    yield system
    system.db.dispose()
    forget_calendars()


def rows(system: System, query: str, **values: Any) -> list[Any]:
    with system.db.read() as session:
        return list(session.execute(text(query), values))


def number(system: System, query: str, **values: Any) -> int:
    return int(rows(system, query, **values)[0][0])


def test_there_are_a_few_hundred_tickets_over_all_units_and_channels(past: System) -> None:
    assert 180 <= number(past, "SELECT count(*) FROM ticket") <= 350
    assert number(past, "SELECT count(DISTINCT unit_id) FROM ticket") == number(past, "SELECT count(*) FROM unit")
    assert {row[0] for row in rows(past, "SELECT DISTINCT channel FROM ticket")} == {"email", "phone", "letter"}
    assert {row[0] for row in rows(past, "SELECT DISTINCT language FROM ticket")} >= {"sv", "fi", "en"}
    assert number(past, "SELECT count(*) FROM person") > 120


def test_it_lies_in_the_six_weeks_before_now(past: System) -> None:
    now = clock.now()
    first, last = rows(past, "SELECT min(arrived_at), max(arrived_at) FROM ticket")[0]
    assert str(now - timedelta(weeks=6, days=1)) < first < str(now - timedelta(weeks=5))
    assert last < str(now)
    assert rows(past, "SELECT id FROM event WHERE recorded_at > :now", now=str(now)) == []


def test_some_are_late_some_wait_and_most_were_in_time(past: System) -> None:
    told = dict(rows(past, "SELECT result, count(*) FROM sla_clock WHERE metric = 'first_response' GROUP BY result"))
    assert 0.05 < told["missed"] / (told["met"] + told["missed"]) < 0.35
    is_open = number(past, "SELECT count(*) FROM ticket WHERE state != 'resolved'")
    assert 15 <= is_open <= 50
    overdue = number(
        past, "SELECT count(*) FROM ticket WHERE state != 'resolved' AND due_at < :now", now=str(clock.now())
    )
    assert 3 <= overdue < is_open


def test_nothing_of_it_is_left_to_send_or_to_suggest(past: System) -> None:
    assert {row[0] for row in rows(past, "SELECT DISTINCT state FROM outbox")} <= {"sent", "posted", "to_print"}
    waiting = "SELECT count(*) FROM ticket WHERE asked_in IS NOT NULL AND coalesce(suggested_for, 0) < asked_in"
    assert number(past, waiting) == 0
    open_mail = "SELECT id FROM ticket WHERE state = 'new' AND channel = 'email'"
    with_offer = f"SELECT count(DISTINCT ticket_id) FROM suggestion WHERE ticket_id IN ({open_mail})"
    assert number(past, with_offer) >= 0.8 * len(rows(past, open_mail))


def test_citizens_wrote_back_and_calls_were_lost(past: System) -> None:
    assert number(past, "SELECT count(*) FROM inbound WHERE fate = 'joined' AND channel = 'email'") > 10
    assert number(past, "SELECT count(*) FROM call WHERE state = 'abandoned'") > 2
    assert number(past, "SELECT count(*) FROM event WHERE kind = 'paused'") > 3
    assert number(past, "SELECT count(*) FROM inbound WHERE fate = 'quarantined'") == 0

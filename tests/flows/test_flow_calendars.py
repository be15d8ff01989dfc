"""Opening hours kept in the desk: what comes follows the new ones, what was promised stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError
from app.core.system import System
from app.flows import calendars as flow
from app.flows.calendars import HoursFacts
from app.sla.models import CalendarRow
from tests.factories import MONDAY, Authority, arrives, mail

SINCE = date(2026, 1, 1)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "8:00-12.00, 13:00 – 16:00")


class Hours:
    """Nora's hands, who answers for the north."""

    def __init__(self, system: System, authority: Authority) -> None:
        self.system, self.nora, self.north = system, authority.viewers["nora"], authority.units["north"].id

    def rows(self) -> list[CalendarRow]:
        with self.system.db.read() as session:
            query = select(CalendarRow).where(CalendarRow.unit_id == self.north).order_by(CalendarRow.id)
            return list(session.scalars(query))

    def save(self, facts: HoursFacts, *, seen: int | None = None) -> None:
        seen = self.rows()[-1].id if seen is None else seen
        flow.save(self.system, self.nora, self.north, facts, seen=seen, since=SINCE)


@pytest.fixture
def hours(system: System, authority: Authority, at: time_machine.Coordinates) -> Hours:
    at.move_to(MONDAY)
    return Hours(system, authority)


def due(system: System, authority: Authority, number: int) -> datetime:
    raw = mail("Hej", message_id=f"m{number}@example.se", sender=f"c{number}@example.se")
    found = authority.ticket(arrives(system, raw, item_id=f"1:{number}").ticket_id).due_at
    assert found is not None
    return found


def test_new_tickets_follow_and_old_ones_keep_their_promise(hours: Hours, system: System, authority: Authority) -> None:
    before = due(system, authority, 1)
    hours.save(HoursFacts(WEEK))
    after = due(system, authority, 2)
    assert (before, after) == (MONDAY + timedelta(hours=4), MONDAY + timedelta(hours=5)), "an hour at noon is closed"
    assert authority.ticket(1).due_at == before
    with system.db.read() as session:
        data = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "calendar_changed")).one()
    ids = [row.id for row in hours.rows()]
    assert data == {"unit": hours.north, "before": ids[-2], "now": ids[-1], "open_too": False}


def test_no_calendar_is_ever_altered_and_the_same_hours_make_none(hours: Hours) -> None:
    before = [(row.id, row.data) for row in hours.rows()]
    hours.save(HoursFacts(WEEK, [("2026-12-24", "Julafton")], [("2026-12-23", "08:00-12:00"), ("", "")]))
    after = [(row.id, row.data) for row in hours.rows()]
    assert after[:-1] == before
    data = after[-1][1]
    assert data["week"]["mon"] == [["08:00", "12:00"], ["13:00", "16:00"]]
    assert data["week"]["sun"] == []
    old = {day: name for day, name in before[-1][1]["closed"].items() if day < SINCE.isoformat()}
    assert data["closed"] == {**old, "2026-12-24": "Julafton"}
    assert data["special"] == {"2026-12-23": [["08:00", "12:00"]]}
    hours.save(HoursFacts(WEEK, [("2026-12-24", "Julafton")], [("2026-12-23", "8.00–12.00")]))
    assert len(hours.rows()) == len(after)


def test_hours_that_somebody_else_changed_are_not_overwritten(hours: Hours) -> None:
    seen = hours.rows()[-1].id
    hours.save(HoursFacts(WEEK))
    with pytest.raises(ConflictError):
        hours.save(HoursFacts({"mon": "08:00-09:00"}), seen=seen)


def test_faults_are_named_each(hours: Hours) -> None:
    facts = HoursFacts(
        {
            "mon": "early",
            "tue": "16:00-08:00",
            "wed": "08:00-12:00, 11:00-13:00",
            "thu": "08:00-24:00",
            "fri": "25:00-26:00",
        },
        [("soon", ""), ("2025-12-24", ""), ("2026-12-24", ""), ("2026-12-24", "")],
        [("2026-12-24", ""), ("2026-12-31", "x")],
    )
    with pytest.raises(InvalidInputError) as told:
        hours.save(facts)
    named = {
        "week-mon",
        "week-tue",
        "week-wed",
        "week-fri",
        "closed-0",
        "closed-1",
        "closed-3",
        "special-0",
        "special-1",
    }
    assert set(told.value.fields) == named
    with pytest.raises(InvalidInputError):
        hours.save(HoursFacts({}))


def test_only_the_head_and_administrators_change_them(hours: Hours, system: System, authority: Authority) -> None:
    seen = hours.rows()[-1].id
    for name in ("nils", "suvi"):
        with pytest.raises(ForbiddenError):
            flow.save(system, authority.viewers[name], hours.north, HoursFacts(WEEK), seen=seen, since=SINCE)
    flow.save(system, authority.viewers["admin"], hours.north, HoursFacts(WEEK), seen=seen, since=SINCE)

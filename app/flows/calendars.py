"""Opening hours are changed: a new calendar for the tickets to come, and the old one stays with its tickets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts import audit
from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import roll_out
from app.flows.administer import demand_newest, demand_runner
from app.sla.calendar import Calendar
from app.sla.models import CalendarRow
from app.sla.service import calendar_in_force
from app.sla.windows import WEEKDAYS, parse
from app.texts.catalogue import N_

HOURS = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–]\s*(\d{1,2})[:.](\d\d)")
LONGEST_NAME = 80
MOST_DAYS = 400


@dataclass(frozen=True)
class HoursFacts:
    """Opening hours as typed: hours by weekday ("08:00–12:00, 13:00–16:00", "" = closed), and the days that differ.

    `closed` are (ISO date, name), `special` (ISO date, hours); rows without a date are passed over.
    """

    week: Mapping[str, str]
    closed: Sequence[tuple[str, str]] = ()
    special: Sequence[tuple[str, str]] = ()


def planned(unit: Unit, kept: Mapping[str, Any], facts: HoursFacts, *, since: date) -> dict[str, Any]:
    """The data of the calendar that is typed; days before `since` are those of `kept`.

    Raises InvalidInputError naming each faulty field (`week-mon`, `closed-3`, `special-0`).
    """
    week, closed, special = _read(facts, since)
    return {
        "tz": unit.timezone,
        "week": week,
        "closed": {**_before(kept.get("closed", {}), since), **closed},
        "special": {**_before(kept.get("special", {}), since), **special},
    }


def save(
    system: System,
    viewer: Viewer,
    unit_id: int,
    facts: HoursFacts,
    *,
    seen: int,
    since: date,
    open_too: bool = False,
) -> None:
    """Keep the hours as the unit's calendar from now on; days before `since` stay as they were. Audited.

    With `open_too` the open tickets follow them as well, from the moment at which each is told. `seen` is the id of
    the calendar that the form showed. Raises ForbiddenError, NotFoundError, InvalidInputError naming each faulty
    field (`week-mon`, `closed-3`, `special-0`), ConflictError when there is a newer calendar.
    """
    demand_runner(viewer, unit_id)
    with system.db.begin() as session:
        unit = session.get(Unit, unit_id, with_for_update=True)
        if unit is None:
            raise NotFoundError("There is no such unit.")
        row = calendar_in_force(session, unit_id)
        demand_newest(row, seen)
        data = planned(unit, row.data if row else {}, facts, since=since)
        if row is None or Calendar.from_data(data) != Calendar.from_data(row.data):
            new = CalendarRow(unit_id=unit_id, created_at=clock.now(), data=data)
            session.add(new)
            session.flush()
            told: dict[str, Any] = {"unit": unit_id, "before": seen or None, "now": new.id, "open_too": open_too}
            audit.note(session, "calendar_changed", at=new.created_at, user_id=viewer.user_id, reason="", **told)
        if open_too:
            roll_out.order(session, unit_id, viewer.user_id, hours=True)
    if open_too:
        system.nudge(Queue.ROLLOUT)


def _read(facts: HoursFacts, since: date) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    faults: dict[str, str] = {}
    week = {day: _windows(facts.week.get(day, ""), f"week-{day}", faults) for day in WEEKDAYS}
    if not faults and not any(week.values()):
        faults["week-mon"] = N_("The unit must be open at some time of the week.")
    closed: dict[str, str] = {}
    for number, (day, name) in enumerate(facts.closed):
        if day.strip() and _is_day(day, since, closed, f"closed-{number}", faults):
            closed[day.strip()] = " ".join(name.split())[:LONGEST_NAME]
    special: dict[str, Any] = {}
    for number, (day, hours) in enumerate(facts.special):
        if day.strip() and _is_day(day, since, {**closed, **special}, f"special-{number}", faults):
            special[day.strip()] = _windows(hours, f"special-{number}", faults)
    if len(closed) + len(special) > MOST_DAYS:
        faults["closed-0"] = N_("At most 400 days can differ.")
    if faults:
        raise InvalidInputError(faults)
    return week, closed, special


def _windows(text: str, field: str, faults: dict[str, str]) -> list[list[str]]:
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    found = [HOURS.fullmatch(part) for part in parts]
    if not all(found):
        faults[field] = N_("Write hours such as 08:00–16:00, or 08:00–12:00, 13:00–16:00.")
        return []
    times = [match.groups() for match in found if match]
    windows = [[f"{h1:0>2}:{m1}", f"{h2:0>2}:{m2}"] for h1, m1, h2, m2 in times]
    if parse({"tz": "UTC", "week": {"mon": windows}})[1]:
        faults[field] = N_("Each opening must end after it begins, and none may overlap another.")
    return sorted(windows)


def _is_day(text: str, since: date, known: Mapping[str, object], field: str, faults: dict[str, str]) -> bool:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        faults[field] = N_("Write a date such as 2026-12-24.")
        return False
    if day < since:
        faults[field] = N_("This day is over: it stays as it was.")
    elif day.isoformat() in known:
        faults[field] = N_("This day stands here twice.")
    return field not in faults


def _before(days: Mapping[str, Any], since: date) -> dict[str, Any]:
    return {day: value for day, value in days.items() if day < since.isoformat()}

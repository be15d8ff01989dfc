"""Opening hours: each unit's week, its closed days and those with other hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_day_names
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Unit
from app.core.errors import ConflictError, InvalidInputError
from app.flows import calendars as flow
from app.flows.calendars import HoursFacts
from app.screens.effect_of_change import Effect, effect_of_change
from app.sla.calendar import Calendar
from app.sla.holiday_seed import COUNTRIES, holiday_dates
from app.sla.models import CalendarRow
from app.sla.service import calendar_in_force
from app.sla.windows import WEEKDAYS
from app.texts.formats import babel_locale
from app.web.admin.forms import differing, shown_digest
from app.web.admin.overview import demand_business, own_unit, own_units
from app.web.context import language, reading, request_at, system, viewer
from app.web.desk.surroundings import directory
from app.web.language import gettext, spoken
from app.web.row_ids import row_id

calendars = Blueprint("calendars", __name__, url_prefix="/desk/admin/opening-hours")
Answer = Response | str | tuple[str, int]
SPARE = 3
"""empty rows at the end of each list of days, so that days are added without a script"""


@dataclass(frozen=True)
class UnitHours:
    """A unit in the list: its week in words and whether it is open now."""

    unit: Unit
    week: tuple[tuple[str, str], ...]
    is_open: bool
    has_next_year: bool
    """whether any day of next year is known to be closed"""


@calendars.get("/")
def index() -> str:
    """The units that the person answers for."""
    demand_business()
    with reading() as session:
        listed = [_hours(unit, calendar_in_force(session, unit.id)) for unit in own_units()]
    return render_template("admin/calendars.html", listed=listed, next_year=request_at().year + 1)


@calendars.get("/<int:unit_id>")
def show(unit_id: int) -> Answer:
    """The hours of a unit; with `propose` (SE-2027) the holidays of that country and year stand in the form too."""
    unit = own_unit(unit_id)
    row = _row(unit)
    kept = row.data if row else {}
    closed, special = _days(unit, kept)
    proposed = {day: name for day, name in _proposed().items() if day not in special and day not in closed}
    week = {f"week-{day}": _text(kept.get("week", {}).get(day, [])) for day in WEEKDAYS}
    days = {"closed": sorted({**closed, **proposed}.items()), "special": sorted(special.items())}
    return _page(unit, row, week, days, proposed=frozenset(proposed))


@calendars.post("/<int:unit_id>")
def change(unit_id: int) -> Answer:
    """Show what the change would do (`look`), keep it for new tickets (`new`) or for open ones too (`open`)."""
    unit, form = own_unit(unit_id), request.form
    then = form.get("then", "new")
    days = {kind: _pairs(form, kind) for kind in ("closed", "special")}
    facts = HoursFacts({day: form.get(f"week-{day}", "") for day in WEEKDAYS}, days["closed"], days["special"])
    seen = form.get("seen", type=row_id) or 0
    try:
        if then == "look":
            return _page(unit, _row(unit), form, days, effect=_effect(unit, facts))
        flow.save(system(), viewer(), unit_id, facts, seen=seen, since=_since(unit), open_too=then == "open")
    except InvalidInputError as error:
        return _page(unit, _row(unit), form, days, faults=error.fields), 422
    except ConflictError as error:
        return _page(unit, _row(unit), form, days, faults={"": str(error)}, is_conflict=True), 409
    return redirect(url_for("calendars.show", unit_id=unit_id, kept=then), 303)


def _row(unit: Unit) -> CalendarRow | None:
    with reading() as session:
        return calendar_in_force(session, unit.id)


def _effect(unit: Unit, facts: HoursFacts) -> Effect:
    with reading() as session:
        row = calendar_in_force(session, unit.id)
        data = flow.planned(unit, row.data if row else {}, facts, since=_since(unit))
        return effect_of_change(session, unit.id, calendar=Calendar.from_data(data), now=request_at())


def _since(unit: Unit) -> date:
    """The first day that the form shows: that of this year, by the unit's wall."""
    return date(request_at().astimezone(directory().zone_of({unit.id})).year, 1, 1)


def _days(unit: Unit, kept: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The days that the form shows: those closed with their names, and those with other hours."""
    since = _since(unit).isoformat()
    closed = {day: name for day, name in kept.get("closed", {}).items() if day >= since}
    special = {day: _text(windows) for day, windows in kept.get("special", {}).items() if day >= since}
    return closed, special


def _pairs(form: Mapping[str, str], kind: str) -> list[tuple[str, str]]:
    """The rows of a form: (date, name or hours), as many as there are."""
    rows: list[tuple[str, str]] = []
    while (day := form.get(f"{kind}-{len(rows)}-day")) is not None:
        rows.append((day, form.get(f"{kind}-{len(rows)}-what", "")))
    return rows


def _proposed() -> dict[str, str]:
    country, _, year = request.args.get("propose", "").partition("-")
    if country not in COUNTRIES or not year.isdigit() or not 0 <= int(year) - request_at().year <= 5:
        return {}
    return {day.isoformat(): name for day, name in holiday_dates(country, int(year)).items()}


def _hours(unit: Unit, row: CalendarRow | None) -> UnitHours:
    week = row.data["week"] if row else {}
    shown = tuple((name, _text(week.get(day, [])) or gettext("closed")) for day, name in _weekdays())
    at = request_at()
    is_open = row is not None and Calendar.from_data(row.data).is_open(at)
    closed = row.data.get("closed", {}) if row else {}
    return UnitHours(unit, shown, is_open, any(day.startswith(str(at.year + 1)) for day in closed))


def _weekdays() -> list[tuple[str, str]]:
    names = get_day_names("wide", context="stand-alone", locale=babel_locale(language()))
    return [(day, names[number].capitalize()) for number, day in enumerate(WEEKDAYS)]


def _text(windows: list[list[str]]) -> str:
    """Windows as they are typed."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in windows)


def _differing(
    unit: Unit, row: CalendarRow, week: Mapping[str, Any], days: Mapping[str, list[tuple[str, str]]]
) -> dict[str, str]:
    """What is kept now where the form says something else: the field or day, and the hours or name kept."""
    kept = row.data
    hours = {f"week-{day}": _text(kept["week"].get(day, [])) for day in WEEKDAYS}
    closed, special = _days(unit, kept)
    typed = {day: what for kind in ("closed", "special") for day, what in days[kind] if day}
    gone = {day: gettext("not there any more") for day in typed if day not in closed and day not in special}
    return differing(week, hours) | differing(typed, closed | special) | gone


def _page(
    unit: Unit,
    row: CalendarRow | None,
    week: Mapping[str, Any],
    days: Mapping[str, list[tuple[str, str]]],
    *,
    faults: Mapping[str, str] | None = None,
    proposed: frozenset[str] = frozenset(),
    effect: Effect | None = None,
    is_conflict: bool = False,
) -> str:
    spare = [("", "")] * SPARE
    year = request_at().year
    return render_template(
        "admin/calendar.html",
        unit=unit,
        seen=shown_digest(str(row.id if row else 0), is_conflict=is_conflict),
        now=_differing(unit, row, week, days) if is_conflict and row else {},
        typed=week,
        weekdays=_weekdays(),
        closed=[*days["closed"], *spare],
        special=[*days["special"], *spare],
        faults=spoken(faults),
        proposed=proposed,
        kept="" if faults else request.args.get("kept", ""),
        effect=effect,
        proposals=[(country, year + ahead) for country in COUNTRIES for ahead in (0, 1)],
        has_next_year=any(day.startswith(str(year + 1)) for day, _ in days["closed"]),
        next_year=year + 1,
    )

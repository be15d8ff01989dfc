"""Units and their topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts.models import Unit
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.flows import units as flow
from app.flows.administer import digest
from app.flows.units import UnitFacts
from app.texts.catalogue import SUPPORTED
from app.tickets.models import Topic
from app.web.admin.forms import differing, shown_digest
from app.web.admin.overview import demand_admin
from app.web.context import reading, system, viewer
from app.web.desk.surroundings import directory
from app.web.language import spoken

units = Blueprint("units", __name__, url_prefix="/desk/admin/units")
Answer = Response | str | tuple[str, int]
PLAIN = ("language", "timezone", "mailbox", "phone", "postal_address")


@units.get("/")
def index() -> str:
    """All units, closed ones too."""
    demand_admin()
    return render_template("admin/units.html", units=list(directory().units.values()))


@units.get("/new")
def new() -> Answer:
    """An empty form, filled with what the first unit has."""
    demand_admin()
    first = next(iter(directory().units.values()), None)
    typed = {"language": first.language, "timezone": first.timezone} if first else {"timezone": "Europe/Stockholm"}
    return _page(None, typed)


@units.post("/new")
def add() -> Answer:
    """Add a unit."""
    demand_admin()
    like = request.form.get("like", type=int) or 0
    try:
        unit_id = flow.add(system(), viewer(), _typed(), like=like)
    except InvalidInputError as error:
        return _page(None, request.form, error.fields), 422
    return redirect(url_for("units.show", unit_id=unit_id), 303)


@units.get("/<int:unit_id>")
def show(unit_id: int) -> Answer:
    """A unit and its topics."""
    demand_admin()
    return _page(_unit(unit_id), _kept(_unit(unit_id)))


@units.post("/<int:unit_id>")
def change(unit_id: int) -> Answer:
    """Change a unit."""
    return _done(
        unit_id, "unit", lambda: flow.change(system(), viewer(), unit_id, _typed(), seen=request.form.get("seen"))
    )


@units.post("/<int:unit_id>/closing")
def closing(unit_id: int) -> Answer:
    """Close the unit, or with `open` open it again."""
    act = flow.reopen if "open" in request.form else flow.close
    return _done(unit_id, "closing", lambda: act(system(), viewer(), unit_id))


@units.post("/<int:unit_id>/topics")
def add_topic(unit_id: int) -> Answer:
    """Add a topic."""
    return _done(unit_id, "topic", lambda: flow.save_topic(system(), viewer(), unit_id, _names()))


@units.post("/<int:unit_id>/topics/<int:topic_id>")
def change_topic(unit_id: int, topic_id: int) -> Answer:
    """Rename a topic, or with `retired` take it out of use or back."""
    if "retired" in request.form:
        is_retired = request.form["retired"] == "yes"
        return _done(
            unit_id, "", lambda: flow.retire_topic(system(), viewer(), unit_id, topic_id, is_retired=is_retired)
        )
    return _done(
        unit_id,
        f"topic-{topic_id}",
        lambda: flow.save_topic(system(), viewer(), unit_id, _names(), topic_id=topic_id),
    )


def _done(unit_id: int, form: str, act: Callable[[], object]) -> Answer:
    demand_admin()
    unit = _unit(unit_id)
    try:
        act()
    except InvalidInputError as error:
        typed = request.form if form == "unit" else _kept(unit)
        return _page(unit, typed, error.fields, form=form), 422
    except ConflictError as error:
        typed = request.form if form == "unit" else _kept(unit)
        return _page(unit, typed, {"": str(error)}, form=form, is_conflict=True), 409
    return redirect(url_for("units.show", unit_id=unit_id), 303)


def _unit(unit_id: int) -> Unit:
    unit = directory().units.get(unit_id)
    if unit is None:
        raise NotFoundError("There is no such unit.")
    return unit


def _names() -> dict[str, str]:
    return {tag: request.form.get(f"name-{tag}", "") for tag in SUPPORTED}


def _typed() -> UnitFacts:
    return UnitFacts(names=_names(), **{name: request.form.get(name, "").replace("\r\n", "\n") for name in PLAIN})


def _kept(unit: Unit) -> dict[str, Any]:
    names = {f"name-{tag}": str(unit.names.get(tag, "")) for tag in SUPPORTED}
    return {**names, **{name: getattr(unit, name) for name in PLAIN}}


def _page(
    unit: Unit | None,
    typed: Mapping[str, Any],
    faults: Mapping[str, str] | None = None,
    form: str = "",
    *,
    is_conflict: bool = False,
) -> str:
    said = spoken(faults)
    with reading() as session:
        query = select(Topic).where(Topic.unit_id == unit.id).order_by(Topic.is_retired, Topic.id) if unit else None
        topics = session.scalars(query).all() if query is not None else []
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    values: dict[str, Any] = {"typed": typed, "faults": said, "form": form, "zones": zones, "typed_topic": request.form}
    if unit is not None:
        values["seen"] = shown_digest(digest(flow.facts_of(unit)), is_conflict=is_conflict)
        values["now"] = differing(typed, _kept(unit)) if is_conflict else {}
    return render_template("admin/unit.html", unit=unit, topics=topics, **values)

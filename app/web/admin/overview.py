"""Administration's first page: where each thing is changed, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template

from app.accounts.models import Unit
from app.accounts.policy import may_run
from app.core.errors import NotFoundError
from app.texts.catalogue import N_
from app.web.context import viewer
from app.web.desk.surroundings import directory
from app.web.language import gettext

admin = Blueprint("admin", __name__, url_prefix="/desk/admin")


@dataclass(frozen=True)
class Room:
    """A part of the administration; `is_heads` says that unit heads have business there too."""

    endpoint: str
    name: str
    what: str
    icon: str
    is_heads: bool = False


ROOMS = (
    Room(
        "people.index",
        N_("People"),
        N_("Who works here: invitations, units and roles, passwords, and the tickets of those who leave."),
        "user",
    ),
    Room("units.index", N_("Units"), N_("Names, addresses, languages and topics of the units."), "house"),
    Room(
        "calendars.index",
        N_("Opening hours"),
        N_("When each unit is open: clocks count only then. Closed days and holidays."),
        "ok",
        is_heads=True,
    ),
    Room(
        "targets.index",
        N_("Targets"),
        N_("What each unit promises by channel, and what a change does to open tickets."),
        "soon",
        is_heads=True,
    ),
    Room("mailboxes.index", N_("Mailboxes and folders"), N_("Where mails and scanned letters come from."), "email"),
    Room(
        "rules.index",
        N_("Routing"),
        N_("Which unit an inquiry goes to, and why. Try a text before you trust it."),
        "move",
    ),
    Room("templates.index", N_("Text templates"), N_("Texts and signatures of the answers."), "note", is_heads=True),
    Room("tuning.index", N_("Settings"), N_("The authority's name, and limits that apply at once."), "pen"),
    Room("trail.index", N_("Audit trail"), N_("Who changed or looked at what, and why."), "eye"),
    Room("machine.index", N_("System"), N_("How sources, queues and processes fare."), "met"),
)


@admin.get("/")
def index() -> str:
    """The rooms that are open to the person. Raises NotFoundError for whoever has business in none."""
    demand_business()
    known = current_app.view_functions
    rooms = [room for room in ROOMS if room.endpoint in known and (viewer().is_admin or room.is_heads)]
    return render_template("admin/index.html", rooms=rooms, words=gettext)


def demand_business() -> None:
    """Raise NotFoundError for anybody but administrators and unit heads."""
    if not (viewer().is_admin or viewer().headed):
        raise NotFoundError("There is no such page.")


def demand_admin() -> None:
    """Raise NotFoundError for anybody but administrators: for others the page does not exist."""
    if not viewer().is_admin:
        raise NotFoundError("There is no such page.")


def own_units() -> list[Unit]:
    """The units whose hours and targets the person may change, closed ones left out."""
    return [unit for unit in directory().units.values() if may_run(viewer(), unit.id) and not unit.closed_at]


def own_unit(unit_id: int) -> Unit:
    """One of those, closed or not. Raises NotFoundError for any other: for the person it does not exist."""
    unit = directory().units.get(unit_id)
    if unit is None or not may_run(viewer(), unit_id):
        raise NotFoundError("There is no such unit.")
    return unit

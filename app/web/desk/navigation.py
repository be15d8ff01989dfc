"""The desk's main menu: where one can go, and where one is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from sqlalchemy.exc import DBAPIError

from app.screens.awaiting import Awaiting, read_awaiting
from app.texts.catalogue import N_
from app.web.context import system, viewer
from app.web.language import gettext

PLACES = (
    ("desk.tickets", N_("Tickets")),
    ("search.tickets", N_("Search")),
    ("articles.index", N_("Knowledge base")),
    ("inbound.index", N_("Incoming")),
    ("outgoing.index", N_("Outgoing")),
    ("templates.index", N_("Text templates")),
    ("reports.index", N_("Reports")),
    ("machine.index", N_("System")),
    ("console.index", N_("Demo console")),
)
BELONGING = {
    "ticket": "desk",
    "actions": "desk",
    "writing": "desk",
    "regroup": "desk",
    "printing": "desk",
    "citizens": "desk",
    "beginning": "desk",
    "bulk": "desk",
    "views": "desk",
    "calls": "desk",
    "suggestions": "articles",
}
"""blueprints whose pages belong to another one's place"""


@dataclass(frozen=True)
class Place:
    """An entry of the menu."""

    url: str
    name: str
    is_here: bool
    is_narrow_only: bool = False
    """wide screens have the search field instead"""
    waiting: int = 0
    """how much there waits for a person"""


def install(app: Flask) -> None:
    """Give the templates `places()`."""
    app.jinja_env.globals["places"] = places
    app.jinja_env.globals["known_endpoints"] = app.view_functions


def places() -> list[Place]:
    """The entries that exist in this installation."""
    here = (request.endpoint or "").partition(".")[0]
    here = BELONGING.get(here, here)
    awaiting = _awaiting()
    waiting = {"inbound.index": awaiting.inbound, "outgoing.index": awaiting.outgoing}
    return [
        Place(
            url_for(endpoint),
            gettext(name),
            is_here=endpoint.partition(".")[0] == here,
            is_narrow_only=endpoint == "search.tickets",
            waiting=waiting.get(endpoint, 0),
        )
        for endpoint, name in PLACES
        if endpoint in current_app.view_functions and _is_for_viewer(endpoint)
    ]


def _is_for_viewer(endpoint: str) -> bool:
    """Whether a place belongs in the person's menu: agents have little use for those that others keep."""
    if endpoint == "templates.index":
        return viewer().is_admin or bool(viewer().headed)
    return endpoint != "machine.index" or viewer().is_admin


def _awaiting() -> Awaiting:
    """Nothing while the database is away: the page that says so has a menu too."""
    try:
        with system().db.read() as session:
            return read_awaiting(session, viewer())
    except DBAPIError:
        return Awaiting()

"""The desk's main menu: where one can go, and where one is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request
from sqlalchemy.exc import DBAPIError

from app.screens.awaiting import Awaiting, read_awaiting
from app.texts.catalogue import N_
from app.web.addresses import address_of
from app.web.context import reading, request_at, viewer
from app.web.language import gettext, ngettext

PLACES = (
    ("desk.tickets", N_("Tickets")),
    ("following.missed", N_("News")),
    ("search.tickets", N_("Search")),
    ("articles.index", N_("Knowledge base")),
    ("inbound.index", N_("Incoming")),
    ("outgoing.index", N_("Outgoing")),
    ("reports.index", N_("Reports")),
    ("admin.index", N_("Administration")),
    ("console.index", N_("Demo console")),
)
KEYS = {"following.missed": "h"}
BELONGING = {
    "templates": "admin",
    "machine": "admin",
    "people": "admin",
    "units": "admin",
    "mailboxes": "admin",
    "calendars": "admin",
    "targets": "admin",
    "rules": "admin",
    "tuning": "admin",
    "trail": "admin",
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
    "factors": "preferences",
    "passkeys": "preferences",
    "suggestions": "articles",
}
"""blueprints whose pages belong to another one's place"""


@dataclass(frozen=True)
class Place:
    """An entry of the menu."""

    url: str
    name: str
    is_here: bool
    key: str = ""
    is_narrow_only: bool = False
    """wide screens have the search field instead"""
    waiting: int = 0
    """how much there waits for a person"""
    told: str = ""
    """that number in words"""


def install(app: Flask) -> None:
    """Give the templates `places()`."""
    app.jinja_env.globals["places"] = places
    app.jinja_env.globals["known_endpoints"] = app.view_functions


def places() -> list[Place]:
    """The entries that exist in this installation."""
    here = (request.endpoint or "").partition(".")[0]
    here = BELONGING.get(here, here)
    awaiting = _awaiting()
    waiting = {
        "inbound.index": awaiting.inbound,
        "outgoing.index": awaiting.outgoing,
        "following.missed": awaiting.missed,
    }
    return [
        Place(
            address_of(endpoint),
            gettext(name),
            is_here=endpoint.partition(".")[0] == here,
            key=KEYS.get(endpoint, ""),
            is_narrow_only=endpoint == "search.tickets",
            waiting=waiting.get(endpoint, 0),
            told=_told(endpoint, waiting.get(endpoint, 0)),
        )
        for endpoint, name in PLACES
        if endpoint in current_app.view_functions and _is_for_viewer(endpoint)
    ]


def _told(endpoint: str, count: int) -> str:
    if endpoint == "following.missed":
        return ngettext("%(num)s ticket with news", "%(num)s tickets with news", count, num=count)
    return ngettext("%(num)s waits for a person", "%(num)s wait for a person", count, num=count)


def _is_for_viewer(endpoint: str) -> bool:
    """Whether a place belongs in the person's menu: agents have little use for those that others keep."""
    return endpoint != "admin.index" or viewer().is_admin or bool(viewer().headed)


def _awaiting() -> Awaiting:
    """Nothing while the database is away: the page that says so has a menu too."""
    try:
        with reading() as session:
            return read_awaiting(session, viewer(), now=request_at())
    except DBAPIError:
        return Awaiting()

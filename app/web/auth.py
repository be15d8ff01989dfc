"""Who is there, by sessions kept on the server; every endpoint demands one unless `public_endpoints` lists it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import sessions
from app.accounts.policy import Viewer, viewer_roles
from app.accounts.sessions import Found
from app.core import clock
from app.flows.log_in import must_set_up
from app.screens.access import cleared_people, opened_tickets
from app.web.context import end_reading, is_logged_in, reading, system
from app.web.errors import error_page
from app.web.language import gettext, use_language
from app.web.public_endpoints import UNNOTICED_ENDPOINTS, is_open_without_second_factor, is_public


def install(app: Flask) -> None:
    """Look at every request before anything else does."""
    app.before_request(demand_login)


def demand_login() -> AnyResponse | tuple[str, int] | None:
    """Find out who is there; send people without a log-in to the log-in page, others to what they must do first."""
    g.viewer, g.must_set_up = None, False
    endpoint = request.endpoint
    if endpoint == "static":
        return None
    _recognise()
    if endpoint is None or is_public(endpoint):
        return None
    is_page = request.method == "GET" and "HX-Request" not in request.headers
    if not is_logged_in():
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")), 303) if is_page else error_page(401)
    if g.must_set_up and not is_open_without_second_factor(endpoint):
        first = gettext("Set up your second factor first.")
        return redirect(url_for("factors.mine"), 303) if is_page else error_page(403, first)
    return None


def cookie_name() -> str:
    """The cookie's name; with https browsers accept it from this very host only."""
    return "__Host-luukku" if system().settings.has_https else "luukku"


def local_address(wanted: str) -> str:
    """An address that a form asked to go on to, or "" when it leads away from here."""
    parts = urlsplit(wanted)
    is_here = (
        wanted.isprintable()
        and wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not (parts.scheme or parts.netloc)
    )
    return wanted if is_here else ""


def _recognise() -> None:
    key = request.cookies.get(cookie_name())
    if not key:
        return
    with reading() as db:
        found = sessions.find(db, key, at=clock.now(), settings=system().settings)
        if found is None:
            return
        opened = opened_tickets(db, found) if found.is_admin else frozenset()
        cleared = cleared_people(db, found) if found.sees_protected else frozenset()
    g.login_id, g.settings = found.id, found.settings
    g.viewer = _viewer(found, opened, cleared)
    g.must_set_up = must_set_up(system(), found.way, is_admin=found.is_admin)
    use_language(found.language)
    if request.endpoint not in UNNOTICED_ENDPOINTS and "X-Live" not in request.headers:
        _note_presence(found)


def _viewer(login: Found, opened: frozenset[int], cleared: frozenset[int]) -> Viewer:
    units, headed = viewer_roles(login.roles)
    return Viewer(
        login.user_id,
        login.name,
        login.language,
        login.is_admin,
        units,
        headed,
        opened,
        login.single_keys,
        login.sees_protected,
        cleared,
    )


def _note_presence(login: Found) -> None:
    at = clock.now()
    if at - login.seen_at >= sessions.SEEN_EVERY:
        end_reading()
        with system().db.begin() as db:
            sessions.touch(db, login.id, at=at)

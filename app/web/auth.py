"""Log-in by sessions kept on the server; every endpoint demands one unless `public_endpoints` lists it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request, session, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import failed_logins, sessions
from app.accounts.models import LoginSession, User
from app.accounts.passwords import is_right
from app.accounts.policy import Viewer, viewer_roles
from app.core import clock
from app.screens.access import cleared_people, opened_tickets
from app.texts.catalogue import N_
from app.web.context import is_logged_in, system
from app.web.errors import error_page
from app.web.language import gettext, use_language
from app.web.public_endpoints import UNNOTICED_ENDPOINTS, is_public

auth = Blueprint("auth", __name__)
LONGEST_PASSWORD = 1000
WRONG = N_("The address and the password do not belong together.")
TOO_MANY = N_("Too many wrong passwords. Wait a quarter of an hour, then try again.")


def install(app: Flask) -> None:
    """Look at every request before anything else does."""
    app.before_request(demand_login)


def demand_login() -> AnyResponse | tuple[str, int] | None:
    """Find out who is there; send people without a log-in to the log-in page."""
    g.viewer = None
    endpoint = request.endpoint
    if endpoint == "static":
        return None
    _recognise()
    if endpoint is None or is_public(endpoint) or is_logged_in():
        return None
    if request.method == "GET" and "HX-Request" not in request.headers:
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")), 303)
    return error_page(401)


@auth.get("/login")
def login() -> AnyResponse | str:
    """The log-in page."""
    if is_logged_in():
        return redirect(_destination(), 303)
    return _login_page(email=request.args.get("email", ""))


@auth.post("/login")
def log_in() -> AnyResponse | tuple[str, int]:
    """Check name and password; a right pair starts a new session under a new key."""
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    place = request.remote_addr or ""
    with system().db.read() as db:
        if failed_logins.are_too_many(db, email, place=place, at=clock.now()):
            return _login_page(email=email, fault=gettext(TOO_MANY), must_wait=True), 429
    user = _user(email, password)
    if user is None:
        with system().db.begin() as db:
            failed_logins.note(db, email, place=place, at=clock.now())
        return _login_page(email=email, fault=gettext(WRONG)), 422
    _end_session()
    session.clear()
    with system().db.begin() as db:
        failed_logins.forget(db, email, place=place)
        hours, browser = system().settings.session_hours, request.headers.get("User-Agent", "")
        key = sessions.start(db, user.id, at=clock.now(), hours=hours, browser=browser)
    response = redirect(_destination(), 303)
    _set_cookie(response, key)
    return response


@auth.post("/logout")
def logout() -> AnyResponse:
    """End the session on the server, not only in the browser."""
    _end_session()
    session.clear()
    response = redirect(url_for("auth.login"), 303)
    response.delete_cookie(cookie_name(), path="/")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def cookie_name() -> str:
    """The cookie's name; with https browsers accept it from this very host only."""
    return "__Host-luukku" if system().settings.has_https else "luukku"


def _recognise() -> None:
    key = request.cookies.get(cookie_name())
    if not key:
        return
    at, settings = clock.now(), system().settings
    with system().db.read() as db:
        found = sessions.find(db, key, at=at, idle=timedelta(minutes=settings.session_idle_minutes))
        if found is None:
            return
        login_row, user = found
        opened = opened_tickets(db, user.id, login_row) if user.is_admin else frozenset()
        cleared = cleared_people(db, user.id, login_row) if user.sees_protected else frozenset()
    g.login_id = login_row.id
    g.viewer = _viewer(user, opened, cleared)
    use_language(user.language)
    if request.endpoint not in UNNOTICED_ENDPOINTS and "X-Live" not in request.headers:
        _note_presence(login_row)


def _viewer(user: User, opened: frozenset[int], cleared: frozenset[int]) -> Viewer:
    units, headed = viewer_roles([(place.unit_id, place.role) for place in user.memberships])
    return Viewer(
        user.id,
        user.name,
        user.language,
        user.is_admin,
        units,
        headed,
        opened,
        user.single_keys,
        user.sees_protected,
        cleared,
    )


def _note_presence(login_row: LoginSession) -> None:
    at = clock.now()
    if at - login_row.seen_at >= sessions.SEEN_EVERY:
        with system().db.begin() as db:
            sessions.touch(db, login_row.id, at=at)


def _user(email: str, password: str) -> User | None:
    """The active user of a right pair; an unknown name takes as long as a wrong password."""
    with system().db.read() as db:
        user = db.scalar(select(User).where(func.lower(User.email) == email.lower(), User.is_active))
    fits = is_right(user.password_hash if user else None, password[:LONGEST_PASSWORD])
    return user if fits else None


def _end_session() -> None:
    if key := request.cookies.get(cookie_name()):
        with system().db.begin() as db:
            sessions.revoke(db, key, at=clock.now())


def _set_cookie(response: Response | AnyResponse, key: str) -> None:
    response.set_cookie(
        cookie_name(),
        key,
        httponly=True,
        samesite="Lax",
        secure=system().settings.has_https,
        path="/",
        max_age=system().settings.session_hours * 3600,
    )


def _destination() -> str:
    """Where the person wanted to go, if that is here."""
    return local_address(request.values.get("next", "")) or url_for("home")


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


def _login_page(*, email: str = "", fault: str = "", must_wait: bool = False) -> str:
    values = {"email": email, "fault": fault, "must_wait": must_wait, "next": request.values.get("next", "")}
    return render_template("login.html", **values, is_demo=current_app.config["LUUKKU_DEMO"])

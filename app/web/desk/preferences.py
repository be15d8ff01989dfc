"""My settings: language, keys, density, how a person logs in, and where they are logged in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import sessions
from app.accounts.models import LoginSession, User
from app.core.errors import InvalidInputError
from app.flows.own_settings import UNDO_CHOICES, choose, end_logins
from app.flows.passkeys import of_viewer
from app.flows.second_factor import standing
from app.screens.start_page import start_choices
from app.web.context import end_reading, login_id, reading, request_at, settings, system, viewer
from app.web.desk.browsers import browser_name
from app.web.language import spoken
from app.web.login.pages import site
from app.web.row_ids import row_id

preferences = Blueprint("preferences", __name__, url_prefix="/desk/settings")
COOKIE = "luukku-density"
DENSITIES = ("compact", "comfortable")
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Tell the templates how dense this browser wants its pages."""
    app.jinja_env.globals.update(density=density, browser_name=browser_name, idle=idle)


def density() -> str:
    """The density that this browser remembers."""
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in DENSITIES else DENSITIES[0]


@preferences.get("/")
def mine() -> str:
    """The form, and where the person is logged in."""
    return _page(viewer().language)


@preferences.post("/")
def keep() -> Response | tuple[str, int]:
    """Keep the choices: language and keys with the person, the density with the browser."""
    language, dense = request.form.get("language", ""), request.form.get("density", "")
    try:
        undo = request.form.get("undo", type=row_id)
        choose(
            system(),
            viewer(),
            language,
            single_keys=request.form.get("keys") != "off",
            undo_seconds=undo,
            starts_with=request.form.get("start", ""),
        )
    except InvalidInputError as error:
        return _page(language, spoken(error.fields)), 422
    response = redirect(url_for("preferences.mine"), 303)
    if dense in DENSITIES:
        is_secure = system().settings.has_https
        response.set_cookie(COOKIE, dense, max_age=YEAR, samesite="Lax", httponly=True, secure=is_secure)
    return response


@preferences.post("/logins")
def end_others() -> Response:
    """End one log-in of the person, or with `login=others` all but this one."""
    one = request.form.get("login", type=row_id)
    ended = [one] if one is not None else []
    if request.form.get("login") == "others":
        ended = [login.id for login in _logins() if login.id != login_id()]
    end_logins(system(), viewer(), ended)
    return redirect(url_for("preferences.mine"), 303)


@preferences.post("/stay")
def stay() -> tuple[str, int]:
    """The person is still there: asked by the page that warns before it logs them out."""
    return "", 204


def _page(chosen: str, faults: Mapping[str, str] | None = None) -> str:
    own = {"logins": _logins(), **_own()}
    end_reading()
    values = {
        **own,
        "faults": faults or {},
        "chosen": chosen,
        "here": login_id(),
        "undo_choices": UNDO_CHOICES,
        "usual_undo": settings().undo_seconds,
        "factor": standing(system(), viewer()),
        "passkeys": of_viewer(system(), viewer()),
        "has_passkeys": site() is not None,
        "suggested": browser_name(request.headers.get("User-Agent", "")),
    }
    return render_template("desk/settings.html", **values)


def _own() -> dict[str, object]:
    with reading() as session:
        own = session.get_one(User, viewer().user_id)
        return {"undo": own.undo_seconds, "start": own.starts_with, "views": start_choices(session, viewer())}


def _logins() -> list[LoginSession]:
    with reading() as session:
        return sessions.living(session, viewer().user_id, at=request_at(), idle=idle())


def idle() -> timedelta:
    """How long nobody needs to be there before a log-in ends."""
    return timedelta(minutes=settings().session_idle_minutes)

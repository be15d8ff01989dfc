"""My settings: the desk's language for a person, and how dense this browser shows it."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import InvalidInputError
from app.flows.own_settings import choose
from app.web.context import system, viewer
from app.web.language import gettext

preferences = Blueprint("preferences", __name__, url_prefix="/desk/settings")
COOKIE = "luukku-density"
DENSITIES = ("compact", "comfortable")
YEAR = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Tell the templates how dense this browser wants its pages."""
    app.jinja_env.globals["density"] = density


def density() -> str:
    """The density that this browser remembers."""
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in DENSITIES else DENSITIES[0]


@preferences.get("/")
def mine() -> str:
    """The form."""
    return render_template("desk/settings.html", faults={}, chosen=viewer().language)


@preferences.post("/")
def keep() -> Response | tuple[str, int]:
    """Keep both choices: the language with the person, the density with the browser."""
    language, dense = request.form.get("language", ""), request.form.get("density", "")
    try:
        choose(system(), viewer(), language, single_keys=request.form.get("keys") != "off")
    except InvalidInputError as error:
        faults = {name: gettext(message) for name, message in error.fields.items()}
        return render_template("desk/settings.html", faults=faults, chosen=language), 422
    response = redirect(url_for("preferences.mine"), 303)
    if dense in DENSITIES:
        is_secure = system().settings.has_https
        response.set_cookie(COOKIE, dense, max_age=YEAR, samesite="Lax", httponly=True, secure=is_secure)
    return response

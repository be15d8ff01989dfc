"""Choosing a password by a link, and asking for such a link: both without a log-in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import doors
from app.core.errors import InvalidInputError, NotFoundError
from app.flows import access_links
from app.flows.knock import knock
from app.web.context import system
from app.web.language import gettext
from app.web.login.entering import place

welcome = Blueprint("welcome", __name__)
Answer = Response | str | tuple[str, int]


@welcome.get("/welcome/<token>")
def show(token: str) -> Answer:
    """The form for a new password; a link that does not work leads to a new one."""
    return _page(token)


@welcome.post("/welcome/<token>")
def choose(token: str) -> Answer:
    """Keep the password, and go on to the log-in."""
    try:
        email = access_links.choose_password(system(), token, request.form.get("password", ""))
    except InvalidInputError as error:
        return _page(token, fault=error.fields["password"], status=422)
    except NotFoundError:
        return _page(token)
    return redirect(url_for("auth.login", email=email, done="password"), 303)


@welcome.get("/password")
def forgotten() -> str:
    """Where to say that one has lost the password."""
    return render_template("login/forgotten.html", email=request.args.get("email", ""), is_sent=False)


@welcome.post("/password")
def ask() -> str:
    """Send a link to the address, if it is somebody's; the page tells the same in both cases."""
    knock(system(), doors.STEPS, place())
    email = request.form.get("email", "")[:255]
    access_links.ask_for_link(system(), email)
    return render_template("login/forgotten.html", email=email, is_sent=True)


def _page(token: str, *, fault: str = "", status: int = 200) -> Answer:
    try:
        whose = access_links.invited(system(), token)
    except NotFoundError as error:
        return render_template("login/forgotten.html", email="", is_sent=False, fault=gettext(str(error))), 404
    return render_template(
        "login/welcome.html", whose=whose, token=token, fault=gettext(fault) if fault else ""
    ), status

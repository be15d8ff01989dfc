"""The log-in page, its form of address and password, and the way out."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Way
from app.core.errors import ForbiddenError, InvalidInputError, TooManyError
from app.flows.log_in import by_password
from app.web.auth import cookie_name
from app.web.context import is_logged_in, system
from app.web.language import gettext
from app.web.login.entering import destination, enter, leave, place, remember
from app.web.login.pages import Answer, held_page, login_page

auth = Blueprint("auth", __name__)


@auth.get("/login")
def login() -> Response | str:
    """The log-in page."""
    if is_logged_in():
        return redirect(destination(), 303)
    return login_page(email=request.args.get("email", ""))


@auth.post("/login")
def log_in() -> Response | Answer:
    """Check name and password: a right pair opens the desk, or leads to the page that asks for a code."""
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    try:
        passed = by_password(system(), email, password, place=place())
    except TooManyError as error:
        return held_page(error, email=email)
    except InvalidInputError as error:
        message = error.fields["password"]
        return login_page(email=email, fault=gettext(message)), 422
    except ForbiddenError as error:
        return login_page(email=email, notice=gettext(str(error))), 403
    if not passed.step:
        return enter(passed.user_id, Way.PASSWORD)
    remember(passed.step)
    return redirect(url_for("code.ask"), 303)


@auth.post("/logout")
def logout() -> Response:
    """End the session on the server, not only in the browser."""
    leave()
    response = redirect(url_for("auth.login"), 303)
    response.delete_cookie(cookie_name(), path="/")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response

"""The page between password and desk that asks for a code of the app, or for a recovery code."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import User, Way
from app.core.errors import InvalidInputError, NotFoundError, TooManyError
from app.flows.log_in import asked_for_code, by_code
from app.web.context import system
from app.web.language import gettext, use_language
from app.web.login.entering import enter, place, step_key
from app.web.login.pages import Answer, login_page
from app.web.too_many import retry_after, try_again

code = Blueprint("code", __name__, url_prefix="/login/code")


@code.get("")
def ask() -> Response | str:
    """The page; without a right password a moment ago, the log-in page."""
    if _asked() is None:
        return redirect(url_for("auth.login"), 303)
    return _page()


@code.post("")
def check() -> Response | Answer:
    """A right code opens the desk, once."""
    _asked()
    try:
        user_id = by_code(system(), step_key(), request.form.get("code", ""), place=place())
    except NotFoundError as error:
        return login_page(notice=gettext(str(error))), 422
    except TooManyError as error:
        return _page(held=try_again(error)), 429, retry_after(error)
    except InvalidInputError as error:
        message = error.fields["code"]
        return _page(fault=gettext(message)), 422
    return enter(user_id, Way.CODE)


def _asked() -> User | None:
    """The person whose password was right; the page speaks their language."""
    user = asked_for_code(system(), step_key())
    if user is not None:
        use_language(user.language)
    return user


def _page(*, fault: str = "", held: str = "") -> str:
    return render_template("login/code.html", fault=fault, held=held)

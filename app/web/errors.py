"""Errors as pages: the tree of `core.errors` and HTTP's own, in the reader's language and in plain words."""

from __future__ import annotations

import secrets

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from app.core.db import will_pass
from app.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LuukkuError,
    NotFoundError,
    TokenError,
    TooManyError,
)
from app.core.log import get_logger
from app.texts.catalogue import N_
from app.web.language import gettext
from app.web.too_many import retry_after, try_again

log = get_logger(__name__)
Page = tuple[str, int]
STATUS: dict[type[LuukkuError], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    InvalidInputError: 422,
    ConflictError: 409,
    TokenError: 403,
}
TITLES = {
    400: N_("This request cannot be used"),
    401: N_("You are not logged in"),
    403: N_("This is not yours to do"),
    404: N_("There is no such page"),
    405: N_("This address is for forms only"),
    409: N_("Something has changed meanwhile"),
    413: N_("This is too large"),
    422: N_("Something is missing"),
    429: N_("Too often"),
    500: N_("Something went wrong here"),
    503: N_("Nothing can be saved just now"),
}
KEEP_TYPED = frozenset({400, 401, 403, 404, 409, 500, 503})
TYPED = ("body", "reason", "name", "email", "phone", "postal")
EXPLAINED = {
    401: N_("You have been logged out. Log in in a new tab, come back here and send the form again."),
    404: N_("It does not exist, or it is not for you."),
    503: N_("The database does not answer. What you wrote stands below; send it again in a minute."),
    500: N_("It is not your fault. Nothing was changed. Try again, or tell the administrator this number."),
}


def install(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(LuukkuError, _ours)
    app.register_error_handler(TooManyError, _too_many)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, message: str = "", *, incident: str = "") -> Page:
    """The page of a status with an explanation."""
    title = gettext(TITLES.get(status, TITLES[400]))
    said = message or gettext(EXPLAINED.get(status, ""))
    values = {"title": title, "message": said, "incident": incident, "status": status, "typed": _typed(status)}
    return render_template("errors/error.html", **values), status


def _typed(status: int) -> str:
    """What the person had written, so that no error takes it away."""
    if request.method != "POST" or status not in KEEP_TYPED:
        return ""
    return "\n\n".join(text for name in TYPED if (text := request.form.get(name, "").strip()))


def _ours(error: LuukkuError) -> Page:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    if status == 500:
        return _unexpected(error)
    said = " ".join(gettext(message) for message in _messages(error))
    return error_page(status, said)


def _too_many(error: TooManyError) -> tuple[str, int, dict[str, str]]:
    return *error_page(429, try_again(error)), retry_after(error)


def _messages(error: LuukkuError) -> list[str]:
    return list(error.fields.values()) if isinstance(error, InvalidInputError) else [str(error)]


def _form_too_old(_error: CSRFError) -> Page:
    said = gettext("The form was open for too long, or came from elsewhere. Go back and send it again.")
    return error_page(400, said)


def _http(error: HTTPException) -> Page:
    return error_page(error.code or 500)


def _unexpected(error: Exception) -> Page:
    """Whatever else: a number for the log, and no word of what happened. A database that is away comes back."""
    incident = secrets.token_hex(4)
    log.error("request_failed", incident=incident, endpoint=request.endpoint, exc_info=error)
    is_away = isinstance(error, DBAPIError) and will_pass(error)
    return error_page(503 if is_away else 500, incident=incident)

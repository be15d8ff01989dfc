"""The end of every way in: a new session under a new key, and on to the page that was asked for."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.accounts import sessions
from app.accounts.models import Way
from app.accounts.tuning import RANGES
from app.core import clock
from app.flows.log_in import open_desk
from app.web.auth import cookie_name, local_address
from app.web.context import system

STEP = "step"
NEXT = "next"


def place() -> str:
    """The browser's network address."""
    return request.remote_addr or ""


def remember(step: str) -> None:
    """Keep with the browser what waits for its other half, and where the person wanted to go."""
    session[STEP], session[NEXT] = step, wanted()


def step_key() -> str:
    """The key of what waits; "" when nothing does."""
    return str(session.get(STEP, ""))


def wanted() -> str:
    """Where the person wanted to go, if that is here: as the request says, else as it was remembered."""
    return local_address(request.values.get("next", "") or str(session.get(NEXT, "")))


def destination() -> str:
    """Where to go after the log-in."""
    return wanted() or url_for("home")


def enter(user_id: int, way: Way) -> Response:
    """Open the desk for a person and go on. Raises ForbiddenError for one who has left."""
    response = redirect(destination(), 303)
    key = open_desk(system(), user_id, way=way, browser=request.headers.get("User-Agent", ""))
    leave()
    response.set_cookie(
        cookie_name(),
        key,
        httponly=True,
        samesite="Lax",
        secure=system().settings.has_https,
        path="/",
        max_age=RANGES["session_hours"][1] * 3600,  # the server ends it earlier
    )
    return response


def leave() -> None:
    """End the browser's session on the server, and forget all that waits."""
    if key := request.cookies.get(cookie_name()):
        with system().db.begin() as db:
            sessions.revoke(db, key, at=clock.now())
    session.clear()

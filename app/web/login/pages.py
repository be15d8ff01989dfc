"""The log-in page as it stands at first, and with what went wrong."""

from __future__ import annotations

from flask import current_app, render_template, request

from app.accounts.passkeys import Site, site_of
from app.core.errors import TooManyError
from app.web.context import system
from app.web.language import gettext
from app.web.login.entering import wanted
from app.web.too_many import retry_after, try_again

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


def login_page(*, email: str = "", fault: str = "", notice: str = "", title: str = "") -> str:
    """The page; `fault` belongs to address and password, `notice` to neither."""
    return render_template(
        "login/login.html",
        email=email,
        fault=fault,
        notice=notice,
        title=title or gettext("That did not work."),
        next=request.form.get("next", "") or wanted(),
        has_passkeys=site() is not None,
        service=current_app.config["LUUKKU_SERVICE"],
    )


def held_page(error: TooManyError, *, email: str = "") -> Answer:
    """The page that says when to try again."""
    page = login_page(email=email, notice=try_again(error), title=gettext("Not now."))
    return page, 429, retry_after(error)


def site() -> Site | None:
    """Whom passkeys made here are for; None where the address is a number."""
    return site_of(system().settings.base_url, request.host_url.rstrip("/"))

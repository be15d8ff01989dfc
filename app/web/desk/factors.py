"""The second factor in "My settings": an app that shows codes is set up, its recovery codes are shown once."""

from __future__ import annotations

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.errors import InvalidInputError
from app.flows import second_factor
from app.flows.log_in import demands_second
from app.web.context import login_id, system, viewer
from app.web.language import spoken

factors = Blueprint("factors", __name__, url_prefix="/desk/settings/second-factor")
Answer = tuple[str, int]


@factors.get("/")
def mine() -> str:
    """How the person stands, and what they can do."""
    return _page()


@factors.post("/begin")
def begin() -> Response:
    """A new secret; the page shows it."""
    second_factor.begin(system(), viewer())
    return redirect(url_for("factors.mine"), 303)


@factors.post("/confirm")
def confirm() -> str | Answer:
    """The first code of the app; the recovery codes, for the only time."""
    try:
        codes = second_factor.confirm(system(), viewer(), request.form.get("code", ""), login_id=login_id())
    except InvalidInputError as error:
        return _page(error), 422
    return render_template("desk/recovery_codes.html", codes=codes)


@factors.post("/codes")
def renew() -> str | Answer:
    """New recovery codes in place of the old ones."""
    try:
        codes = second_factor.renew_codes(system(), viewer(), request.form.get("password", ""))
    except InvalidInputError as error:
        return _page(error, form="codes"), 422
    return render_template("desk/recovery_codes.html", codes=codes)


@factors.post("/off")
def turn_off() -> Response | Answer:
    """Do without it."""
    try:
        second_factor.turn_off(system(), viewer(), request.form.get("password", ""))
    except InvalidInputError as error:
        return _page(error, form="off"), 422
    return redirect(url_for("preferences.mine", _anchor="factor"), 303)


def _page(error: InvalidInputError | None = None, *, form: str = "") -> str:
    standing = second_factor.standing(system(), viewer())
    return render_template(
        "desk/second_factor.html",
        standing=standing,
        picture=_picture(standing.address) if standing.address else "",
        faults=spoken(error.fields if error else None),
        form=form,
        is_demanded=demands_second(system(), is_admin=viewer().is_admin),
    )


def _picture(address: str) -> Markup:
    """The QR code as SVG that stands in the page; black on white in either scheme, as cameras want it."""
    drawn = segno.make(address, error="m").svg_inline(scale=5, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - numbers of squares only: no text of anybody stands in it

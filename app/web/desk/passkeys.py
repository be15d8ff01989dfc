"""Passkeys in "My settings": the page's script makes one with the device; the list removes them."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, session, url_for
from werkzeug.wrappers import Response

from app.flows import passkeys as flow
from app.web.context import system, viewer
from app.web.login.passkey_answers import answer_of, name_of, refusals_told, site_or_refuse

passkeys = Blueprint("passkeys", __name__, url_prefix="/desk/settings/passkeys")
STEP = "new-passkey"


@passkeys.post("/options")
@refusals_told
def options() -> Response:
    """What `navigator.credentials.create` is to be given."""
    asked = flow.ask_for_new(system(), viewer(), site_or_refuse())
    session[STEP] = asked.key
    return jsonify(asked.options)


@passkeys.post("/")
@refusals_told
def add() -> Response:
    """Keep the key that the device made; told where to go on to."""
    flow.add(system(), viewer(), site_or_refuse(), session.pop(STEP, ""), answer_of(), name=name_of())
    return jsonify(next=url_for("preferences.mine", _anchor="passkeys"))


@passkeys.post("/<int:passkey_id>/remove")
def remove(passkey_id: int) -> Response:
    """A key that opens nothing any more."""
    flow.remove(system(), viewer(), passkey_id)
    return redirect(url_for("preferences.mine", _anchor="passkeys"), 303)

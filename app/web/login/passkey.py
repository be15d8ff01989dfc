"""Log-in by passkey: the page's script asks what to ask the device for, and brings its answer."""

from __future__ import annotations

from flask import Blueprint, jsonify, session
from werkzeug.wrappers import Response

from app.accounts.models import Way
from app.flows import passkeys
from app.web.context import system
from app.web.login.entering import STEP, enter, place
from app.web.login.passkey_answers import Told, answer_of, refusals_told, site_or_refuse

passkey = Blueprint("passkey", __name__, url_prefix="/login/passkey")


@passkey.post("/options")
@refusals_told
def options() -> Response:
    """What `navigator.credentials.get` is to be given."""
    asked = passkeys.ask_to_log_in(system(), site_or_refuse(), place=place())
    session[STEP] = asked.key
    return jsonify(asked.options)


@passkey.post("")
@refusals_told
def log_in() -> Response | Told:
    """A true answer opens the desk; told where to go on to."""
    key = session.pop(STEP, "")
    user_id = passkeys.log_in(system(), site_or_refuse(), key, answer_of(), place=place())
    entered = enter(user_id, Way.PASSKEY)
    response = jsonify(next=entered.headers["Location"])
    response.headers.extend([("Set-Cookie", one) for one in entered.headers.getlist("Set-Cookie")])
    return response

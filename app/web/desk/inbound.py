"""What came in and became nothing: the quarantine, and what was left aside."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from app.core.errors import InvalidInputError
from app.intake.models import Fate
from app.screens.inbound_list import FATES, read_inbound, visible_item
from app.screens.kept_files import inbound_file
from app.texts.catalogue import N_
from app.web.context import system, viewer
from app.web.desk.files import served
from app.web.language import gettext

inbound = Blueprint("inbound", __name__, url_prefix="/desk/inbound")
REASONS = {
    "too_large": N_("larger than is read"),
    "too_deep": N_("nested deeper than is read"),
    "too_many_parts": N_("more parts than are read"),
    "header_too_large": N_("a header larger than is read"),
    "not_a_pdf": N_("not a PDF"),
    "bad_call_event": N_("a call event that cannot be used"),
    "filing_failed": N_("could not be filed"),
    "duplicate": N_("delivered before"),
    "our_own_message": N_("our own message came back"),
    "caller_hung_up": N_("the caller hung up"),
    "bounce_of_unknown_message": N_("a delivery report about no message of ours"),
    "auto_reply": N_("an automatic reply that answers nothing of ours"),
}


@inbound.get("/")
def index() -> str:
    """The quarantine, or with `fate=ignored` what was left aside."""
    fate = request.args.get("fate", Fate.QUARANTINED)
    if fate not in FATES:
        raise InvalidInputError({"fate": "There is no such choice."})
    with system().db.read() as session:
        page = read_inbound(session, viewer(), Fate(fate), before=request.args.get("before", type=int))
    return render_template("desk/inbound.html", page=page, fate=fate, reason_words=reason_words)


@inbound.get("/<int:inbound_id>/original")
def original(inbound_id: int) -> Response:
    """The bytes as they came, to save."""
    with system().db.read() as session:
        file = inbound_file(session, system().settings.data_dir, visible_item(session, viewer(), inbound_id))
    return served(file, inline=False)


def reason_words(reason: str) -> str:
    """Why an item became nothing."""
    key, _, detail = reason.partition(":")
    return gettext(REASONS[key]) + (f" ({detail.strip()})" if detail else "") if key in REASONS else reason

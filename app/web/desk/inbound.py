"""What came in and became nothing: the quarantine, and what was left aside."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from app.core.errors import InvalidInputError
from app.intake.models import Fate
from app.screens.inbound_list import FATES, failing_sources, read_inbound, visible_item
from app.screens.kept_files import inbound_file
from app.web.context import system, viewer
from app.web.desk.files import served
from app.web.reasons import ledger_words
from app.web.row_ids import row_id

inbound = Blueprint("inbound", __name__, url_prefix="/desk/inbound")


@inbound.get("/")
def index() -> str:
    """The quarantine, or with `fate=ignored` what was left aside."""
    fate = request.args.get("fate", Fate.QUARANTINED)
    if fate not in FATES:
        raise InvalidInputError({"fate": "There is no such choice."})
    with system().db.read() as session:
        page = read_inbound(session, viewer(), Fate(fate), before=request.args.get("before", type=row_id))
        failing = failing_sources(session, viewer())
    return render_template("desk/inbound.html", page=page, fate=fate, failing=failing, reason_words=ledger_words)


@inbound.get("/<int:inbound_id>/original")
def original(inbound_id: int) -> Response:
    """The bytes as they came, to save."""
    with system().db.read() as session:
        file = inbound_file(session, system().settings.data_dir, visible_item(session, viewer(), inbound_id))
    return served(file, inline=False)

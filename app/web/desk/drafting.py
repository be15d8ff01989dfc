"""What the composer keeps while somebody writes, and who is at a ticket: asked by the page itself, answered small."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from app.flows import draft as draft_flow
from app.tickets.drafts import DraftConflictError, Mode
from app.web.context import system, viewer
from app.web.desk.composer import Composer
from app.web.row_ids import row_id

drafting = Blueprint("drafting", __name__, url_prefix="/desk/tickets/<reference>")
Told = tuple[Response, int]


@drafting.post("/drafts/<mode>")
def keep(reference: str, mode: str) -> Told:
    """Keep the text: `{"revision"}`; 409 with `{"revision", "body"}` of what another window has written."""
    composer = Composer.typed(request.form, mode=_mode(mode))
    try:
        revision = draft_flow.save(
            system(), viewer(), reference, _mode(mode), composer.written(), revision=composer.revision
        )
    except DraftConflictError as error:
        return jsonify(revision=error.revision, body=error.body), 409
    return jsonify(revision=revision), 200


@drafting.post("/presence")
def be_here(reference: str) -> Told:
    """The person is at the ticket; `writing` says whether they write, `gone` that they have left.

    `shown` is the newest event that their page shows.
    """
    if request.form.get("gone"):
        draft_flow.leave(system(), viewer(), reference)
    else:
        is_writing, shown = bool(request.form.get("writing")), request.form.get("shown", type=row_id) or 0
        draft_flow.be_present(system(), viewer(), reference, is_writing=is_writing, shown=shown)
    return jsonify(), 200


def _mode(name: str) -> Mode:
    try:
        return Mode(name)
    except ValueError:
        abort(404)

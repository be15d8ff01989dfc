"""Ringing calls: a card in the desk, and the answering of it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.flows import call as call_flow
from app.screens.ringing import read_ringing
from app.web.context import reading, request_at, system, viewer

calls = Blueprint("calls", __name__, url_prefix="/desk/calls")


@calls.get("/ringing")
def ringing() -> str:
    """The cards of the calls that ring now, for the page to fetch every other second."""
    with reading() as session:
        found = read_ringing(session, viewer(), now=request_at())
    return render_template("desk/ringing.html", ringing=found)


@calls.post("/<int:call_id>/answer")
def answer(call_id: int) -> Response:
    """Answer the call: it becomes a ticket, and its note is what comes next."""
    reference = call_flow.answer(system(), viewer(), call_id)
    return redirect(url_for("ticket.show", reference=reference, mode="call") + "#write", 303)

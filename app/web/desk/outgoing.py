"""What waits to leave, what did not arrive, and what to do about it."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.screens.outgoing import read_outgoing
from app.web.context import reading, request_at, viewer
from app.web.reasons import failure_words, withheld_words

outgoing = Blueprint("outgoing", __name__, url_prefix="/desk/outgoing")


@outgoing.get("/")
def index() -> str:
    """The page of the person's units."""
    with reading() as session:
        page = read_outgoing(session, viewer(), now=request_at())
    return render_template("desk/outgoing.html", page=page, failure_words=failure_words, withheld_words=withheld_words)

"""What a person has missed, which tickets they follow, and which colleagues a note can name."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.flows import follow as flow
from app.screens.access import readable
from app.screens.missed import read_missed
from app.web.context import reading, request_at, system, viewer
from app.web.desk.actions import back_to
from app.web.row_ids import row_id

following = Blueprint("following", __name__, url_prefix="/desk")


@following.get("/news")
def missed() -> str:
    """What others did to the person's tickets since they last looked."""
    with reading() as session:
        found = read_missed(session, viewer(), now=request_at())
    newest = max((one.newest for one in found), default=0)
    return render_template("desk/missed.html", found=found, newest=newest)


@following.post("/news/seen")
def see_all() -> Answer:
    """All that the page showed has been seen."""
    flow.see_all(system(), viewer(), up_to=request.form.get("up_to", type=row_id) or 0)
    return redirect(url_for("following.missed"), 303)


@following.post("/tickets/<reference>/follow")
def follow(reference: str) -> Answer:
    """Follow the ticket, or with `off` no more."""
    act = flow.unfollow if "off" in request.form else flow.follow
    act(system(), viewer(), reference)
    return back_to(reference)


@following.get("/tickets/<reference>/colleagues")
def colleagues(reference: str) -> Response:
    """The names that a note can mention, as the composer asks for them."""
    with reading() as session:
        found = flow.colleagues(session, viewer(), readable(session, viewer(), reference))
    return jsonify(names=sorted(set(found.values())))

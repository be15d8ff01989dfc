"""The audit trail, for administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from app.screens.directory import all_staff
from app.screens.trail import PAGE, TrailFilter, read_trail
from app.web.admin.overview import demand_admin
from app.web.admin.trail_words import ACTIONS, action_words
from app.web.context import reading
from app.web.row_ids import row_id

trail = Blueprint("trail", __name__, url_prefix="/desk/admin/trail")


@trail.get("/")
def index() -> str:
    """A page of the trail, filtered by person and kind."""
    demand_admin()
    action = request.args.get("action", "")
    wanted = TrailFilter(
        request.args.get("user", type=row_id),
        action if action in ACTIONS else "",
        request.args.get("before", type=row_id),
    )
    with reading() as session:
        found = read_trail(session, wanted)
        staff = all_staff(session)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    kinds = sorted(((name, action_words(name)) for name in ACTIONS), key=lambda kind: kind[1].lower())
    values: dict[str, Any] = {"user": wanted.user_id, "action": wanted.action or None}
    return render_template(
        "admin/trail.html",
        found=found[:PAGE],
        more=more,
        wanted=wanted,
        values=values,
        staff=staff,
        kinds=kinds,
        action_words=action_words,
    )

"""Views that people keep: a filter is kept under a name, and removed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.flows import views as flow
from app.screens.ticket_filter import TicketFilter
from app.web.context import system, viewer

views = Blueprint("views", __name__, url_prefix="/desk/views")


@views.post("/")
def keep() -> Response:
    """Keep the filter of the address under a name."""
    wanted = TicketFilter.parse(request.args)
    flow.keep(
        system(), viewer(), request.form.get("name", ""), wanted.params(), whose=request.form.get("whose", flow.OWN)
    )
    return redirect(url_for("desk.tickets", **_args(wanted)), 303)


@views.post("/<int:view_id>/remove")
def remove(view_id: int) -> Response:
    """Remove a view; its list stays open."""
    flow.remove(system(), viewer(), view_id)
    return redirect(url_for("desk.tickets", **_args(TicketFilter.parse(request.args))), 303)


def _args(wanted: TicketFilter) -> dict[str, Any]:
    return dict(wanted.params())

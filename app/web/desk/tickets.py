"""The desk: tickets in the order in which they are due."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.changes import newest
from app.flows.views import may_keep
from app.screens.directory import staff_of
from app.screens.rail import read_rail
from app.screens.related import survivor_of
from app.screens.ringing import read_ringing
from app.screens.ticket_filter import TicketFilter
from app.screens.ticket_list import Cursor, read_list
from app.screens.ticket_table import read_table
from app.screens.undoable import read_undoable
from app.screens.view_counts import count_views
from app.tickets import presence
from app.tickets.labels import of_tickets
from app.tickets.views import visible
from app.web.context import reading, request_at, viewer
from app.web.desk.surroundings import zone
from app.web.language import spoken
from app.web.row_ids import row_id

desk = Blueprint("desk", __name__, url_prefix="/desk")


@desk.get("/")
def tickets() -> str:
    """The list, whole or from `after` on."""
    wanted = list_filter()
    if wanted.columns:
        return table_page(wanted)
    with reading() as session:
        shown = list_parts(session, wanted)
    template = "desk/more.html" if "HX-Request" in request.headers else "desk/tickets.html"
    return render_template(template, **shown, current=None)


def table_page(wanted: TicketFilter, *, faults: Mapping[str, str] | None = None) -> str:
    """The list as a table to sort, to choose columns of and to pick tickets from."""
    with reading() as session:
        since = newest(session)
        table = read_table(
            session, wanted, viewer(), now=request_at(), page=request.args.get("page", default=1, type=row_id)
        )
        rows = [row.id for row in table.rows]
        staff = {pair for unit_id in viewer().units for pair in staff_of(session, unit_id)}
        shown = {
            "labels": of_tickets(session, rows),
            "present": presence.at_tickets(session, rows, but=viewer().user_id, now=request_at()),
            "views": visible(session, viewer().user_id, viewer().units),
        }
    return render_template(
        "desk/table.html",
        **shown,
        since=since,
        table=table,
        wanted=wanted,
        columns=wanted.columns.split(","),
        may_keep=may_keep,
        staff=sorted(staff, key=lambda pair: pair[1]),
        faults=spoken(faults),
        typed=request.form,
    )


def list_filter() -> TicketFilter:
    """The filter in the address. Raises InvalidInputError for one that nobody offers."""
    columns = ",".join(request.args.getlist("columns"))  # a form sends them one by one
    return TicketFilter.parse({**request.args, "columns": columns})


def list_parts(session: Session, wanted: TicketFilter) -> dict[str, object]:
    """What the templates of list and rail need."""
    after = Cursor.parse(request.args.get("after", ""))
    since = newest(session)  # before anything else is read: what changes meanwhile is told again
    listed = read_list(session, wanted, viewer(), now=request_at(), zone=zone(), after=after)
    rows = [row.id for section in listed.sections for row in section.rows]
    views = visible(session, viewer().user_id, viewer().units)
    return {
        "since": since,
        "present": presence.at_tickets(session, rows, but=viewer().user_id, now=request_at()),
        "labels": of_tickets(session, rows),
        "views": views,
        "view_counts": count_views(session, views, viewer(), now=request_at()),
        "may_keep": may_keep,
        "undoable": read_undoable(session, viewer(), now=request_at()),
        "ringing": read_ringing(session, viewer(), now=request_at()),
        "wanted": wanted,
        "rail": read_rail(session, viewer(), now=request_at()),
        "listed": listed,
    }


@desk.get("/open")
def open_reference() -> Response:
    """To the ticket of a number that somebody typed, or to the one that it was merged into."""
    digits = "".join(char for char in request.args.get("reference", "") if char.isdigit())
    with reading() as session:
        survivor = survivor_of(session, viewer(), digits)
    return redirect(url_for("ticket.show", reference=survivor or digits or "0"), 303)

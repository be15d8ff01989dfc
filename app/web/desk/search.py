"""Search over tickets: a number opens its ticket, words list what fits."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import NotFoundError
from app.screens.access import ProtectedIdentityError, readable
from app.screens.related import survivor_of
from app.screens.ticket_search import find_tickets, number_in, reference_in
from app.web.context import reading, system, viewer
from app.web.desk.surroundings import directory
from app.web.row_ids import row_id

search = Blueprint("search", __name__, url_prefix="/desk/search")
LONGEST = 200


@search.get("/")
def tickets() -> Response | str:
    """The hits for `q`, or the ticket when it is a whole reference."""
    query = request.args.get("q", "").strip()[:LONGEST]
    with reading() as session:
        reference = reference_in(query)
        if reference is not None:
            try:
                found = readable(session, viewer(), reference)
            except ProtectedIdentityError:
                return redirect(url_for("ticket.show", reference=reference), 303)
            except NotFoundError:
                reference = None
            else:
                survivor = survivor_of(session, viewer(), found.reference) or found.reference
                return redirect(url_for("ticket.show", reference=survivor), 303)
        before = request.args.get("before", type=row_id)
        number = number_in(query, directory().region_of(viewer().units) or system().settings.phone_region)
        result = find_tickets(session, viewer(), number, before=before) if number else None
        if not (result and result.hits):
            result = find_tickets(session, viewer(), query, before=before)
    return render_template("desk/search.html", query=query, result=result)

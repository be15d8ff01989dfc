"""Tickets are merged, linked and split."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.flows import link as link_flow
from app.flows import merge as merge_flow
from app.flows import split as split_flow
from app.flows.split import Split
from app.screens.access import readable, worked_on
from app.web.context import reading, system, viewer
from app.web.desk.actions import back_to, carried_out
from app.web.desk.ticket import Answer, ticket_page
from app.web.desk.tickets import list_filter
from app.web.language import spoken
from app.web.row_ids import row_id

regroup = Blueprint("regroup", __name__, url_prefix="/desk/tickets/<reference>")
FORM = "connect"


@regroup.post("/connect")
def connect(reference: str) -> Response | Answer:
    """Merge the ticket into another one, or with `how=link` only link them."""
    into, reason = request.form.get("into", ""), request.form.get("reason", "")
    if request.form.get("how") == "link":
        return carried_out(
            reference, FORM, lambda: link_flow.link(system(), viewer(), reference, to=into, reason=reason)
        )
    try:
        is_sure = "is_sure" in request.form
        survivor = merge_flow.merge(system(), viewer(), reference, into=into, reason=reason, is_sure=is_sure)
    except InvalidInputError as error:
        return ticket_page(reference, form=FORM, faults=error.fields, status=422)
    except merge_flow.OtherCitizenError as error:
        return ticket_page(reference, form=FORM, faults={"is_sure": str(error)}, status=409)
    except ConflictError as error:
        return ticket_page(reference, form=FORM, faults={"": str(error)}, status=409)
    return back_to(survivor)


@regroup.post("/unlink")
def unlink(reference: str) -> Response | Answer:
    """Take a link away."""
    other = request.form.get("other", "")
    return carried_out(reference, FORM, lambda: link_flow.unlink(system(), viewer(), reference, other=other))


@regroup.get("/messages/<int:message_id>/split")
def ask(reference: str, message_id: int) -> str:
    """The form that makes a message a ticket of its own."""
    return _page(reference, message_id, {})


@regroup.post("/messages/<int:message_id>/split")
def split(reference: str, message_id: int) -> Response | Answer:
    """Do it, and go to the new ticket if it is the person's to read."""
    wish = Split(
        request.form.get("subject", ""),
        request.form.get("unit", type=row_id) or 0,
        request.form.get("reason", ""),
        is_copied=request.form.get("how") == "copy",
    )
    try:
        started = split_flow.split(system(), viewer(), reference, message_id, wish)
    except InvalidInputError as error:
        return _page(reference, message_id, error.fields), 422
    except ConflictError as error:
        return _page(reference, message_id, {"": str(error)}), 409
    with reading() as session:
        try:
            return back_to(readable(session, viewer(), started).reference)
        except NotFoundError:  # it went to a unit that is not theirs
            return back_to(reference)


def _page(reference: str, message_id: int, faults: Mapping[str, str]) -> str:
    with reading() as session:
        ticket = worked_on(session, viewer(), reference)
        message = split_flow.inquiry(session, ticket, message_id)
    said = spoken(faults)
    return render_template(
        "desk/split.html",
        ticket=ticket,
        message=message,
        faults=said,
        typed=request.form,
        params=list_filter().params(),
    )

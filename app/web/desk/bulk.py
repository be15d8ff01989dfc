"""The same done to many tickets: looked at first, then done with progress and an outcome for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.ids import LENGTH
from app.flows import bulk as flow
from app.flows import undo_bulk
from app.screens.directory import names_of
from app.screens.ticket_filter import TicketFilter
from app.texts.catalogue import N_
from app.tickets import labels
from app.tickets.bulk import Action, BulkJob, BulkRow, Kind, counts, undo_of, undo_until
from app.web.context import language, reading, request_at, system, viewer
from app.web.desk.surroundings import directory
from app.web.desk.tickets import list_filter, table_page
from app.web.language import gettext
from app.web.row_ids import row_id

bulk = Blueprint("bulk", __name__, url_prefix="/desk/bulk")
Answer = tuple[str, int]
KINDS = {
    Kind.ASSIGN: N_("Assign to"),
    Kind.MOVE: N_("Move to the unit"),
    Kind.RESOLVE: N_("Mark resolved"),
    Kind.LABEL: N_("Put a label on"),
    Kind.UNLABEL: N_("Take a label off"),
}
OUTCOMES = {"waiting": N_("waits"), "done": N_("done"), "unchanged": N_("was so already"), "failed": N_("not done")}


@dataclass(frozen=True)
class Undo:
    """What a page offers of undoing its order."""

    is_offered: bool
    until: datetime | None
    """None while some of it waits"""
    by: int | None
    """the order that does it, or has done it"""


def install(app: Flask) -> None:
    """Give the templates the words for it."""
    app.jinja_env.globals.update(bulk_kinds=bulk_kinds, bulk_words=bulk_words)
    app.jinja_env.filters["outcome_name"] = lambda outcome: gettext(OUTCOMES[outcome])


@bulk.post("/look")
def look() -> Answer:
    """What would be done, and to which tickets it would not."""
    try:
        action = _action()
        preview = flow.preview(system(), viewer(), _picked(), action)
    except InvalidInputError as error:
        return table_page(_table_filter(), faults=error.fields), 422
    params = list_filter().params()
    html = render_template("desk/bulk.html", preview=preview, action=action, typed=request.form, params=params)
    return html, 200


@bulk.post("")
def start() -> Response | Answer:
    """Order it."""
    try:
        job_id = flow.order(system(), viewer(), _picked(), _action())
    except InvalidInputError as error:
        return table_page(_table_filter(), faults=error.fields), 422
    return redirect(url_for("bulk.show", job_id=job_id, **dict(list_filter().params())), 303)  # type: ignore[arg-type]


@bulk.get("/<int:job_id>")
def show(job_id: int) -> str:
    """How far it is, and what became of each ticket; only for whoever ordered it."""
    return _order_page(job_id)


@bulk.post("/<int:job_id>/undo")
def undo(job_id: int) -> Response | Answer:
    """Turn it back: an order of its own, which is shown; the same one at a second click."""
    try:
        undo_id = undo_bulk.undo(system(), viewer(), job_id)
    except ConflictError as error:
        return _order_page(job_id, fault=str(error)), 409
    return redirect(url_for("bulk.show", job_id=undo_id, **dict(list_filter().params())), 303)  # type: ignore[arg-type]


def _order_page(job_id: int, fault: str = "") -> str:
    with reading() as session:
        job = session.get(BulkJob, job_id)
        if job is None or job.user_id != viewer().user_id:
            raise NotFoundError("There is no such order.")
        rows = session.scalars(select(BulkRow).where(BulkRow.job_id == job_id).order_by(BulkRow.id)).all()
        found = counts(session, job_id)
        asked = job if job.undoes is None else session.get_one(BulkJob, job.undoes)
        offer = _offer(session, job, found)
    return render_template(
        "desk/bulk.html",
        job=job,
        rows=rows,
        counts=found,
        action=asked.asked,
        offer=offer,
        fault=fault,
        params=list_filter().params(),
    )


def _offer(session: Session, job: BulkJob, found: dict[str, int]) -> Undo:
    if job.undoes is not None:
        return Undo(False, None, None)
    by, until = undo_of(session, job.id), undo_until(session, job)
    is_in_time = until is None or request_at() <= until
    has_something = bool(found.get("done") or found.get("waiting"))
    return Undo(by is None and has_something and is_in_time, until, by)


def bulk_kinds() -> list[tuple[str, str]]:
    """What can be done, in words."""
    return [(kind, gettext(words)) for kind, words in KINDS.items()]


def bulk_words(action: Action) -> str:
    """What is to be done, in words."""
    words = gettext(KINDS[action.kind])
    match action.kind:
        case Kind.ASSIGN:
            with reading() as session:
                name = names_of(session, [action.to]).get(action.to, gettext("Nobody"))
            return f"{words} {name}"
        case Kind.MOVE:
            return f"{words} {directory().name(action.to, language())}: {action.text}"
        case Kind.LABEL | Kind.UNLABEL:
            return f"{words}: {action.text}"
    return words


def _picked() -> list[str]:
    """The tickets that the form names; what is no reference was not picked on any page of ours."""
    return [text for text in request.form.getlist("pick") if len(text) == LENGTH and text.isascii() and text.isdigit()]


def _action() -> Action:
    try:
        kind = Kind(request.form.get("kind", ""))
    except ValueError:
        raise InvalidInputError({"kind": "There is no such choice."}) from None
    name = {Kind.ASSIGN: "assignee", Kind.MOVE: "unit"}.get(kind, "")
    text = request.form.get("text", "")
    if kind in (Kind.LABEL, Kind.UNLABEL):
        text = labels.normal(text)
    return Action(kind, request.form.get(name, default=0, type=row_id), text)


def _table_filter() -> TicketFilter:
    wanted = list_filter()
    return wanted if wanted.columns else wanted.with_(columns="due,subject")

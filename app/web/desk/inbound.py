"""What came in and became nothing: the quarantine, what was left aside, and what a person does with it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from app.core.errors import ConflictError, InvalidInputError
from app.flows import rework
from app.flows.rework import Filing
from app.intake import ledger
from app.intake.models import Fate
from app.screens.directory import names_of
from app.screens.inbound_list import (
    VIEWS,
    beginning,
    failing_sources,
    last_comparisons,
    quarantine,
    read_inbound,
    visible_item,
)
from app.screens.kept_files import inbound_file
from app.web.context import reading, system, viewer
from app.web.desk.files import served
from app.web.language import gettext
from app.web.reasons import ledger_words
from app.web.row_ids import row_id

inbound = Blueprint("inbound", __name__, url_prefix="/desk/inbound")
Answer = tuple[str, int]


@inbound.get("/")
def index() -> str:
    """The quarantine, what was left aside (`fate=ignored`), or what has been dealt with (`fate=worked`)."""
    return _list()[0]


@inbound.post("/dismiss")
def dismiss_many() -> Redirect | Answer:
    """Those that were marked need nobody, with one reason."""
    chosen = [
        int(text) for text in request.form.getlist("item") if text.isascii() and text.isdigit() and len(text) < 10
    ]
    try:
        if not chosen:
            raise InvalidInputError({"reason": "Mark the items first."})
        done = rework.dismiss(system(), viewer(), chosen, reason=request.form.get("reason", ""))
    except (InvalidInputError, ConflictError) as error:
        return _list(fault=_said(error), chosen=chosen)
    return redirect(url_for("inbound.index", fate=_view(), done=done), 303)


@inbound.get("/<int:inbound_id>")
def show(inbound_id: int) -> str:
    """One item: why it became nothing, how it begins, and what can be done."""
    return _item(inbound_id)[0]


@inbound.post("/<int:inbound_id>/retry")
def retry(inbound_id: int) -> Redirect | Answer:
    """Read it again."""
    try:
        rework.retry(system(), viewer(), inbound_id)
    except (InvalidInputError, ConflictError) as error:
        return _item(inbound_id, fault=error)
    return redirect(url_for("inbound.index", fate=VIEWS[-1]), 303)


@inbound.post("/<int:inbound_id>/file")
def file(inbound_id: int) -> Redirect | Answer:
    """It is an inquiry: into a ticket, or a new one."""
    told = {name: request.form.get(name, "").strip() for name in ("reference", "subject", "sender")}
    unit = request.form.get("unit", "")
    try:
        filing = Filing(unit_id=int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None, **told)
        reference = rework.file(system(), viewer(), inbound_id, filing)
    except (InvalidInputError, ConflictError) as error:
        return _item(inbound_id, fault=error)
    return redirect(url_for("ticket.show", reference=reference), 303)


@inbound.post("/<int:inbound_id>/dismiss")
def dismiss(inbound_id: int) -> Redirect | Answer:
    """It needs nobody."""
    try:
        rework.dismiss(system(), viewer(), [inbound_id], reason=request.form.get("reason", ""))
    except (InvalidInputError, ConflictError) as error:
        return _item(inbound_id, fault=error)
    return redirect(url_for("inbound.index", done=1), 303)


@inbound.get("/<int:inbound_id>/original")
def original(inbound_id: int) -> Response:
    """The bytes as they came, to save."""
    with reading() as session:
        file = inbound_file(session, system().settings.data_dir, visible_item(session, viewer(), inbound_id))
    return served(file, inline=False)


def _view() -> str:
    view = request.args.get("fate", Fate.QUARANTINED)
    if view not in VIEWS:
        raise InvalidInputError({"fate": "There is no such choice."})
    return view


def _list(*, fault: str = "", chosen: list[int] | None = None) -> Answer:
    view = _view()
    with reading() as session:
        page = read_inbound(session, viewer(), view, before=request.args.get("before", type=row_id))
        html = render_template(
            "desk/inbound.html",
            page=page,
            fate=view,
            failing=failing_sources(session, viewer()),
            comparisons=last_comparisons(session, viewer()),
            waiting=quarantine(session, viewer()),
            names=names_of(session, {item.handled_by for item in page.items if item.handled_by}),
            reason_words=ledger_words,
            fault=fault,
            chosen=chosen or [],
            done=request.args.get("done", type=int),
        )
    return html, 422 if fault else 200


def _item(inbound_id: int, *, fault: InvalidInputError | ConflictError | None = None) -> Answer:
    faults: Mapping[str, str] = fault.fields if isinstance(fault, InvalidInputError) else {}
    with reading() as session:
        item = visible_item(session, viewer(), inbound_id)
        text = beginning(ledger.kept_item(session, system().settings.data_dir, item))
        html = render_template(
            "desk/inbound_item.html",
            item=item,
            text=text,
            units=rework.own_units(session, viewer()),
            names=names_of(session, {item.handled_by} if item.handled_by else set()),
            reason_words=ledger_words,
            faults={name: gettext(words) for name, words in faults.items()},
            conflict=gettext(str(fault)) if isinstance(fault, ConflictError) else "",
            typed=request.form,
        )
    status = 200 if fault is None else 422 if isinstance(fault, InvalidInputError) else 409
    return html, status


def _said(error: InvalidInputError | ConflictError) -> str:
    words = next(iter(error.fields.values())) if isinstance(error, InvalidInputError) else str(error)
    return gettext(words)

"""The texts of a unit: the list and the forms of those who keep them, and a text filled in for the composer."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for

from app.accounts.policy import may_word
from app.articles import templates as texts
from app.articles.templates import TextTemplate
from app.core.errors import InvalidInputError, NotFoundError
from app.flows import templates as flow
from app.flows.templates import Wording
from app.screens.text_templates import filled_text
from app.web.context import reading, system, viewer
from app.web.desk.surroundings import directory
from app.web.language import spoken
from app.web.row_ids import row_id

templates = Blueprint("templates", __name__, url_prefix="/desk")
Answer = str | tuple[str, int]


@templates.get("/templates/")
def index() -> str:
    """The texts that the person can use or change."""
    with reading() as session:
        listed = texts.listed(session, None if viewer().is_admin else viewer().units)
    return render_template("desk/templates.html", listed=listed, may_word=may_word)


@templates.get("/templates/new")
def new() -> str:
    """An empty form."""
    demand_writer()
    return _form(None, {"language": directory_language(), "unit": str(min(viewer().headed, default=""))})


@templates.get("/templates/<int:template_id>")
def edit(template_id: int) -> str:
    """The form of a text."""
    row = _row(template_id)
    kept = {"unit": str(row.unit_id or ""), "language": row.language, "name": row.name, "body": row.body}
    return _form(row, kept)


@templates.post("/templates/new")
def add() -> Response | Answer:
    """Keep a new text."""
    demand_writer()
    return _keep(None)


@templates.post("/templates/<int:template_id>")
def change(template_id: int) -> Response | Answer:
    """Change a text, or with `retired` take it out of use or back."""
    row = _row(template_id)
    if "retired" in request.form:
        flow.retire(system(), viewer(), row.id, is_retired=request.form["retired"] == "yes")
        return redirect(url_for("templates.index"), 303)  # type: ignore[return-value]
    return _keep(row)


@templates.get("/tickets/<reference>/templates/<int:template_id>")
def text(reference: str, template_id: int) -> Response:
    """The text filled in for a ticket, as the composer takes it."""
    with reading() as session:
        body = filled_text(session, viewer(), reference, template_id)
    return Response(body, content_type="text/plain; charset=utf-8")


@templates.get("/templates/signatures/<int:unit_id>")
def signatures(unit_id: int) -> str:
    """How a unit's answers are signed."""
    return _signing(unit_id, directory().units[_signed(unit_id)].signatures)


@templates.post("/templates/signatures/<int:unit_id>")
def sign(unit_id: int) -> Response | Answer:
    """Keep the signatures of a unit."""
    try:
        flow.sign(system(), viewer(), _signed(unit_id), request.form)
    except InvalidInputError as error:
        return _signing(unit_id, request.form, error.fields), 422
    return redirect(url_for("templates.index"), 303)  # type: ignore[return-value]


def _signed(unit_id: int) -> int:
    if unit_id not in directory().units or not may_word(viewer(), unit_id):
        raise NotFoundError("There is no such page.")
    return unit_id


def _signing(unit_id: int, typed: Mapping[str, str], faults: Mapping[str, str] | None = None) -> str:
    said = spoken(faults)
    return render_template("desk/signatures.html", unit_id=unit_id, typed=typed, faults=said)


def demand_writer() -> None:
    """Raise NotFoundError for whoever keeps no unit's texts."""
    if not (viewer().is_admin or viewer().headed):
        raise NotFoundError("There is no such page.")


def directory_language() -> str:
    """The language in which the person's first unit answers."""
    unit = directory().units.get(min(viewer().headed, default=0))
    return unit.language if unit else viewer().language


def _row(template_id: int) -> TextTemplate:
    with reading() as session:
        row = session.get(TextTemplate, template_id)
    if row is None or not may_word(viewer(), row.unit_id):
        raise NotFoundError("There is no such text.")
    return row


def _keep(row: TextTemplate | None) -> Response | Answer:
    form = request.form
    wording = Wording(
        form.get("unit", type=row_id),
        form.get("language", ""),
        form.get("name", ""),
        form.get("body", "").replace("\r\n", "\n"),
    )
    try:
        flow.save(system(), viewer(), wording, template_id=row.id if row else None)
    except InvalidInputError as error:
        return _form(row, form, error.fields), 422
    return redirect(url_for("templates.index"), 303)  # type: ignore[return-value]


def _form(row: TextTemplate | None, typed: Mapping[str, str], faults: Mapping[str, str] | None = None) -> str:
    said = spoken(faults)
    return render_template("desk/template.html", row=row, typed=typed, faults=said)

"""The card of a citizen, and what people do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError
from app.flows import citizen, protect, unite
from app.flows.contacts import Identity
from app.screens.access import ProtectedIdentityError
from app.screens.citizen import find_citizen, read_citizen, survivor_of
from app.web.auth import local_address
from app.web.context import end_reading, login_id, reading, system, viewer
from app.web.desk.protected import protected_page
from app.web.desk.surroundings import directory
from app.web.language import spoken
from app.web.row_ids import row_id

citizens = Blueprint("citizens", __name__, url_prefix="/desk/people/<int:person_id>")
Answer = tuple[str, int]
IDENTITY = ("email", "phone", "postal")


@citizens.get("")
def show(person_id: int) -> Response | Answer:
    """The card; of a duplicate, that of the person it turned out to be."""
    with reading() as session:
        survivor = survivor_of(session, person_id)
    if survivor != person_id:
        return redirect(url_for("citizens.show", person_id=survivor), 303)
    return _page(person_id)


@citizens.post("/describe")
def describe(person_id: int) -> Response | Answer:
    """Name and language."""
    name, language = request.form.get("name", ""), request.form.get("language", "")
    return _done(
        person_id, "describe", lambda: citizen.describe(system(), viewer(), person_id, name=name, language=language)
    )


@citizens.post("/contacts")
def add_contact(person_id: int) -> Response | Answer:
    """A further address or number."""
    told = Identity(**{name: request.form.get(name, "") for name in IDENTITY})
    return _done(
        person_id, "contact", lambda: citizen.add_contact(system(), viewer(), person_id, told, region=_region())
    )


@citizens.post("/contacts/<int:contact_id>/remove")
def remove_contact(person_id: int, contact_id: int) -> Response | Answer:
    """An address or number that is not theirs."""
    return _done(person_id, "contact", lambda: citizen.remove_contact(system(), viewer(), person_id, contact_id))


@citizens.post("/merge")
def merge(person_id: int) -> Response | Answer:
    """Somebody else is the same citizen: by a ticket number, address or number of theirs."""
    reason = request.form.get("reason", "")

    def act() -> None:
        with reading() as session:
            other = find_citizen(session, viewer(), request.form.get("other", ""), region=_region())
        unite.unite(system(), viewer(), person_id, duplicate_id=other, reason=reason)

    return _done(person_id, "merge", act)


@citizens.post("/merges/<int:merge_id>/undo")
def part(person_id: int, merge_id: int) -> Response | Answer:
    """They are two people after all."""
    return _done(person_id, "merge", lambda: unite.undo(system(), viewer(), merge_id))


@citizens.post("/protect")
def mark(person_id: int) -> Response | Answer:
    """The identity is protected from now on, or no longer with an empty kind."""
    kind, reason = request.form.get("kind", ""), request.form.get("reason", "")
    if kind == "none":
        return _done(person_id, "protect", lambda: protect.unprotect(system(), viewer(), person_id, reason=reason))
    return _done(person_id, "protect", lambda: protect.protect(system(), viewer(), person_id, kind=kind, reason=reason))


@citizens.post("/open")
def open_protected(person_id: int) -> Response | Answer:
    """A named person says why they must see the citizen, and goes where they wanted to."""
    back = local_address(request.form.get("back", "")) or url_for("citizens.show", person_id=person_id)
    reason = request.form.get("reason", "")
    try:
        protect.open_protected(system(), viewer(), person_id, reason=reason, login_id=login_id())
    except InvalidInputError as error:
        return protected_page(person_id, back=back, faults=error.fields)
    return redirect(back, 303)


def _done(person_id: int, form: str, act: Callable[[], object]) -> Response | Answer:
    """Do it and come back to the card; what cannot be done is told there, with everything that was typed."""
    try:
        act()
    except InvalidInputError as error:
        return _page(person_id, form=form, faults=error.fields, status=422)
    except ConflictError as error:
        return _page(person_id, form=form, faults={"": str(error)}, status=409)
    except ProtectedIdentityError as error:
        return protected_page(error.person_id, back=url_for("citizens.show", person_id=person_id))
    return redirect(url_for("citizens.show", person_id=person_id), 303)


def _page(person_id: int, *, form: str = "", faults: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    try:
        with reading() as session:
            card = read_citizen(session, viewer(), person_id, after=request.args.get("after", type=row_id))
    except ProtectedIdentityError as error:
        return protected_page(error.person_id, back=request.full_path.rstrip("?"))
    end_reading()
    protect.note_look(system(), viewer(), card.person)
    said = spoken(faults)
    typed = request.form if form else {}
    return render_template("desk/citizen.html", card=card, form=form, faults=said, typed=typed), status


def _region() -> str:
    """The country of numbers that are typed without one."""
    return directory().region_of(viewer().units) or system().settings.phone_region

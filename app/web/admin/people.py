"""People: who works here, in which units, and what becomes of the tickets of who leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Role, User
from app.core.errors import ConflictError, InvalidInputError
from app.flows import access_links, handover
from app.flows import people as flow
from app.flows.administer import digest
from app.flows.people import PersonFacts
from app.screens.staff import read_member, read_staff
from app.web.admin.forms import differing, shown_digest
from app.web.admin.overview import demand_admin
from app.web.context import reading, system, viewer
from app.web.desk.words_for_lists import all_units
from app.web.language import spoken
from app.web.row_ids import number_of

people = Blueprint("people", __name__, url_prefix="/desk/admin/people")
Answer = Response | str | tuple[str, int]
NOBODY = "nobody"


@people.get("/")
def index() -> str:
    """Everybody."""
    demand_admin()
    with reading() as session:
        return render_template("admin/people.html", rows=read_staff(session))


@people.get("/new")
def new() -> Answer:
    """An empty form."""
    demand_admin()
    return _form({"language": viewer().language})


@people.post("/new")
def invite() -> Answer:
    """Add a person and send the invitation."""
    demand_admin()
    try:
        user_id = flow.invite(system(), viewer(), _typed())
    except InvalidInputError as error:
        return _form(request.form, error.fields), 422
    return redirect(url_for("people.show", user_id=user_id), 303)


@people.get("/<int:user_id>")
def show(user_id: int) -> Answer:
    """A person."""
    demand_admin()
    return _page(user_id)


@people.post("/<int:user_id>")
def change(user_id: int) -> Answer:
    """Change a person, their units and roles."""
    return _done(
        user_id, "person", lambda: flow.change(system(), viewer(), user_id, _typed(), seen=request.form.get("seen"))
    )


@people.post("/<int:user_id>/link")
def send_link(user_id: int) -> Answer:
    """Send an invitation once more, or a link for a new password."""
    return _done(user_id, "link", lambda: access_links.send_link(system(), viewer(), user_id))


@people.post("/<int:user_id>/account")
def account(user_id: int) -> Answer:
    """Close the account, or with `open` open it again."""
    act = flow.come_back if "open" in request.form else flow.leave
    return _done(user_id, "account", lambda: act(system(), viewer(), user_id))


@people.post("/<int:user_id>/factors")
def forget_factors(user_id: int) -> Answer:
    """Take the second factor, passkeys and outside identity from a person who lost them."""
    return _done(user_id, "factors", lambda: flow.forget_factors(system(), viewer(), user_id))


@people.post("/<int:user_id>/tickets")
def hand_over(user_id: int) -> Answer:
    """Give the person's open tickets to colleagues, or back to their units."""
    return _done(user_id, "unit", lambda: handover.hand_over(system(), viewer(), user_id, _receivers()))


def _done(user_id: int, form: str, act: Callable[[], object]) -> Answer:
    demand_admin()
    try:
        act()
    except InvalidInputError as error:
        return _page(user_id, form=form, faults=error.fields), 422
    except ConflictError as error:
        return _page(user_id, form=form, faults={"": str(error)}, is_conflict=True), 409
    return redirect(url_for("people.show", user_id=user_id), 303)


def _typed() -> PersonFacts:
    form = request.form
    places = {unit_id: form.get(f"unit-{unit_id}", "") for unit_id, _ in all_units()}
    return PersonFacts(
        name=form.get("name", ""),
        email=form.get("email", ""),
        language=form.get("language", ""),
        extension=form.get("extension", ""),
        is_admin="is_admin" in form,
        sees_protected="sees_protected" in form,
        places={unit_id: role for unit_id, role in places.items() if role},
    )


def _receivers() -> dict[int, int | None]:
    """Unit to receiver, of the units for which one was chosen."""
    found: dict[int, int | None] = {}
    for name, chosen in request.form.items():
        prefix, _, number = name.partition("-")
        unit_id = number_of(number)
        if prefix == "unit" and chosen and unit_id is not None:
            found[unit_id] = None if chosen == NOBODY else number_of(chosen) or 0
    return found


def _form(typed: Mapping[str, Any], faults: Mapping[str, str] | None = None) -> str:
    said = spoken(faults)
    return render_template("admin/person_new.html", typed=typed, faults=said, roles=list(Role))


def _page(user_id: int, *, form: str = "", faults: Mapping[str, str] | None = None, is_conflict: bool = False) -> str:
    said = spoken(faults)
    with reading() as session:
        member = read_member(session, user_id)
        kept = _kept(member.user)
        typed: Mapping[str, Any] = request.form if form == "person" else kept
        seen = shown_digest(digest(flow.facts_of(member.user)), is_conflict=is_conflict)
        values = {"form": form, "typed": typed, "faults": said, "roles": list(Role), "nobody": NOBODY, "seen": seen}
        values["now"] = differing(typed, kept) if is_conflict else {}
        return render_template("admin/person.html", member=member, **values)


def _kept(user: User) -> dict[str, Any]:
    places = {f"unit-{unit_id}": "" for unit_id, _ in all_units()}
    places |= {f"unit-{place.unit_id}": place.role for place in user.memberships}
    flags = {name: "1" if getattr(user, name) else "" for name in ("is_admin", "sees_protected")}
    plain = {"name": user.name, "email": user.email, "language": user.language, "extension": user.extension or ""}
    return {**plain, **places, **flags}

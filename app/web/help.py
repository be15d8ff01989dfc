"""Help, and what is done so that everybody can use the desk: open to anybody, at the same place of every page."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from app.screens.authority import administrators, authority_name
from app.web.context import is_logged_in, language, reading
from app.web.desk.surroundings import directory

help_pages = Blueprint("help", __name__, url_prefix="/help")


@help_pages.get("/")
def index() -> str:
    """How the desk works, and who helps: their names are for those who work here."""
    is_inside = _is_inside()
    with reading() as session:
        helpers = administrators(session) if is_inside else []
    return render_template("help/index.html", is_inside=is_inside, helpers=helpers)


@help_pages.get("/accessibility")
def accessibility() -> str:
    """What the desk meets, how that is checked, what it does not meet, and whom to tell."""
    with reading() as session:
        authority = authority_name(session, language())
    mailbox = next((unit.mailbox for unit in directory().units.values() if unit.closed_at is None), "")
    return render_template("help/accessibility.html", is_inside=_is_inside(), authority=authority, mailbox=mailbox)


def _is_inside() -> bool:
    """Whether the page has the desk's frame around it."""
    return is_logged_in() and not g.must_set_up

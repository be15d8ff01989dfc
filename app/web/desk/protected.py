"""The page in place of anything that tells who a citizen of protected identity is."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request

from app.screens.directory import named_for_protected
from app.web.context import reading, viewer
from app.web.language import spoken

Page = tuple[str, int]


def protected_page(person_id: int, *, back: str, faults: Mapping[str, str] | None = None) -> Page:
    """A named person is asked for a reason; anybody else is told whom to ask. `back` is where they wanted to go."""
    with reading() as session:
        named = named_for_protected(session, viewer().units)
    said = spoken(faults)
    values = {"person_id": person_id, "back": back, "named": named, "faults": said, "typed": request.form}
    return render_template("desk/protected.html", **values), 422 if said else 403

"""The page that asks an administrator why a ticket must be read."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request

from app.screens.access import exists_for_administrator
from app.web.context import reading, viewer
from app.web.language import spoken


def reason_page(reference: str, *, faults: Mapping[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    """The form, empty or with what was typed. Raises NotFoundError unless an administrator asks for a real ticket."""
    with reading() as session:
        exists_for_administrator(session, viewer(), reference)
    said = spoken(faults)
    return render_template("desk/reason.html", reference=reference, faults=said, typed=request.form), status

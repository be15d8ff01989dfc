"""Suggested articles: as plain text for the composer, and in full."""

from __future__ import annotations

from flask import Blueprint, Response

from app.screens.offers import offered_text
from app.web.context import reading, viewer

suggestions = Blueprint("suggestions", __name__, url_prefix="/desk/tickets/<reference>/suggestions")


@suggestions.get("/<int:suggestion_id>")
def text(reference: str, suggestion_id: int) -> Response:
    """The article as the composer takes it."""
    with reading() as session:
        body = offered_text(session, viewer(), reference, suggestion_id)
    return Response(body, content_type="text/plain; charset=utf-8")

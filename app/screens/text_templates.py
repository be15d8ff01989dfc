"""A text template filled in for a ticket."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.articles.templates import TextTemplate
from app.core.errors import NotFoundError
from app.people.models import Person
from app.screens.access import readable
from app.texts.figures import reference as shown_reference
from app.texts.places import filled_places


def filled_text(session: Session, viewer: Viewer, reference: str, template_id: int) -> str:
    """The text for an answer on this ticket. Raises NotFoundError for a text that its unit does not use."""
    ticket = readable(session, viewer, reference)
    template = session.get(TextTemplate, template_id)
    if template is None or template.is_retired or template.unit_id not in {None, ticket.unit_id}:
        raise NotFoundError("There is no such text.")
    person = session.get(Person, ticket.person_id) if ticket.person_id else None
    values = {
        "citizen": person.name if person else "",
        "reference": shown_reference(ticket.reference),
        "agent": viewer.name,
        "unit": session.get_one(Unit, ticket.unit_id).name(template.language),
    }
    return filled_places(template.body, values)

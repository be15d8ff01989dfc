"""Texts that a unit's agents put into their answers, with places that are filled in from the ticket."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, rows
from app.core.errors import InvalidInputError
from app.texts.catalogue import N_
from app.texts.places import unknown_places

PLACES = ("citizen", "reference", "agent", "unit")
"""what `{…}` may stand in a text: the citizen's name, the ticket's number, the agent's name, the unit's name"""
LONGEST = 20_000


class TextTemplate(Base):
    """A text in one language, of one unit or of all (`unit_id` None). A retired one is offered no more."""

    __tablename__ = "text_template"
    __table_args__ = (Index("ix_text_template_unit_id_language", "unit_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    language: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    is_retired: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]


def check(name: str, body: str) -> None:
    """Raise InvalidInputError for an empty name or text, and for a place that nothing fills."""
    faults = {}
    if not name.strip():
        faults["name"] = N_("Give the text a name.")
    if not body.strip():
        faults["body"] = N_("Write the text.")
    elif len(body) > LONGEST:
        faults["body"] = N_("The text is too long: at most 20,000 characters.")
    elif unknown_places(body, PLACES):
        faults["body"] = N_("Only {citizen}, {reference}, {agent} and {unit} can be filled in.")
    if faults:
        raise InvalidInputError(faults)


def offered(session: Session, unit_id: int, language: str) -> list[tuple[int, str]]:
    """Id and name of the texts that answers of a unit in a language may use, the unit's own first. One query."""
    return [(row.id, row.name) for row in rows(session, _OFFERED, {"unit_id": unit_id, "language": language})]


_OFFERED = (
    select(TextTemplate.id, TextTemplate.name)
    .where(or_(TextTemplate.unit_id == bindparam("unit_id"), TextTemplate.unit_id.is_(None)))
    .where(TextTemplate.language == bindparam("language"), TextTemplate.is_retired.is_(False))
    .order_by(TextTemplate.unit_id.is_(None), TextTemplate.name, TextTemplate.id)
)


def listed(session: Session, units: Collection[int] | None) -> list[TextTemplate]:
    """The texts of these units and those of all, in use first; of every unit with None."""
    query = select(TextTemplate)
    if units is not None:
        query = query.where(or_(TextTemplate.unit_id.in_(sorted(units)), TextTemplate.unit_id.is_(None)))
    order = (TextTemplate.is_retired, TextTemplate.unit_id, TextTemplate.language, TextTemplate.name)
    return list(session.scalars(query.order_by(*order)))

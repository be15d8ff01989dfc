"""Unit heads keep the texts that their agents answer with, and how answers are signed; administrators those of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts import audit, policy
from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.articles import templates
from app.articles.templates import TextTemplate
from app.core import clock
from app.core.errors import ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.texts.catalogue import N_, SUPPORTED
from app.texts.places import SIGNATURE_PLACES, unknown_places

LONGEST_SIGNATURE = 600
MOST_LINES = 8


@dataclass(frozen=True)
class Wording:
    """A text as it is typed; `unit_id` None = for all units."""

    unit_id: int | None
    language: str
    name: str
    body: str


def save(system: System, viewer: Viewer, wording: Wording, *, template_id: int | None = None) -> int:
    """Keep a new text, or change one; its id. Audited.

    Raises InvalidInputError naming each faulty field, ForbiddenError for a unit that is not the viewer's to speak for.
    """
    templates.check(wording.name, wording.body)
    if wording.language not in SUPPORTED:
        raise InvalidInputError({"language": "Choose one of the languages."})
    with system.db.begin() as session:
        row = _own(session, viewer, template_id) if template_id is not None else TextTemplate(changed_at=clock.now())
        _demand_own(viewer, wording.unit_id)
        if wording.unit_id is not None and session.get(Unit, wording.unit_id) is None:
            raise InvalidInputError({"unit": "Choose a unit."})
        row.unit_id, row.language = wording.unit_id, wording.language
        row.name, row.body = wording.name.strip()[:120], wording.body.strip()
        row.changed_at = clock.now()
        session.add(row)
        session.flush()
        _note(session, viewer, "template_saved", row)
        return row.id


def retire(system: System, viewer: Viewer, template_id: int, *, is_retired: bool) -> None:
    """The text is offered no more, or again. Audited. Raises NotFoundError, ForbiddenError."""
    with system.db.begin() as session:
        row = _own(session, viewer, template_id)
        row.is_retired, row.changed_at = is_retired, clock.now()
        _note(session, viewer, "template_retired" if is_retired else "template_offered", row)


def sign(system: System, viewer: Viewer, unit_id: int, signatures: Mapping[str, str]) -> None:
    """How a unit's answers are signed, by language; "" = in the usual way. Audited.

    Raises InvalidInputError naming each faulty language, ForbiddenError.
    """
    kept = {tag: signatures.get(tag, "").strip() for tag in SUPPORTED}
    faults = {tag: fault for tag, text in kept.items() if (fault := _fault(text))}
    if faults:
        raise InvalidInputError(faults)
    _demand_own(viewer, unit_id)
    with system.db.begin() as session:
        session.get_one(Unit, unit_id).signatures = {tag: text for tag, text in kept.items() if text}
        audit.note(session, "signature_saved", at=clock.now(), user_id=viewer.user_id, unit=unit_id)


def _fault(signature: str) -> str:
    if len(signature) > LONGEST_SIGNATURE or len(signature.splitlines()) > MOST_LINES:
        return N_("A signature has at most 8 lines and 600 characters.")
    if unknown_places(signature, SIGNATURE_PLACES):
        return N_("Only {agent}, {unit} and {authority} can be filled in.")
    return ""


def _own(session: Session, viewer: Viewer, template_id: int) -> TextTemplate:
    row = session.get(TextTemplate, template_id)
    if row is None:
        raise NotFoundError("There is no such text.")
    _demand_own(viewer, row.unit_id)
    return row


def _demand_own(viewer: Viewer, unit_id: int | None) -> None:
    if not policy.may_word(viewer, unit_id):
        raise ForbiddenError("Only the unit's head can change its texts, and administrators those of all units.")


def _note(session: Session, viewer: Viewer, action: str, row: TextTemplate) -> None:
    audit.note(session, action, at=clock.now(), user_id=viewer.user_id, template=row.id, unit=row.unit_id)

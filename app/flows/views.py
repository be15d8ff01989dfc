"""A person keeps a filter as a view: their own, a unit's as its head, everybody's as administrator."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import User
from app.accounts.policy import Viewer, may_word
from app.core import clock
from app.core.errors import ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.screens.ticket_filter import TicketFilter
from app.texts.catalogue import N_
from app.tickets.views import SavedView

OWN = "own"
"""whose a view is; else the number of a unit, or any other word for everybody"""
LONGEST = 60
MOST = 30


def keep(system: System, viewer: Viewer, name: str, params: Mapping[str, str], *, whose: str) -> int:
    """The new view's id. Raises InvalidInputError for a name or filter that cannot be used, ForbiddenError."""
    wanted, said = TicketFilter.parse(params).params(), " ".join(name.split())
    if not said or len(said) > LONGEST:
        raise InvalidInputError({"name": N_("Give the view a name of at most 60 characters.")})
    unit_id = int(whose) if whose.isascii() and whose.isdigit() and len(whose) < 10 else None
    if whose != OWN and not may_word(viewer, unit_id):
        raise ForbiddenError("Only the unit's head keeps its views, and administrators those of everybody.")
    user_id = viewer.user_id if whose == OWN else None
    with system.db.begin() as session:
        if _count(session, user_id, unit_id) >= MOST:
            raise InvalidInputError({"name": N_("There are 30 views already: remove one first.")})
        view = SavedView(user_id=user_id, unit_id=unit_id, name=said, params=wanted)
        session.add(view)
        session.flush()
        audit.note(session, "view_kept", at=clock.now(), user_id=viewer.user_id, view=view.id, whose=whose)
        return view.id


def remove(system: System, viewer: Viewer, view_id: int) -> None:
    """The view is no more; its tickets stay. Raises NotFoundError for one that is not the viewer's to remove."""
    with system.db.begin() as session:
        view = session.get(SavedView, view_id)
        if view is None or not may_keep(viewer, view):
            raise NotFoundError("There is no such view.")
        session.delete(view)
        session.execute(update(User).where(User.starts_with == str(view_id)).values(starts_with=""))
        audit.note(session, "view_removed", at=clock.now(), user_id=viewer.user_id, view=view_id)


def may_keep(viewer: Viewer, view: SavedView) -> bool:
    """Whether the person may remove the view."""
    if view.user_id is not None:
        return view.user_id == viewer.user_id
    return may_word(viewer, view.unit_id)


def _count(session: Session, user_id: int | None, unit_id: int | None) -> int:
    same = (SavedView.user_id.is_not_distinct_from(user_id), SavedView.unit_id.is_not_distinct_from(unit_id))
    return session.scalar(select(func.count()).select_from(SavedView).where(*same)) or 0

"""Where the desk opens for a person: all tickets of their units, their own ones, or a kept view."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.policy import Viewer
from app.tickets.views import SavedView, visible

ALL, MINE = "", "mine"


def chosen_start(session: Session, viewer: Viewer) -> str:
    """`ALL`, `MINE`, or the number of a kept view."""
    return session.scalars(select(User.starts_with).where(User.id == viewer.user_id)).one()


def start_choices(session: Session, viewer: Viewer) -> list[SavedView]:
    """The views that the person can choose."""
    return visible(session, viewer.user_id, viewer.units)


def start_params(session: Session, viewer: Viewer) -> dict[str, Any]:
    """The chosen list as the address of it holds it; all tickets where the view is no more, or no longer theirs."""
    chosen = chosen_start(session, viewer)
    if chosen == MINE:
        return {"who": "mine"}
    theirs = {str(view.id): view.params for view in start_choices(session, viewer)} if chosen else {}
    return dict(theirs.get(chosen, {}))

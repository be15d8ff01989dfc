"""How many tickets each of the kept views holds, beside its name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.screens.ticket_filter import TicketFilter, conditions, seen_at
from app.tickets.models import Ticket
from app.tickets.views import SavedView

MOST = 100
"""no more are counted: "99+" says as much, and costs the same however many there are"""


def count_views(session: Session, views: Iterable[SavedView], viewer: Viewer, *, now: datetime) -> dict[int, int]:
    """View to number, at most `MOST`, of the views of open tickets; one query for all of them."""
    wanted = {view.id: TicketFilter.parse(view.params) for view in views}
    counted = {view_id: _count(session, view, viewer) for view_id, view in wanted.items() if not view.by_change}
    if not counted:
        return {}
    return dict(zip(counted, session.execute(select(*counted.values()), seen_at(now)).one(), strict=True))


def _count(session: Session, wanted: TicketFilter, viewer: Viewer) -> ScalarSelect[int]:
    found = select(Ticket.id).where(*conditions(session, wanted, viewer)).limit(MOST).subquery()
    return select(func.count()).select_from(found).scalar_subquery()

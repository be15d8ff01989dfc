"""What every administrative use-case asks first."""

from __future__ import annotations

from app.accounts.policy import Viewer, may_run
from app.core.errors import ForbiddenError
from app.texts.catalogue import N_


def demand_administrator(viewer: Viewer) -> None:
    """Raise ForbiddenError for anybody but an administrator."""
    if not viewer.is_admin:
        raise ForbiddenError(N_("Only administrators may do this."))


def demand_runner(viewer: Viewer, unit_id: int) -> None:
    """Raise ForbiddenError for anybody but an administrator or the unit's head."""
    if not may_run(viewer, unit_id):
        raise ForbiddenError(N_("Only the unit's head and administrators may do this."))
